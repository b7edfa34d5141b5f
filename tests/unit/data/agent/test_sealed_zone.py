"""What the agent keeps of an extract on its disk, and what is left of it once its key is gone."""

import shutil

import pytest

from ecluse.data.extraction import open_files
from ecluse.domain.documents import ExtractionReceipt, JobReceipt, JobStatus, Refusal
from ecluse.trust import canonical
from tests.unit.data.agent.worlds import World
from tests.unit.data.studies import PERMIT

NUMBER = PERMIT.permit_number
ANALYSIS = """
import duckdb
rows = duckdb.sql("SELECT count(*) FROM '/data/ER_PHA_F.parquet'").fetchall()[0][0]
open("/outputs/rows.csv", "w").write(f"rows\\n{rows}\\n")
"""


def test_an_extract_lies_sealed_and_its_receipt_tells_the_content(world: World) -> None:
    order = world.grant()
    world.send(order)

    world.step()

    folder = world.zone.extract(NUMBER, order.order_number)
    files = open_files(folder, world.zone.seals(NUMBER))
    (receipt,) = world.bodies(world.public, ExtractionReceipt)
    assert isinstance(receipt, ExtractionReceipt)
    told = {file.name: file.digest for file in receipt.files}
    assert b"PAR1" not in b"".join(path.read_bytes() for path in folder.iterdir())
    assert canonical.digest(files.read("ER_PHA_F.parquet")) == told["ER_PHA_F.parquet"]


@pytest.mark.skipif(shutil.which("bwrap") is None, reason="bubblewrap is not installed here")
def test_a_job_runs_on_a_sealed_extract(world: World) -> None:
    order = world.grant()
    world.send(order)
    world.step()
    world.order_job(order, {"analysis.py": ANALYSIS})

    world.step()

    (receipt,) = world.bodies(world.checking, JobReceipt)
    assert isinstance(receipt, JobReceipt)
    assert (receipt.status, receipt.log_summary) == (JobStatus.SUCCEEDED, "exit code 0")
    left = [path for path in world.zone.path.glob("jobs/**/*") if path.is_file()]
    assert not any(b"PAR1" in path.read_bytes() for path in left)


def test_no_job_runs_on_an_extract_whose_key_was_destroyed(world: World) -> None:
    order = world.grant()
    world.send(order)
    world.step()
    world.zone.extract_keys().destroy(NUMBER)
    world.order_job(order, {"analysis.py": ANALYSIS})

    world.step()

    (refusal,) = world.bodies(world.checking, Refusal)
    assert isinstance(refusal, Refusal)
    assert (refusal.code, "nobody" in refusal.reason) == ("not-found", True)
