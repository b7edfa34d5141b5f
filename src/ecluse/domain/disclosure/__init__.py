"""Whether a file may disclose somebody: rules over numbers, and what the author declares.

The unit is the person. A finding says where, by which rule, of which policy, with the arithmetic,
so that the author can mend the file and a checker can judge. No verdict releases anything: `pass`
means that the rules found nothing.
"""

from collections import Counter
from collections.abc import Iterator, Mapping

from ecluse.domain.disclosure.columns import check_columns
from ecluse.domain.disclosure.counts import check_counts
from ecluse.domain.disclosure.declarations import (
    Contribution,
    Contributions,
    Percentile,
    Ratio,
    Table,
    TableDeclaration,
)
from ecluse.domain.disclosure.estimates import DesignFacts, check_design
from ecluse.domain.disclosure.models import ModelFacts, ModelKind, check_model
from ecluse.domain.disclosure.policy import (
    DisclosurePolicy,
    finding,
    for_author,
    for_checker,
    secret,
    shortened,
    verdict,
)
from ecluse.domain.disclosure.reading import TableReading, read_table
from ecluse.domain.disclosure.rules import RULES, Rule
from ecluse.domain.disclosure.texts import check_texts, contains_pseudonym, significant_digits
from ecluse.domain.documents import Finding

__all__ = [
    "RULES",
    "Contribution",
    "Contributions",
    "DesignFacts",
    "DisclosurePolicy",
    "ModelFacts",
    "ModelKind",
    "Percentile",
    "Ratio",
    "Rule",
    "Table",
    "TableDeclaration",
    "TableReading",
    "check_design",
    "check_model",
    "check_table",
    "contains_pseudonym",
    "finding",
    "for_author",
    "for_checker",
    "read_table",
    "secret",
    "shortened",
    "significant_digits",
    "verdict",
]

_NOTHING: Mapping[tuple[str, int], Contribution] = {}


def check_table(
    table: Table,
    declaration: TableDeclaration | None,
    policy: DisclosurePolicy,
    *,
    contributions: Contributions = _NOTHING,
) -> tuple[Finding, ...]:
    """Return what the rules find in the table; without a declaration, its columns are guessed.

    Numbers under the threshold stand between marks: show findings through `for_checker` or
    `for_author`. What hidden cells still tell (R8) is for `data.disclosure` to compute.
    """
    if len(table.rows) > policy.maximum_rows:
        rows = f"{len(table.rows)} rows: at most {policy.maximum_rows}"
        return (finding("T1", "file", f"{rows}. Aggregate further", policy),)
    declared = declaration or TableDeclaration()
    misfit = tuple(_misfits(table, declared, policy))
    if misfit:
        return misfit
    reading = read_table(table, declared, policy)
    found = [*check_counts(reading), *check_columns(reading, contributions), *check_texts(reading)]
    if declaration is None:
        text = "not declared in outputs.toml: columns were judged by their names"
        found.insert(0, finding("D1", "file", text, policy))
    return shortened(found, policy)


def _misfits(
    table: Table, declaration: TableDeclaration, policy: DisclosurePolicy
) -> Iterator[Finding]:
    """Yield what makes the declaration and the table speak of different columns."""
    doubles = [name for name, times in Counter(table.headers).items() if times > 1 or not name]
    if doubles:
        text = f"{len(doubles)} headers are empty or used twice: name each column once"
        yield finding("D2", "headers", text, policy)
    for name in declaration.names():
        if name not in table.headers:
            text = f"outputs.toml names a column that is not among the {len(table.headers)}"
            yield finding("D2", f"declaration of {name[:40]!r}", text, policy)
