"""Results asked of the engine from inside a job: made, released, remembered."""

import pytest
from numpy import arange, int32

from ecluse.data.disclosure import Ledger, Predicate, Released, Releases
from ecluse.data.disclosure.predicates import encoded
from ecluse.domain.disclosure import DisclosurePolicy
from ecluse.domain.documents import CheckReport, ExtractionOrder, JobReceipt, Verdict
from tests.unit.data.agent.test_gate_two import TWO_VOTES, approve, refused, released
from tests.unit.data.agent.worlds import World

CODE = """
import glob
import pyarrow.parquet as parquet
from ecluse.data.results import tabulate

rows = parquet.read_table(sorted(glob.glob("/data/*.parquet"))[0])
persons = sorted(set(rows["person_pseudonym"].to_pylist()))
tabulate({"person_pseudonym": persons, "sex": ["F"] * len(persons)}, name="counts", by=["sex"])
open("/outputs/counts.csv", "w").write("sex,persons\\nF,1\\n")
tabulate({"person_pseudonym": ["0" * 64], "sex": ["F"]}, name="strangers", by=["sex"])
"""


@pytest.fixture
def report(world: World) -> CheckReport:
    """The checks of a job that asks for two results."""
    order: ExtractionOrder = world.grant()
    world.send(order)
    world.step()
    world.order_job(order, {"analysis.py": CODE})
    world.step()
    (report,) = world.bodies(world.checking, CheckReport)
    assert isinstance(report, CheckReport)
    return report


def test_the_engine_makes_the_file_in_place_of_the_request(
    world: World, report: CheckReport
) -> None:
    (receipt,) = world.bodies(world.checking, JobReceipt)
    assert isinstance(receipt, JobReceipt)

    # The extract has two persons: too few. What the analysis wrote itself is left behind.
    assert [file.name for file in receipt.outputs] == ["counts.csv"]
    assert [(one.name, one.verdict) for one in report.files] == [("counts.csv", Verdict.PASS)]
    assert [one.rule for one in report.files[0].findings] == ["M1"]
    assert b"rows" not in b"".join(
        path.read_bytes()[:20] for path in (world.checking.path / "blobs").iterdir()
    )


def test_a_request_about_strangers_makes_nothing_and_says_why(report: CheckReport) -> None:
    (finding,) = report.findings

    assert (finding.rule, finding.place) == ("D2", "strangers.result, file")
    assert finding.explanation.startswith("1 persons are not of the extract")


def test_who_is_behind_a_release_is_remembered_once_it_leaves(
    world: World, report: CheckReport
) -> None:
    memory = Releases(world.zone.path / "answers")
    with memory.of(world.snapshot.dataset) as before:
        assert before.earlier() == ()

    approve(world, report, TWO_VOTES)

    assert released(world) == [b"sex,persons\nTotal,s\nF,s\n"]
    with memory.of(world.snapshot.dataset) as after:
        assert [one.file for one in after.earlier()] == ["counts.csv"]


def test_what_left_meanwhile_holds_a_release_back(world: World, report: CheckReport) -> None:
    (waiting,) = (world.zone.path / "results").rglob("*/*")
    # As if the table had shown 20 persons, and 17 of them had left meanwhile.
    mine = Released("", "P-1", "counts.csv", (Predicate("total", arange(20, dtype=int32)),))
    other = Released("R-9", "P-2", "t.csv", (Predicate("total", arange(17, dtype=int32)),))
    waiting.write_bytes(encoded(mine))
    with Releases(world.zone.path / "answers").of(world.snapshot.dataset) as dataset:
        dataset.remember(other)

    approve(world, report, TWO_VOTES)

    assert refused(world) == ["out-of-scope"]
    assert released(world) == []


NOISY = """
import glob
import pyarrow.parquet as parquet
from ecluse.data.results import tabulate_with_noise

rows = parquet.read_table(sorted(glob.glob("/data/*.parquet"))[0])
persons = sorted(set(rows["person_pseudonym"].to_pylist()))
frame = {"person_pseudonym": persons, "sex": ["F"] * len(persons)}
tabulate_with_noise(frame, name="first", by=["sex"], epsilon=0.6)
tabulate_with_noise(frame, name="second", by=["sex"], epsilon=0.6)
"""


def test_noise_in_a_job_is_paid_from_the_ledger_of_the_zone_until_it_is_empty(
    world: World,
) -> None:
    pytest.importorskip("opendp", reason="noise needs the extra `privacy`")
    order = world.grant()
    world.send(order)
    world.step()
    world.order_job(order, {"analysis.py": NOISY})

    world.step()

    (receipt,) = world.bodies(world.checking, JobReceipt)
    (report,) = world.bodies(world.checking, CheckReport)
    assert isinstance(receipt, JobReceipt)
    assert isinstance(report, CheckReport)
    ledger = Ledger(world.zone.path / "answers" / world.snapshot.dataset, DisclosurePolicy())
    assert [file.name for file in receipt.outputs] == ["first.csv"]
    assert ledger.spent(order.permit_number) == 600
    assert [one.rule for one in report.findings] == ["M1", "R17"]
    assert "600 thousandths of epsilon asked, 400 left" in report.findings[1].explanation
