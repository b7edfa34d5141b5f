"""What an applicant sent and everybody may read, out of all that the form asked.

Nothing else of the answers goes further than this module, and none of the names that it collects is
published: they are what texts are cleaned of.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from ecluse.domain.codec import JSON
from ecluse.portal.accounts.models import User
from ecluse.portal.applications.models import Application
from ecluse.portal.applications.pinned import answer_text
from ecluse.portal.cases.models import CaseRecord
from ecluse.portal.register.redaction import plain, without_persons
from ecluse.portal.requests.models import DataRequest

PERSONAL: Final = (
    *("project_leader", "contact_name", "contact_email", "contact_phone", "responsible_name"),
    *("payer_name", "payer_email", "payer_phone"),
)
"""The answers that name somebody and could be repeated in a free text."""


@dataclass(frozen=True, slots=True)
class Asked:
    """What may be read by all, as it was sent last; `names` is what must not be."""

    title: str = ""
    organisation: str = ""
    domicile: str = ""
    summary: str = ""
    purposes: tuple[str, ...] = ()
    data_format: str = ""
    datasets: tuple[str, ...] = ()
    names: frozenset[str] = frozenset()
    is_natural_person: bool = False


@dataclass(frozen=True, slots=True)
class _Sent:
    """What was submitted last, of either kind of file, and whom the file names."""

    answers: Mapping[str, JSON]
    dataset: str
    applicant: User
    persons: tuple[str, ...]


def asked_of(case: CaseRecord) -> Asked:
    """What is public of what was asked; nothing before a submission.

    What is being corrected since is not public. A summary that is withheld is left out, and a
    natural person is not named as an organisation.
    """
    sent = _sent(case)
    if sent is None:
        return Asked()
    answers, names = sent.answers, _names(case, sent)
    is_natural = answers.get("person_form") == "natural"
    is_withheld = answers.get("summary_withheld") is True
    organisation = without_persons(answer_text(answers, "organisation"), names)
    summary = without_persons(answer_text(answers, "lay_summary"), names)
    return Asked(
        title=without_persons(answer_text(answers, "title"), names),
        organisation="" if is_natural else organisation,
        domicile=plain(answer_text(answers, "domicile")),
        summary="" if is_withheld else summary,
        purposes=_letters(answers.get("purposes")),
        data_format=plain(answer_text(answers, "data_format")),
        datasets=(sent.dataset,),
        names=names,
        is_natural_person=is_natural,
    )


def _sent(case: CaseRecord) -> _Sent | None:
    application = Application.objects.filter(item__case=case).select_related("dataset").first()
    if application is not None:
        last = application.last_submission()
        persons = application.persons.values_list("name", "subject")
        named = tuple(text for pair in persons for text in pair)
        slug, applicant = application.dataset.slug, application.applicant
        return _Sent(last.answers, slug, applicant, named) if last else None
    request = DataRequest.objects.filter(item__case=case).select_related("dataset").first()
    sent = request.last_submission() if request else None
    if request is None or sent is None:
        return None
    return _Sent(sent.answers, request.dataset.slug, request.applicant, ())


def _letters(answer: object) -> tuple[str, ...]:
    """The letters of a choice; anything else that was typed is no purpose."""
    chosen = answer if isinstance(answer, list) else []
    return tuple(sorted({one for one in chosen if isinstance(one, str) and len(one) == 1}))


def _names(case: CaseRecord, sent: _Sent) -> frozenset[str]:
    """How the persons of a file are called, wherever it says so."""
    found = {sent.applicant.full_name, sent.applicant.email, *sent.persons}
    found |= {text for field in PERSONAL if (text := answer_text(sent.answers, field))}
    found |= set(case.parties.values_list("subject", flat=True))
    found |= set(_listed(sent.answers.get("persons")))
    # Who pays is often the organisation itself, which is public.
    found.discard(answer_text(sent.answers, "organisation"))
    return frozenset(name.strip() for name in found if name.strip())


def _listed(persons: object) -> Iterator[str]:
    for one in persons if isinstance(persons, list) else []:
        yield from (answer_text(one, "name"), answer_text(one, "subject"))
