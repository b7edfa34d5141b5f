"""Requests of a few persons, whose answers can be worked out by hand."""

from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np

from ecluse.data.disclosure import Decided, Population, Released, decide
from ecluse.data.results import Results
from ecluse.domain.disclosure import DisclosurePolicy, for_checker
from ecluse.domain.documents import Finding

POLICY = DisclosurePolicy()


def pseudonym(number: int) -> str:
    """The pseudonym of a person, 64 hexadecimal digits that differ in the first 16."""
    return f"{number:016x}{0:048x}"


def frame(persons: Sequence[int], **columns: Sequence[object]) -> dict[str, object]:
    """A table of one row a person."""
    return {"person_pseudonym": [pseudonym(number) for number in persons], **columns}


def decided(
    folder: Path, *, earlier: Sequence[Released] = (), policy: DisclosurePolicy = POLICY
) -> Decided:
    """The decision on the one request that stands in the folder; persons have their own number."""
    (path,) = folder.glob("*.result")
    numbers = list(range(1, 2001))
    population = Population.of(np.array(numbers, np.uint64), np.array(numbers, np.int32))
    return decide(path.read_bytes(), policy, project="P-1", population=population, earlier=earlier)


def lines(made: Decided) -> list[str]:
    """The lines of the table that was made."""
    return made.files[0][1].decode().splitlines()


def rules(made: Decided) -> list[str]:
    """The rules met, but for the note of the engine."""
    return [finding.rule for finding in findings(made)]


def findings(made: Decided) -> list[Finding]:
    """What checkers read, but for the note of the engine."""
    return [for_checker(one) for one in made.verdicts[0].findings if one.rule != "M1"]


def table(
    folder: Path, columns: Mapping[str, object], *, by: Sequence[str], **asked: object
) -> None:
    """Ask for a table called t."""
    Results(folder).tabulate(columns, name="t", by=by, **asked)  # type: ignore[arg-type]
