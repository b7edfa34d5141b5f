"""What the conversion did, in counts: every row read is written, or left out for a named reason."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date

from ecluse.domain.codec import JSON


@dataclass(frozen=True, slots=True)
class Flow:
    """Rows of one source that became rows of one OMOP table.

    rows_read = rows_written + the sum of `left_out`, whose keys say why.
    """

    source: str
    target: str
    rows_read: int
    rows_written: int
    left_out: Mapping[str, int]

    @property
    def is_explained(self) -> bool:
        """Whether every row is accounted for."""
        return self.rows_read == self.rows_written + sum(self.left_out.values())


@dataclass(frozen=True, slots=True)
class UnmappedCode:
    """A code without a standard concept, and how many rows carry it."""

    vocabulary: str
    code: str
    rows: int


@dataclass(frozen=True, slots=True)
class Coverage:
    """How much of one OMOP table has a standard concept; for visits, rows are lines of claims.

    `rows_by_parent`: mapped through the nearest mapped parent of the code (E1190 through E11).
    """

    target: str
    rows: int
    rows_mapped: int
    rows_by_parent: int
    codes: int
    codes_mapped: int
    top_unmapped: tuple[UnmappedCode, ...]


@dataclass(frozen=True, slots=True)
class Mapped:
    """What was found in the mapping files.

    `several_targets`: codes with more than one, of which the first is kept; `other_domain`: lines
    whose concept belongs to another OMOP table, not used.
    """

    lines: int
    several_targets: int
    other_domain: int


@dataclass(slots=True)
class Account:
    """The counts of one flow, added block after block."""

    rows_cleaned: int = 0
    rows_written: int = 0
    left_out: Counter[str] = field(default_factory=Counter)

    def flow(self, source: str, target: str, *, rows: int, nobody: int) -> Flow:
        """Return the flow of a source of `rows` rows, of which `nobody` name no person."""
        reasons = Counter(self.left_out)
        reasons["nobody"] = nobody
        reasons["filters"] = rows - nobody - self.rows_cleaned
        told = {reason: count for reason, count in sorted(reasons.items()) if count}
        return Flow(source, target, rows, self.rows_written, told)


@dataclass(frozen=True, slots=True)
class Told:
    """The whole account of a conversion."""

    source: str
    first_day: date
    last_day: date
    drug_start: str
    switches: JSON
    mapped: Mapped
    flows: tuple[Flow, ...]
    coverage: tuple[Coverage, ...]
    tables: Mapping[str, int]

    def to_json(self) -> JSON:
        """Return what the snapshot keeps beside its manifest."""
        return {
            "conversion": "snds-omop",
            "source": self.source,
            "first_day": self.first_day.isoformat(),
            "last_day": self.last_day.isoformat(),
            "drug_start": self.drug_start,
            "switches": self.switches,
            "mapping_lines": self.mapped.lines,
            "codes_with_several_targets": self.mapped.several_targets,
            "targets_of_another_domain": self.mapped.other_domain,
            "tables": dict(self.tables),
            "flows": [_flow(flow) for flow in self.flows],
            "coverage": [_coverage(item) for item in self.coverage],
        }


def _flow(flow: Flow) -> JSON:
    return {
        "source": flow.source,
        "target": flow.target,
        "rows_read": flow.rows_read,
        "rows_written": flow.rows_written,
        "left_out": dict(flow.left_out),
    }


def _coverage(found: Coverage) -> JSON:
    return {
        "target": found.target,
        "rows": found.rows,
        "rows_mapped": found.rows_mapped,
        "rows_by_parent": found.rows_by_parent,
        "codes": found.codes,
        "codes_mapped": found.codes_mapped,
        "top_unmapped": [
            {"vocabulary": item.vocabulary, "code": item.code, "rows": item.rows}
            for item in found.top_unmapped
        ],
    }
