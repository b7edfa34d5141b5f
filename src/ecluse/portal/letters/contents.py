"""What stands in each place of a letter: the permit's content, what was not given, what is not met.

Reads rows, writes nothing. Everything is in the language of now.
"""

from collections.abc import Iterable, Iterator
from datetime import date

from django.utils.translation import gettext as _

from ecluse.domain import documents
from ecluse.domain.answers import read_day
from ecluse.domain.documents import DataFormat, DatasetScope, TableScope
from ecluse.domain.notifications import GIVES_PERMIT
from ecluse.portal.applications import labels, precisions, scope
from ecluse.portal.applications.models import Application
from ecluse.portal.cases.letters import CUTS, Block, BlockKind, Parts, day_in_words
from ecluse.portal.cases.models import ActRow, CaseRecord, ClockRow, Dispatch
from ecluse.portal.permits.models import PermitRecord

CENTS = 100
WITH_CRITERIA = frozenset({"refusal", "answer-offered"})
DUE_RULES = {
    "incomplete-file": "completion",
    "supplement": "supplement",
    "permit-conditions": "conditions-answer",
    "request-approved": "request-answer",
    "expiry": "deletion",
    "revocation": "deletion",
}
"""Whose due day a letter says, where it is not the last one of its own object."""


def permit_of(dispatch: Dispatch, act: ActRow) -> PermitRecord | None:
    """The permit that a letter gives, as it was signed; None for every other letter."""
    if dispatch.name not in GIVES_PERMIT:
        return None
    found = PermitRecord.objects.filter(item__case=dispatch.case, granted_at__lte=act.at)
    return found.select_related("item").order_by("granted_at", "pk").last()


def due_on_of(dispatch: Dispatch, act: ActRow) -> date | None:
    """The due day that a letter says: of its rule, else the first of the object of its act."""
    rule = DUE_RULES.get(dispatch.name)
    rows = ClockRow.objects.filter(due_on__isnull=False)
    if rule is not None:
        last = rows.filter(item__case=dispatch.case, rule=rule).order_by("started_on", "pk").last()
        return last.due_on if last else None
    running = rows.filter(item=act.item, completed_on=None, voided_on=None)
    first = running.order_by("due_on").first()
    return first.due_on if first else None


def parts_of(name: str, case: CaseRecord, permit: PermitRecord | None) -> Parts:
    """What fills the places of that letter."""
    application = Application.objects.filter(item__case=case).first()
    parts: dict[str, tuple[Block, ...]] = {}
    if permit is not None:
        terms = permit.terms()
        parts["permit"] = tuple(_permit(terms))
        parts[CUTS] = tuple(_cuts(terms, application)) if application and name == "permit" else ()
    if name in WITH_CRITERIA and application is not None:
        parts["criteria"] = tuple(_criteria(application))
    return parts


def unmet_of(case: CaseRecord, name: str) -> tuple[documents.UnmetCriterion, ...]:
    """The conditions that a letter says were not met."""
    application = Application.objects.filter(item__case=case).first()
    if name not in WITH_CRITERIA or application is None:
        return ()
    return tuple(
        documents.UnmetCriterion(outcome.criterion.value, outcome.reason)
        for outcome in application.outcomes()
        if not outcome.is_met
    )


def _criteria(application: Application) -> Iterator[Block]:
    unmet = [outcome for outcome in application.outcomes() if not outcome.is_met]
    if unmet:
        yield _heading(_("Conditions de l’article 68(1) qui ne sont pas remplies"))
        lines = (
            _("%(point)s) %(condition)s : %(reason)s")
            % {
                "point": outcome.criterion.value,
                "condition": labels.CRITERIA[outcome.criterion],
                "reason": outcome.reason,
            }
            for outcome in unmet
        )
        yield Block(BlockKind.POINTS, tuple(lines))


def _permit(terms: documents.Permit) -> Iterator[Block]:
    yield _heading(_("Autorisation %(number)s") % {"number": terms.permit_number})
    pairs = tuple(_pairs(terms))
    names, values = tuple(name for name, _value in pairs), tuple(value for _name, value in pairs)
    yield Block(BlockKind.TERMS, names, values)
    for given in terms.datasets:
        yield _heading(_dataset(given))
        tables = tuple(table.table for table in given.tables)
        yield Block(BlockKind.TERMS, tables, tuple(map(precisions.columns, given.tables)))
    yield _heading(_("Personnes autorisées"))
    yield Block(BlockKind.POINTS, tuple(_person(person) for person in terms.persons))
    yield from _fees(terms)
    if terms.conditions:
        yield _heading(_("Conditions particulières"))
        yield Block(BlockKind.NUMBERED, terms.conditions, is_french=True)


def _pairs(terms: documents.Permit) -> Iterator[tuple[str, str]]:
    yield _("Organisme"), terms.organisation
    purposes = (str(labels.PURPOSES.get(letter, letter)) for letter in terms.purposes)
    yield _("Finalités"), ", ".join(purposes)
    yield _("Projet"), terms.purpose_text
    yield (
        _("Durée"),
        _("du %(first)s au %(last)s")
        % {"first": day_in_words(terms.valid_from), "last": day_in_words(terms.valid_until)},
    )
    is_pseudonymised = terms.data_format is DataFormat.PSEUDONYMISED
    yield _("Format des données"), _("Pseudonymisées") if is_pseudonymised else _("Anonymisées")
    yield _("Effectif minimal d’une case publiée"), str(terms.minimum_count)
    opted_out = _("exclues de toute extraction (art. 71)")
    if terms.applies_opt_out_exception:
        opted_out = terms.opt_out_exception_reason or ""
    yield _("Personnes opposées"), opted_out
    yield _("Environnement"), terms.environment
    if terms.together_reason:
        yield _("Informations données ensemble"), terms.together_reason


def _dataset(given: DatasetScope) -> str:
    return _("Données : %(dataset)s, soins du %(first)s au %(last)s") % {
        "dataset": given.dataset,
        "first": day_in_words(given.care_from),
        "last": day_in_words(given.care_to),
    }


def _person(person: documents.AuthorisedPerson) -> str:
    if person.is_principal_investigator:
        return _("%(person)s, investigateur principal") % {"person": person.name}
    return person.name


def _fees(terms: documents.Permit) -> Iterator[Block]:
    if terms.fees:
        yield _heading(_("Redevances, hors taxe"))
        amounts = tuple(_euros(line.amount_cents) for line in terms.fees)
        yield Block(BlockKind.TERMS, tuple(line.label for line in terms.fees), amounts)


def _euros(cents: int) -> str:
    euros, rest = divmod(cents, CENTS)
    return f"{euros},{rest:02} €"


def _cuts(terms: documents.Permit, application: Application) -> Iterator[Block]:
    """Yield what was asked and is not given: a partial refusal says so, and on which ground."""
    submission = application.last_submission()
    answers = submission.answers if submission else {}
    asked = scope.read_tables(answers.get("tables"))
    given = [table for dataset in terms.datasets for table in dataset.tables]
    lines = [*_tables_cut(asked, given)]
    first, last = read_day(answers.get("care_from")), read_day(answers.get("care_to"))
    if first and last and _is_shorter(terms, first, last):
        lines.append(
            _("les soins hors de la période accordée (demandés : du %(first)s au %(last)s)")
            % {"first": day_in_words(first), "last": day_in_words(last)}
        )
    asked_format = answers.get("data_format")
    if terms.data_format is DataFormat.ANONYMISED and asked_format == DataFormat.PSEUDONYMISED:
        lines.append(_("des données pseudonymisées : elles sont données anonymisées"))
    lines += _persons_cut(terms, application)
    if lines:
        yield _heading(_("Ce qui était demandé et n’est pas accordé"))
        yield Block(BlockKind.POINTS, tuple(lines))
        yield Block(BlockKind.PARAGRAPH, (_minimisation(),))


def _is_shorter(terms: documents.Permit, first: date, last: date) -> bool:
    return any(one.care_from > first or one.care_to < last for one in terms.datasets)


def _minimisation() -> str:
    return _(
        "Ne sont données que les données adéquates, pertinentes et limitées à ce que la finalité"
        " exige (articles 66(1) et 68(1)(b)). Sur ces points, la demande est refusée."
    )


def _tables_cut(asked: Iterable[TableScope], given: Iterable[TableScope]) -> Iterator[str]:
    kept = {table.table: table for table in given}
    for table in asked:
        known = kept.get(table.table)
        missing = [name for name in table.columns if known is None or name not in known.columns]
        if known is None:
            yield _("la table %(table)s") % {"table": table.table}
        elif missing:
            yield _("dans la table %(table)s : %(columns)s") % {
                "table": table.table,
                "columns": ", ".join(missing),
            }
        less = [one for one in (known.coarsened if known else ()) if one not in table.coarsened]
        if less:
            yield _("la précision demandée, dans la table %(table)s : %(columns)s") % {
                "table": table.table,
                "columns": precisions.coarsened(less),
            }


def _persons_cut(terms: documents.Permit, application: Application) -> list[str]:
    named = {person.subject for person in terms.persons}
    left_out = application.persons.exclude(subject__in=named).order_by("name")
    return [_("l’accès de %(person)s") % {"person": person.name} for person in left_out]


def _heading(text: str) -> Block:
    return Block(BlockKind.HEADING, (text,))
