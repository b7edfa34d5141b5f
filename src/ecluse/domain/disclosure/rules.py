"""The rules of disclosure control as a table: what each looks for, what it does to a file.

R1 to R18 keep the numbers of the field's taxonomy; A to those of the attacks that they stop.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from ecluse.domain.documents import Verdict

BLOCKED, REVIEW, PASS = Verdict.BLOCKED, Verdict.REVIEW, Verdict.PASS


@dataclass(frozen=True, slots=True)
class Rule:
    """A rule: its number, its name, what a finding does to the file, when it is met, its source.

    In `unsafe_when`, t is the minimum count of the policy and n a number of distinct persons.
    """

    id: str
    title: str
    effect: Verdict
    unsafe_when: str
    source: str


_HANDBOOK = "Hundepool et al., Statistical Disclosure Control (2012)"
_GUIDE = "Griffiths et al., Handbook on SDC for Outputs (2019)"
_DP = "Dwork and Roth, Algorithmic Foundations of Differential Privacy (2014)"
_SACRO = "Ontology of statistical barns of ACRO (2024)"

RULES: Mapping[str, Rule] = {
    rule.id: rule
    for rule in (
        Rule("R1", "minimum count", BLOCKED, "0 < n < t", "CASD: no cell under 11 patients"),
        Rule("R2", "zeros that disclose", BLOCKED, "n = 0 where the policy says so", _HANDBOOK),
        Rule(
            "R3",
            "class disclosure",
            BLOCKED,
            "all persons of a group share a value, or fewer than t do not; an amount that is the "
            "same for all",
            _HANDBOOK,
        ),
        Rule(
            "R4",
            "dominance",
            BLOCKED,
            "the largest shares, as many as the policy says, are over its percentage of the sum",
            _HANDBOOK,
        ),
        Rule(
            "R5",
            "share of the largest",
            BLOCKED,
            "the sum without its two largest shares is under p % of the largest",
            _HANDBOOK,
        ),
        Rule(
            "R6",
            "negative amounts",
            PASS,
            "never by itself: shares count without their sign in R4 and R5",
            _HANDBOOK,
        ),
        Rule(
            "R7",
            "extremes",
            BLOCKED,
            "a minimum or a maximum; a percentile with fewer than t persons at or beyond it",
            _GUIDE,
        ),
        Rule(
            "R8",
            "complementary suppression",
            BLOCKED,
            "what is shown bounds a hidden number under t, or gives it exactly",
            "Fischetti and Salazar (2001)",
        ),
        Rule("R9", "rounding", REVIEW, "a number is no multiple of the policy's base", _HANDBOOK),
        Rule(
            "R10",
            "cell keys",
            PASS,
            "never: where the policy names a table of noise, the engine adds it to every number of "
            "persons shown, the same for the same persons whoever asks",
            "Fraser and Wooton (2005)",
        ),
        Rule(
            "R11",
            "ratios",
            BLOCKED,
            "at the precision printed, only fewer than t persons give the ratio",
            _GUIDE,
        ),
        Rule(
            "R12",
            "regressions",
            BLOCKED,
            "residual degrees of freedom under the policy's; fewer than t persons in a level; one "
            "person, or a group under t, that the design sets apart; a perfect fit; a saturated "
            "design whose groups fail R1 or R3",
            f"{_GUIDE}; Ritchie (2019)",
        ),
        Rule(
            "R13",
            "survival",
            BLOCKED,
            "fewer than t events, persons censored or persons at risk in a published step",
            _GUIDE,
        ),
        Rule("R14", "figures", BLOCKED, "points that are persons; bins that fail R1", _GUIDE),
        Rule(
            "R15",
            "ratios of odds and hazards, tests",
            BLOCKED,
            "fewer than t persons with the event, or without it, in a group compared",
            _SACRO,
        ),
        Rule(
            "R16",
            "differencing",
            BLOCKED,
            "two numbers of persons, or several together, of this file and of all released before, "
            "tell of a group under t",
            _HANDBOOK,
        ),
        Rule(
            "R17",
            "privacy budget",
            BLOCKED,
            "noise asks for more epsilon than the project or the dataset has left",
            _DP,
        ),
        Rule(
            "R18",
            "models",
            BLOCKED,
            "any trained model that was not attacked in the zone, or that an attack told too much "
            "of; one that holds rows; a leaf under t persons",
            "SACRO-ML",
        ),
        Rule(
            "P1",
            "pseudonyms",
            BLOCKED,
            "64 hexadecimal digits in a row; the beginning of a pseudonym of the extract, in "
            "hexadecimal, decimal or base64",
            "EHDS art. 73(2)",
        ),
        Rule("A28", "formulas", BLOCKED, "a text that a spreadsheet would run", "OWASP"),
        Rule("A30", "rows about persons", REVIEW, "nearly every row has its own value", _GUIDE),
        Rule("A31", "needless digits", REVIEW, "more digits than the policy allows", _GUIDE),
        Rule(
            "A32",
            "words that may carry more",
            REVIEW,
            "the labels of a table have more characters than the policy allows",
            "this project",
        ),
        Rule(
            "D1",
            "undeclared numbers",
            REVIEW,
            "numbers that outputs.toml does not explain",
            "this project",
        ),
        Rule(
            "D2", "declaration that does not fit", BLOCKED, "the file is otherwise", "this project"
        ),
        Rule(
            "D3",
            "numbers that nothing supports",
            REVIEW,
            "a sum or estimates without the persons behind them",
            _GUIDE,
        ),
        Rule(
            "T1",
            "type, size and name of files",
            BLOCKED,
            "not on the policy's list",
            "this project",
        ),
        Rule(
            "T2",
            "content that is not of its type",
            BLOCKED,
            "cannot be read in one way",
            "this project",
        ),
        Rule(
            "T3", "content that only eyes can judge", REVIEW, "texts and pictures", "this project"
        ),
        Rule(
            "M1",
            "made by the engine",
            PASS,
            "never: says that the engine made the file itself, from how many persons, and what "
            "was compared",
            "this project",
        ),
        Rule(
            "M2",
            "trained model that was attacked",
            REVIEW,
            "always: what the attacks told, for two checkers to read",
            "this project",
        ),
    )
}
