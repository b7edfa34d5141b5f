"""One order sent to several holders: each site is a zone that gates its own part before it leaves.

Nothing adds up what sites answer: no site gives anything that it would not publish alone. Numbers
are those of the list of attacks (docs/reference/attacks.md).
"""

import hashlib
import json
import zipfile
from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from ecluse.data.lake import Snapshot
from ecluse.domain.documents import (
    CheckReport,
    ExtractionOrder,
    JobOrder,
    OptOutList,
    Refusal,
    Signer,
    Verdict,
)
from ecluse.trust import canonical, keys
from tests.attacks.sandboxes import needs_bubblewrap
from tests.unit.data.agent.requests import DECIDED_AT, REQUEST, Requests
from tests.unit.data.agent.test_gate_two import TWO_VOTES, approve, released
from tests.unit.data.agent.worlds import MADE_AT, World
from tests.unit.data.lakes import publish
from tests.unit.data.studies import PERMIT
from tests.unit.data.tabulation.clinics import condition, person

NOBODY_OPTED_OUT = OptOutList(REQUEST, DECIDED_AT, ())
COUNT = 'open("/outputs/counts.csv", "w").write("n\\n40\\n")\n'


def refused(world: World) -> list[str]:
    """The codes of the refusals that both sites were sent."""
    bodies = [*world.bodies(world.public, Refusal), *world.bodies(world.checking, Refusal)]
    return [body.code for body in bodies if isinstance(body, Refusal)]


# --- A38: the sites that are asked ----------------------------------------------------------------


class Clinic(Requests):
    """A site of a federation that holds `count` women."""

    def __init__(self, folder: Path, count: int) -> None:
        def load(lake: Path) -> Snapshot:
            names = [(key, str(key), f"N{key:02}") for key in range(count)]
            tables = {
                "person": [person(key) for key in range(count)],
                "condition_occurrence": [condition(0, "E11", date(2021, 3, 1))],
            }
            return publish(lake, "clinic", tables, names, model_name="omop")

        World.__init__(self, folder, load)

    def answer(self) -> int | None:
        """How many persons this site says that it has, if it says."""
        self.send(self.order(NOBODY_OPTED_OUT))
        self.step()
        if not self.documents(self.checking, "CheckReport"):
            return None
        lines = self.tables()["by_sex.csv"].splitlines()[1:]
        cells = dict(line.split(",")[:2] for line in lines)
        return int(cells["_T"]) if cells["_T"].isdigit() else None


def careless_total(counts: Sequence[int]) -> int:
    """What a coordinator publishes who adds what the sites count."""
    return sum(counts)


def test_a38_a_site_with_one_person_gives_no_number_whatever_sites_are_asked_with_it(
    tmp_path: Path,
) -> None:
    everywhere, without_the_last = careless_total([30, 25, 1]), careless_total([30, 25])
    assert everywhere - without_the_last == 1  # asked twice, the sum tells the smallest site

    answers = [Clinic(tmp_path / str(count), count).answer() for count in (30, 25, 1)]

    assert answers == [30, 25, None]


def test_a38_a_site_that_drops_out_between_two_rounds_takes_away_only_what_it_published(
    tmp_path: Path,
) -> None:
    assert careless_total([30, 10]) - careless_total([30]) == 10  # under the threshold of eleven

    small, enough = (Clinic(tmp_path / str(count), count).answer() for count in (10, 11))

    assert (small, enough) == (None, 11)


@pytest.fixture
def world(tmp_path: Path) -> World:
    return World(tmp_path)


@pytest.fixture
def order(world: World) -> ExtractionOrder:
    """An order that was obeyed: the extract of two persons is there."""
    order = world.grant()
    world.send(order)
    world.step()
    return order


def report(world: World) -> CheckReport:
    found = world.bodies(world.checking, CheckReport)[-1]
    assert isinstance(found, CheckReport)
    return found


SMALL = {
    "analysis.py": 'open("/outputs/counts.csv", "w").write("site,persons\\nours,2\\n")\n',
    "outputs.toml": '[file."counts.csv"]\ncounts = ["persons"]\n',
}


@needs_bubblewrap
def test_a38_two_approvals_of_a_study_do_not_open_the_gate_of_a_site_with_two_persons(
    world: World, order: ExtractionOrder
) -> None:
    """The total over all sites would be large: each site judges its own part alone."""
    assert careless_total([2, 40_000]) > PERMIT.minimum_count
    world.order_job(order, SMALL)
    world.step()

    approve(world, report(world), TWO_VOTES)

    assert [file.verdict for file in report(world).files] == [Verdict.BLOCKED]
    assert (refused(world), released(world)) == (["out-of-scope"], [])


# --- A39: what is sent to a site ------------------------------------------------------------------


def careless_site(name: str, folder: Path) -> str:
    """Run what lies under the name that the message gives: what it is, nobody asks."""
    with zipfile.ZipFile(folder / name) as bundle:
        return bundle.read("analysis.py").decode()


def with_other_code(world: World, digest: str, code: str) -> Path:
    """Put another analysis under the name of the one that was approved."""
    path = world.checking.path / "blobs" / digest.removeprefix("sha256:")
    with zipfile.ZipFile(path, "w") as bundle:
        bundle.writestr("analysis.py", code)
    return path


def test_a39_other_code_than_the_order_names_does_not_run(
    world: World, order: ExtractionOrder
) -> None:
    world.order_job(order, {"analysis.py": COUNT})
    (waiting,) = world.checking.pull(0)
    code = json.loads(waiting.data)["document"]["body"]["code_digest"]
    path = with_other_code(world, code, "print(open('/data/ER_PHA_F.parquet', 'rb').read())")
    assert "ER_PHA_F" in careless_site(path.name, path.parent)
    assert hashlib.sha256(path.read_bytes()).hexdigest() != path.name

    world.step()

    assert refused(world) == ["bad-signature"]
    assert world.documents(world.checking, "JobReceipt") == []


@pytest.mark.parametrize(
    ("signer", "code"),
    [(Signer.PORTAL, "wrong-signer"), (Signer.REGISTER, "wrong-signer"), (None, "unknown-key")],
)
def test_a39_an_order_of_another_signer_or_of_nobody_known_is_refused(
    world: World, order: ExtractionOrder, signer: Signer | None, code: str
) -> None:
    stranger = keys.draw_key(Signer.CHECKING_ROOM, now=MADE_AT)
    key = stranger if signer is None else world.keys[signer]
    issuer = Signer.CHECKING_ROOM if signer is None else signer
    body = job(world, order)

    world.post(world.sign(body, key, issuer=issuer), world.checking)
    world.step()

    assert refused(world) == [code]
    assert world.documents(world.checking, "JobReceipt") == []


def job(world: World, order: ExtractionOrder, **changes: object) -> JobOrder:
    """An order to run an analysis that is ready in the mailbox."""
    bundle = world.checking.path / "bundle.zip"
    with zipfile.ZipFile(bundle, "w") as archive:
        archive.writestr("analysis.py", COUNT)
    receipt = world.documents(world.checking, "ExtractionReceipt")[-1]
    made = JobOrder(
        job_number=f"{order.permit_number}-J1",
        permit_number=order.permit_number,
        permit_digest=order.permit_digest,
        extraction_number=order.order_number,
        extraction_digest=canonical.digest(receipt),
        code_digest=world.checking.store_blob(bundle),
        entry="analysis.py",
        submitted_by=order.ordered_by,
    )
    return replace(made, **changes)  # type: ignore[arg-type]


def careless_inbox(data: bytes) -> bool:
    """Whether a site that obeys what is well formed would obey."""
    return json.loads(data)["document"]["kind"] == "JobOrder"


def test_a39_an_order_for_another_site_is_refused(world: World, order: ExtractionOrder) -> None:
    data = world.sign(job(world, order), audience=("agent:zone-2", "site:checking"))
    assert careless_inbox(data)

    world.post(data, world.checking)
    world.step()

    assert refused(world) == ["out-of-scope"]
    assert world.documents(world.checking, "JobReceipt") == []


@pytest.mark.parametrize(
    "changes",
    [
        {"permit_digest": "sha256:" + "0" * 64},
        {"extraction_digest": "sha256:" + "0" * 64},
        {"submitted_by": "stranger@other.example"},
        {"permit_number": "FR-2026-0009"},
    ],
    ids=["study not accepted", "data not here", "stranger", "another study"],
)
def test_a39_a_task_under_a_study_that_this_site_did_not_accept_is_refused(
    world: World, order: ExtractionOrder, changes: dict[str, object]
) -> None:
    body = job(world, order, **changes)
    assert careless_inbox(world.sign(body))

    world.send(body)
    world.step()

    assert refused(world) == ["out-of-scope"]
    assert world.documents(world.checking, "JobReceipt") == []


@needs_bubblewrap
def test_a39_a_task_sent_again_runs_once(world: World, order: ExtractionOrder) -> None:
    data = world.sign(job(world, order))
    assert careless_inbox(data)
    world.post(data, world.checking)
    world.step()

    world.post(data, world.checking)
    world.post(world.sign(job(world, order)), world.checking)  # signed anew, the same number
    world.step()

    assert refused(world) == ["replayed", "replayed"]
    assert len(world.documents(world.checking, "JobReceipt")) == 1


ROWS = """
import duckdb
rows = duckdb.sql("SELECT * FROM '/data/ER_PHA_F.parquet'")
rows.write_csv("/outputs/rows.csv")
rows.write_parquet("/outputs/rows.parquet")
open("/outputs/another_statistic.json", "w").write(
    "[" + ",".join('{"row": "%s"}' % "|".join(map(str, row)) for row in rows.fetchall()) + "]"
)
"""


@needs_bubblewrap
def test_a39_raw_rows_and_statistics_that_nobody_asked_for_do_not_leave_a_site(
    world: World, order: ExtractionOrder
) -> None:
    world.order_job(order, {"analysis.py": ROWS})
    world.step()

    approve(world, report(world), TWO_VOTES)

    verdicts = {file.name: file.verdict for file in report(world).files}
    assert verdicts.keys() == {"rows.csv", "rows.parquet", "another_statistic.json"}
    assert set(verdicts.values()) == {Verdict.BLOCKED}
    assert (refused(world), released(world)) == (["out-of-scope"], [])
