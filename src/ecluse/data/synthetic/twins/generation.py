"""Writing the three other databases of the synthetic country, and their truth apart."""

import json
from collections.abc import Iterable
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

from ecluse.data.engines import storage_failures
from ecluse.data.synthetic.calendar import Period
from ecluse.data.synthetic.twins import cohort, registry, warehouse
from ecluse.data.synthetic.twins.blocks import Block
from ecluse.data.synthetic.twins.cohort import Cohort
from ecluse.data.synthetic.twins.files import Tables
from ecluse.data.synthetic.twins.patients import Patients
from ecluse.data.synthetic.twins.registry import Registry
from ecluse.data.synthetic.twins.traits import draw_traits
from ecluse.data.synthetic.twins.tumours import draw_tumours
from ecluse.data.synthetic.twins.warehouse import Warehouse


@dataclass(frozen=True, slots=True)
class TwinReport:
    """Where the three deliveries are, and the rows of each of their tables.

    Models: `omop` for the hospital, `cohort-demo` and `registry-demo` for the others.
    `truth_path` is never loaded: who is who, what the texts say, which cases are missing.
    """

    hospital_path: Path
    cohort_path: Path
    registry_path: Path
    truth_path: Path
    hospital: dict[str, int]
    cohort: dict[str, int]
    registry: dict[str, int]
    truth: dict[str, int]


def generate_twins(
    target: Path, blocks: Iterable[Block], *, period: Period, seed: int
) -> TwinReport:
    """Write a hospital warehouse, a cohort and a registry about the persons of `blocks`.

    One block is in memory at a time. The same blocks and seed give the same bytes; each holder has
    its own numbers of persons, which only `truth` links.

    Raises:
        StorageFull: no space is left.
    """
    truth_path = target / "truth" / "twins"
    with storage_failures(target), ExitStack() as files:
        truth = files.enter_context(
            Tables(truth_path, {**warehouse.TRUTH, **cohort.TRUTH, **registry.TRUTH})
        )
        hospital = files.enter_context(Tables(target / "hospital", warehouse.HEADERS))
        volunteers = files.enter_context(Tables(target / "cohort", cohort.HEADERS))
        cases = files.enter_context(Tables(target / "registry", registry.HEADERS))
        writers = (
            Warehouse(hospital, truth, seed=seed),
            Cohort(volunteers, truth, period=period, seed=seed),
            Registry(cases, truth, period=period, seed=seed),
        )
        for block in blocks:
            _add(block, *writers, period=period, seed=seed)
        report = TwinReport(
            hospital_path=target / "hospital",
            cohort_path=target / "cohort",
            registry_path=target / "registry",
            truth_path=truth_path,
            hospital=hospital.rows,
            cohort=volunteers.rows,
            registry=cases.rows,
            truth=truth.rows,
        )
        _write_counts(report)
    return report


def _add(
    block: Block,
    hospital: Warehouse,
    volunteers: Cohort,
    cases: Registry,
    *,
    period: Period,
    seed: int,
) -> None:
    traits = draw_traits(block, seed=seed, day=period.start)
    tumours = draw_tumours(block, seed=seed)
    hospital.add(block, Patients(block, traits, tumours, seed=seed))
    volunteers.add(block, traits)
    cases.add(block, tumours)


def _write_counts(report: TwinReport) -> None:
    counts = {
        "hospital": report.hospital,
        "cohort": report.cohort,
        "registry": report.registry,
        "truth": report.truth,
    }
    text = json.dumps(counts, indent=2)
    (report.truth_path / "counts.json").write_text(text, encoding="utf-8")
