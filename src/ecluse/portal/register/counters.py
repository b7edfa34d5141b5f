"""The biennial activity report, figure by figure: each function gives one point of EHDS art. 59(1).

Figures are read from what was counted as it happened (`facts`), over two calendar years. What no
file can tell is stated by the hub, and marked so.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field

from django.db.models import Count, Sum
from django.utils.functional import Promise
from django.utils.translation import gettext as _

from ecluse.domain.parameters import ACTIVITY_REPORT_YEARS
from ecluse.portal.register import facts, labels
from ecluse.portal.register.models import Counted

COUNT, EURO, DAYS = "count", "euro", "days"
CENTS = 100
Labels = Mapping[str, str | Promise] | Callable[[str], str]


@dataclass(frozen=True, slots=True)
class Figure:
    """A figure of the report: its paragraph, its words, its lines and their unit.

    A line is its label, the same in words, and a number.
    """

    paragraph: str
    key: str
    title: str
    lines: tuple[tuple[str, str, float], ...]
    unit: str = COUNT
    is_stated: bool = False


@dataclass(frozen=True, slots=True)
class Period:
    """Two calendar years, the first of which is `year`, and what was counted in them."""

    year: int
    counted: Mapping[tuple[str, str], tuple[int, int]] = field(default_factory=dict)

    @property
    def years(self) -> tuple[int, ...]:
        """Its years."""
        return tuple(range(self.year, self.year + ACTIVITY_REPORT_YEARS.value))

    def of(self, counter: str) -> dict[str, tuple[int, int]]:
        """How many and how much, by label."""
        return {label: found for (name, label), found in self.counted.items() if name == counter}


def period(year: int) -> Period:
    """The two years from `year`, with what was counted."""
    years = Period(year).years
    rows = Counted.objects.filter(year__in=years).values_list("counter", "label")
    found = rows.annotate(Count("pk"), Sum("value")).order_by("counter", "label")
    return Period(year, {(c, label): (count, total) for c, label, count, total in found})


def report(of: Period) -> tuple[Figure, ...]:
    """Every figure, in the order of the article."""
    return tuple(figure(of) for figure in FIGURES)


def received(of: Period) -> Figure:
    """59(1)(a): applications and requests submitted."""
    lines = _counts(of, facts.RECEIVED, labels.RECEIVED)
    return Figure("a", "received", _("Demandes reçues"), lines)


def applicants(of: Period) -> Figure:
    """59(1)(a): types of applicants."""
    lines = _counts(of, facts.APPLICANT, labels.APPLICANTS)
    return Figure("a", "applicants", _("Types de demandeurs"), lines)


def decided(of: Period) -> Figure:
    """59(1)(a): permits issued and refused, requests approved and refused."""
    lines = _counts(of, facts.DECIDED, labels.DECISIONS)
    return Figure("a", "decided", _("Décisions"), lines)


def purposes(of: Period) -> Figure:
    """59(1)(a): categories of purposes, by letter of art. 53(1)."""
    lines = _counts(of, facts.PURPOSE, labels.purpose_label)
    return Figure("a", "purposes", _("Finalités demandées"), lines)


def categories(of: Period) -> Figure:
    """59(1)(a): categories of data accessed, by letter of art. 51(1)."""
    lines = _counts(of, facts.CATEGORY, labels.category_label)
    return Figure("a", "categories", _("Catégories de données autorisées"), lines)


def results(of: Period) -> Figure:
    """59(1)(a): results made public."""
    lines = _counts(of, facts.RESULT, labels.RECEIVED)
    return Figure("a", "results", _("Résultats rendus publics"), lines)


def commitments(of: Period) -> Figure:
    """59(1)(b): commitments not kept: due days passed by users and holders."""
    lines = _counts(of, facts.LATE, labels.rule_label)
    return Figure("b", "commitments", _("Engagements non tenus à temps"), lines)


def measures(of: Period) -> Figure:
    """59(1)(b): permits suspended and revoked."""
    lines = _counts(of, facts.MEASURE, labels.MEASURES)
    return Figure("b", "measures", _("Mesures prises"), lines)


def fines(of: Period) -> Figure:
    """59(1)(b): number of administrative fines."""
    return _stated(of, "b", "fine", _("Amendes prononcées"))


def fine_amounts(of: Period) -> Figure:
    """59(1)(b): amount of administrative fines."""
    return _amounts(of, "b", "fine-cents", _("Montant des amendes"), is_stated=True)


def user_audits(of: Period) -> Figure:
    """59(1)(c): audits carried out on users."""
    return _stated(of, "c", "user-audit", _("Audits d’utilisateurs"))


def environment_audits(of: Period) -> Figure:
    """59(1)(d): audits of secure processing environments, internal and by third parties."""
    return _stated(of, "d", "environment-audit", _("Audits de l’environnement sécurisé"))


def rights(of: Period) -> Figure:
    """59(1)(e): requests of natural persons about their rights: opt-outs, complaints."""
    lines = _counts(of, facts.RIGHTS, labels.RIGHTS)
    return Figure("e", "rights", _("Droits des personnes"), lines)


def rights_requests(of: Period) -> Figure:
    """59(1)(e): other requests about data protection rights, handled outside this software."""
    return _stated(of, "e", "rights-request", _("Autres demandes sur les droits"))


def stakeholders(of: Period) -> Figure:
    """59(1)(f): activities with stakeholders."""
    return _stated(of, "f", "stakeholders", _("Concertations"))


def revenues(of: Period) -> Figure:
    """59(1)(g): revenues from permits: the fees that permits fix."""
    return _amounts(of, "g", facts.REVENUE, _("Redevances fixées"), is_stated=False)


def receipts(of: Period) -> Figure:
    """59(1)(g): revenues received: payments of invoices, value added tax included."""
    return _amounts(of, "g", facts.RECEIPTS, _("Paiements reçus, TVA comprise"), is_stated=False)


def other_revenues(of: Period) -> Figure:
    """59(1)(g): revenues from requests, stated."""
    return _amounts(of, "g", "other-revenue-cents", _("Autres recettes"), is_stated=True)


def access_days(of: Period) -> Figure:
    """59(1)(h): average number of days from an application to its first data."""
    count, total = of.of(facts.ACCESS_DAYS).get("", (0, 0))
    lines = (("", _("Jours en moyenne"), round(total / count, 1)),) if count else ()
    return Figure("h", "access-days", _("De la demande à l’accès"), lines, DAYS)


def quality_labels(of: Period) -> Figure:
    """59(1)(i): quality labels issued by holders, by category."""
    return _stated(of, "i", "quality-label", _("Labels de qualité"))


def publications(of: Period) -> Figure:
    """59(1)(j): research publications, policy documents, regulatory procedures."""
    return _stated(of, "j", "publication", _("Publications et usages publics"))


def products(of: Period) -> Figure:
    """59(1)(k): digital health products and services, AI applications included."""
    return _stated(of, "k", "product", _("Produits et services numériques"))


FIGURES = (
    *(received, applicants, decided, purposes, categories, results),
    *(commitments, measures, fines, fine_amounts, user_audits, environment_audits),
    *(rights, rights_requests, stakeholders, revenues, receipts, other_revenues, access_days),
    *(quality_labels, publications, products),
)


def _counts(of: Period, counter: str, words: Labels) -> tuple[tuple[str, str, float], ...]:
    found = sorted(of.of(counter).items())
    return tuple((label, _word(words, label), count) for label, (count, _) in found)


def _sums(of: Period, counter: str) -> Iterator[tuple[str, int]]:
    """The sums that are not taken back, by label."""
    for label, (_count, total) in sorted(of.of(counter).items()):
        if total:
            yield label, total


def _stated(of: Period, paragraph: str, counter: str, title: str) -> Figure:
    lines = tuple((label, _word(labels.STATED, label), t) for label, t in _sums(of, counter))
    return Figure(paragraph, counter, title, lines, is_stated=True)


def _amounts(of: Period, paragraph: str, counter: str, title: str, *, is_stated: bool) -> Figure:
    lines = tuple(
        (label, _word(labels.STATED, label), total / CENTS) for label, total in _sums(of, counter)
    )
    return Figure(paragraph, counter, title, lines, EURO, is_stated)


def _word(words: Labels, label: str) -> str:
    if callable(words):
        return words(label)
    return str(words.get(label, label))
