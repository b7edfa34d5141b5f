"""The biennial activity report, figure by figure: each row gives one point of EHDS art. 59(1).

Figures are read from what was counted as it happened (`facts`), over two calendar years. What no
file can tell is stated by the hub, and marked so.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import partial

from django.db.models import Count, Sum
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from ecluse.domain.parameters import ACTIVITY_REPORT_YEARS, MINIMUM_COUNT
from ecluse.portal.register import facts, labels
from ecluse.portal.register.models import Counted

COUNT, EURO, DAYS = "count", "euro", "days"
CENTS = 100
Labels = Mapping[str, str | Promise] | Callable[[str], str]
Line = tuple[str, str, float | None]
"""A label, the same in words, and a number; None where too few persons to be said."""


@dataclass(frozen=True, slots=True)
class Figure:
    """A figure of the report: its paragraph, its words, its lines and their unit."""

    paragraph: str
    key: str
    title: str
    lines: tuple[Line, ...]
    unit: str = COUNT
    is_stated: bool = False


@dataclass(frozen=True, slots=True)
class Period:
    """Two calendar years, the first of which is `year`, and what was counted in them.

    `earlier`: how many acts of each right were counted before them.
    """

    year: int
    counted: Mapping[tuple[str, str], tuple[int, int]] = field(default_factory=dict)
    earlier: Mapping[str, int] = field(default_factory=dict)

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
    before = Counted.objects.filter(counter=facts.RIGHTS, year__lt=year).values_list("label")
    earlier = dict(before.annotate(Count("pk")).order_by("label"))
    counted = {(c, label): (count, total) for c, label, count, total in found}
    return Period(year, counted, earlier)


def _counted(counter: str, words: Labels, of: Period) -> Iterator[Line]:
    """How many were counted, by label."""
    for label, (count, _total) in sorted(of.of(counter).items()):
        yield label, _word(words, label), count


def _rights(of: Period) -> Iterator[Line]:
    """What persons did with their rights: nothing that so few did that somebody could be guessed.

    Opt-outs in force are all those declared so far less those taken back: where one of the two is
    not said, the difference is not either.
    """
    found = {label: count for label, (count, _total) in of.of(facts.RIGHTS).items()}
    both = ("opt-out", "opt-out-reversed")
    parts = [of.earlier.get(label, 0) + found.get(label, 0) for label in both]
    if parts[0]:
        found["opt-out-in-force"] = parts[0] - parts[1]
    shown = {label: None if _is_small(count) else count for label, count in found.items()}
    if any(_is_small(one) for one in parts) or None in [shown.get(label, 0) for label in both]:
        shown.pop("opt-out-in-force", None)
    for label, count in sorted(shown.items()):
        yield label, _word(labels.RIGHTS, label), count


def _is_small(count: int) -> bool:
    return 0 < count < MINIMUM_COUNT.value


def _summed(counter: str, divisor: int, of: Period) -> Iterator[Line]:
    """The sums that are not taken back, by label."""
    for label, (_count, total) in sorted(of.of(counter).items()):
        if total:
            yield label, _word(labels.STATED, label), total / divisor if divisor > 1 else total


def _mean_days(of: Period) -> Iterator[Line]:
    count, total = of.of(facts.ACCESS_DAYS).get("", (0, 0))
    if count:
        yield "", str(_("Jours en moyenne")), round(total / count, 1)


@dataclass(frozen=True, slots=True)
class Point:
    """A figure to be told: its paragraph of art. 59(1), its words, and how its lines are read."""

    paragraph: str
    key: str
    title: Promise
    lines: Callable[[Period], Iterable[Line]]
    unit: str = COUNT
    is_stated: bool = False

    def figure(self, of: Period) -> Figure:
        """Return the figure over a period."""
        lines = tuple(self.lines(of))
        return Figure(self.paragraph, self.key, str(self.title), lines, self.unit, self.is_stated)


def _count(paragraph: str, key: str, title: Promise, counter: str, words: Labels) -> Point:
    return Point(paragraph, key, title, partial(_counted, counter, words))


def _stated(paragraph: str, key: str, title: Promise) -> Point:
    """What the hub states: no file tells it."""
    return Point(paragraph, key, title, partial(_summed, key, 1), is_stated=True)


def _money(paragraph: str, key: str, title: Promise, *, is_stated: bool) -> Point:
    return Point(paragraph, key, title, partial(_summed, key, CENTS), EURO, is_stated)


POINTS = (
    _count("a", "received", _("Demandes reçues"), facts.RECEIVED, labels.RECEIVED),
    _count("a", "applicants", _("Types de demandeurs"), facts.APPLICANT, labels.APPLICANTS),
    _count("a", "decided", _("Décisions"), facts.DECIDED, labels.DECISIONS),
    # Purposes go by the letters of art. 53(1), categories by those of art. 51(1).
    _count("a", "purposes", _("Finalités demandées"), facts.PURPOSE, labels.purpose_label),
    _count(
        *("a", "categories", _("Catégories de données autorisées")),
        *(facts.CATEGORY, labels.category_label),
    ),
    _count("a", "results", _("Résultats rendus publics"), facts.RESULT, labels.RECEIVED),
    # What users and holders did not do by its due day.
    _count("b", "commitments", _("Engagements non tenus à temps"), facts.LATE, labels.rule_label),
    _count("b", "measures", _("Mesures prises"), facts.MEASURE, labels.MEASURES),
    _stated("b", "fine", _("Amendes prononcées")),
    _money("b", "fine-cents", _("Montant des amendes"), is_stated=True),
    _stated("c", "user-audit", _("Audits d’utilisateurs")),
    _stated("d", "environment-audit", _("Audits de l’environnement sécurisé")),
    Point("e", "rights", _("Droits des personnes"), _rights),
    _stated("e", "rights-request", _("Autres demandes sur les droits")),
    _stated("f", "stakeholders", _("Concertations")),
    _money("g", facts.REVENUE, _("Redevances fixées"), is_stated=False),
    _money("g", facts.RECEIPTS, _("Paiements reçus, TVA comprise"), is_stated=False),
    _money("g", "other-revenue-cents", _("Autres recettes"), is_stated=True),
    Point("h", "access-days", _("De la demande à l’accès"), _mean_days, DAYS),
    _stated("i", "quality-label", _("Labels de qualité")),
    _stated("j", "publication", _("Publications et usages publics")),
    _stated("k", "product", _("Produits et services numériques")),
)
"""The points of EHDS art. 59(1)(a) to (k), in the order of the article."""


def report(of: Period) -> tuple[Figure, ...]:
    """Every figure, in the order of the article."""
    return tuple(point.figure(of) for point in POINTS)


def _word(words: Labels, label: str) -> str:
    if callable(words):
        return words(label)
    return str(words.get(label, label))
