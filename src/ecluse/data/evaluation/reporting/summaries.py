"""One page for everybody: what the system is for, whether it keeps its word, for whom it does not.

Plain words, numbers as "x of 100 persons", from the figures of the report alone.
"""

from collections.abc import Iterator
from html import escape
from typing import Final

from ecluse.data.evaluation.reporting import pages
from ecluse.data.evaluation.reporting.words import LANGUAGES
from ecluse.domain.evaluations.counts import ALL
from ecluse.domain.evaluations.protocols import Protocol
from ecluse.domain.evaluations.reports import (
    EvaluationReport,
    Finding,
    Outcome,
    Subject,
    outcome_of,
)

Pair = tuple[str, str]
Told = list[tuple[Pair, dict[str, object]]]
"""Sentences, with the values that they say."""
RATIO: Final = "observed-expected"

TITLE: Final[Pair] = ("En une page", "On one page")
HEADLINES: Final[dict[Outcome, Pair]] = {
    Outcome.MET: (
        "Ce système tient ce qu'il affirme, sur les personnes étudiées.",
        "This system keeps its word, on the persons studied.",
    ),
    Outcome.NOT_MET: (
        "Ce système ne tient pas ce qu'il affirme.",
        "This system does not keep its word.",
    ),
    Outcome.INCONCLUSIVE: (
        "L'étude ne permet pas de dire si ce système tient ce qu'il affirme.",
        "The study cannot tell whether this system keeps its word.",
    ),
    Outcome.NOT_EVALUABLE: (
        "Trop peu de personnes : rien ne peut être dit de ce que ce système affirme.",
        "Too few persons: nothing can be told of what this system claims.",
    ),
}
WHAT: Final[Pair] = ("À quoi il sert", "What it is for")
HOW: Final[Pair] = ("Ce qui a été mesuré", "What was measured")
LIMITS: Final[Pair] = ("Ce qu'il faut savoir", "What to know")
STUDIED: Final[Pair] = (
    "Il a été essayé sur {persons} cas qu'il n'avait jamais vus.",
    "It was tried on {persons} cases that it had never seen.",
)
SENSITIVE: Final[Pair] = (
    "Sur 100 personnes concernées, il en signale {found} et en laisse passer {missed}.",
    "Of 100 persons concerned, it flags {found} and misses {missed}.",
)
SPECIFIC: Final[Pair] = (
    "Sur 100 personnes non concernées, il en alerte {alarms} à tort.",
    "Of 100 persons not concerned, it alerts {alarms} wrongly.",
)
RANKED: Final[Pair] = (
    "Devant deux personnes dont une seule est concernée, il désigne la bonne {found} fois sur 100 "
    "(50 serait le hasard).",
    "Shown two persons of whom one is concerned, it points at the right one {found} times of 100 "
    "(50 would be chance).",
)
CLASSED: Final[Pair] = (
    "Sur 100 cas, il donne la bonne classe à {found}.",
    "Of 100 cases, it gives the right class to {found}.",
)
FOUND: Final[Pair] = (
    "Sur 100 passages à trouver, il en trouve {found} tout à fait et en laisse passer {missed}.",
    "Of 100 passages to find, it finds {found} exactly and misses {missed}.",
)
NEARLY: Final[Pair] = (
    "Les autres, il les trouve en partie : le début ou la fin diffère.",
    "The others it finds in part: where they begin or end differs.",
)
SAID_RIGHT: Final[Pair] = (
    "Sur 100 passages qu'il signale, {found} sont tout à fait justes.",
    "Of 100 passages that it points at, {found} are exactly right.",
)
WORST: Final[Pair] = (
    "Ce qu'il reconnaît le moins bien : {label}. Sur 100, il en reconnaît {found}.",
    "What it recognises worst: {label}. Of 100, it recognises {found}.",
)
RARE: Final[Pair] = (
    "De certaines étiquettes, trop rares, rien n'est dit à part.",
    "Of some labels, too rare, nothing is told apart.",
)
TOO_HIGH: Final[Pair] = (
    "Il annonce trop de risque : quand il l'annonce pour 100 personnes, {found} l'ont vraiment.",
    "It announces too much risk: where it announces it for 100 persons, {found} really have it.",
)
TOO_LOW: Final[Pair] = (
    "Il annonce trop peu de risque : quand il l'annonce pour 100 personnes, {found} l'ont "
    "vraiment.",
    "It announces too little risk: where it announces it for 100 persons, {found} really have it.",
)
WELL: Final[Pair] = (
    "Les risques qu'il annonce sont ceux qu'on observe.",
    "The risks that it announces are those that are observed.",
)
EXTREME: Final[Pair] = (
    "Ses risques sont trop tranchés ou pas assez : ne pas les lire comme des pourcentages.",
    "Its risks are too extreme or not enough: do not read them as percentages.",
)
WORSE: Final[Pair] = (
    "Il ne tient pas ce qu'il affirme, moins bien qu'ailleurs, pour : {groups}.",
    "It does not keep its word, and does worse than elsewhere, for: {groups}.",
)
UNTOLD: Final[Pair] = (
    "On ne peut rien dire, faute de personnes ou de certitude, pour : {groups}.",
    "Nothing can be told, for lack of persons or of certainty, for: {groups}.",
)
MOVED: Final[Pair] = (
    "Les personnes ont changé au fil du temps : il faut le surveiller.",
    "Persons have changed over time: it must be watched.",
)
FRAGILE: Final[Pair] = (
    "Il se trompe davantage quand les données sont abîmées ({names}).",
    "It errs more when data are damaged ({names}).",
)
FEW: Final[Pair] = (
    "L'étude compte moins de personnes que prévu : prudence.",
    "The study has fewer persons than planned: take care.",
)
DEVIATED: Final[Pair] = (
    "L'étude s'est écartée de son plan ; le rapport dit où.",
    "The study departed from its plan; the report says where.",
)
PROOF: Final[Pair] = (
    "Le plan de l'étude a été scellé avant d'ouvrir les données. Le rapport complet est signé et "
    "chacun peut en recalculer les chiffres.",
    "The plan of the study was sealed before data were opened. The full report is signed, and "
    "anybody can compute its figures again.",
)


def summary(report: EvaluationReport, protocol: Protocol, language: str) -> str:
    """Return the page, in French (`fr`) or in English (`en`)."""

    def say(pair: Pair, **values: object) -> str:
        return pair[LANGUAGES.index(language)].format(**values)

    found = report.headline()
    title = f"{protocol.identity.title} - {say(TITLE)}"
    measured = [say(pair, **values) for pair, values in _measured(report)]
    known = [say(pair, **values) for pair, values in _known(report)]
    content = (
        f"<h1>{escape(protocol.identity.title)}</h1>"
        f'<p class="verdict {found.value}"><strong>{say(HEADLINES[found])}</strong></p>'
        f"<h2>{say(WHAT)}</h2><p>{escape(protocol.intended_use.claim)}</p>"
        f"<h2>{say(HOW)}</h2>{_list(measured)}<h2>{say(LIMITS)}</h2>{_list(known)}"
        f"<p>{say(PROOF)}</p>"
    )
    return pages.document(title, content, language)


def _measured(report: EvaluationReport) -> Told:
    told: Told = [(STUDIED, {"persons": report.run.cases})]
    sensitivity = _first(report, "sensitivity")
    specificity = _first(report, "specificity")
    area = report.figure("auroc")
    if sensitivity is not None:
        found = _of_hundred(sensitivity)
        told.append((SENSITIVE, {"found": found, "missed": 100 - found}))
    if specificity is not None:
        told.append((SPECIFIC, {"alarms": 100 - _of_hundred(specificity)}))
    if area is not None:
        told.append((RANKED, {"found": _of_hundred(area.value)}))
    return told + _labelled(report)


def _labelled(report: EvaluationReport) -> Told:
    """Say what became of classes, or of spans, and of the label that fares worst."""
    table = report.labelled()
    if table is None:
        return []
    total, told = table.total, Told()
    if report.figure("accuracy") is not None:
        told.append((CLASSED, {"found": _share(total.right, table.cases)}))
    elif total.true:
        shares = {"found": _share(total.right, total.true)}
        told.append((FOUND, {**shares, "missed": _share(total.missed, total.true)}))
        told += [(NEARLY, {})] if total.part else []
    if report.figure("span-precision") is not None:
        told.append((SAID_RIGHT, {"found": _share(total.right, total.said)}))
    lines = [line for line in table.told if line.true]
    if len(lines) > 1:
        worst = min(lines, key=lambda line: (line.right / line.true, line.label))
        found = _share(worst.right, worst.true)
        told.append((WORST, {"label": worst.label, "found": found}))
    return told


def _known(report: EvaluationReport) -> Told:
    told = _calibration(report)
    groups = [one for one in report.findings if one.subject is Subject.SUBGROUP]
    told += _naming(WORSE, "groups", list(_apart(groups)), {Outcome.NOT_MET})
    told += _naming(UNTOLD, "groups", groups, {Outcome.INCONCLUSIVE, Outcome.NOT_EVALUABLE})
    fragile = [one for one in report.findings if one.subject is Subject.ROBUSTNESS]
    told += _naming(FRAGILE, "names", fragile, {Outcome.NOT_MET})
    if outcome_of(report.findings, Subject.DRIFT) is Outcome.NOT_MET:
        told.append((MOVED, {}))
    if outcome_of(report.findings, Subject.SAMPLE_SIZE) is Outcome.NOT_MET:
        told.append((FEW, {}))
    table = report.labelled()
    if table is not None and not table.is_whole:
        told.append((RARE, {}))
    if report.deviations:
        told.append((DEVIATED, {}))
    return told


def _apart(groups: list[Finding]) -> Iterator[Finding]:
    """Yield the groups that fare otherwise than another of the same variable.

    Where all groups fail alike, that is said of the whole already.
    """
    for one in groups:
        variable = one.of.partition("=")[0]
        others = {each.outcome for each in groups if each.of.partition("=")[0] == variable}
        if len(others) > 1:
            yield one


def _calibration(report: EvaluationReport) -> Told:
    ratio = report.figure(RATIO)
    if ratio is None:
        return []
    whole = [
        one for one in report.findings if one.subject is Subject.CALIBRATION and "=" not in one.of
    ]
    missed = {one.of for one in whole if one.outcome is Outcome.NOT_MET}
    found = _of_hundred(ratio.value)
    told: Told = []
    if RATIO in missed:
        told.append((TOO_HIGH if found < _of_hundred("1") else TOO_LOW, {"found": found}))
    if missed - {RATIO}:
        told.append((EXTREME, {}))
    if whole and all(one.outcome is Outcome.MET for one in whole):
        told.append((WELL, {}))
    return told


def _naming(pair: Pair, key: str, findings: list[Finding], kinds: set[Outcome]) -> Told:
    named = [one.of.replace("=", " ") for one in findings if one.outcome in kinds]
    return [(pair, {key: ", ".join(named)})] if named else []


def _first(report: EvaluationReport, measure: str) -> str | None:
    found = (one for one in report.figures if one.measure == measure and one.group == ALL)
    return next((one.value for one in found), None)


def _share(part: int, whole: int) -> int:
    return round(100 * part / whole)


def _of_hundred(value: str) -> int:
    return round(float(value) * 100)


def _list(sentences: list[str]) -> str:
    return f"<ul>{''.join(f'<li>{escape(one)}</li>' for one in sentences)}</ul>"
