"""After the end: deleted data looked for, pseudonyms joined, old copies put back in place.

Numbers are those of the list of attacks (docs/reference/attacks.md).
"""

import hashlib
import io
import resource
import shutil
import time
from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from ecluse.data.agent.standing import FRESH_SECONDS, SignedStanding
from ecluse.data.extraction import open_files
from ecluse.domain.documents import (
    DeletionOrder,
    ExtractionOrder,
    Refusal,
    Revocation,
    Signer,
)
from ecluse.domain.errors import BadSignature, Expired, NotAllowed, NotFound, Revoked, Unreachable
from ecluse.trust.journal import checkpoints
from ecluse.trust.mailbox import Delivery, FolderMailbox
from tests.attacks.sandboxes import Inside, Outside, needs_bubblewrap
from tests.unit.data import studies
from tests.unit.data.agent.worlds import SENT_AT, World
from tests.unit.data.studies import NOW, OPT_OUTS, PERMIT
from tests.unit.domain.build import PI

NUMBER, OTHER = PERMIT.permit_number, "FR-2026-0002"
REVOCATION = Revocation(NUMBER, SENT_AT, "Misuse.")
COUNT = 'open("/outputs/counts.csv", "w").write("n\\n40\\n")\n'


@pytest.fixture
def world(tmp_path: Path) -> World:
    return World(tmp_path)


@pytest.fixture
def order(world: World) -> ExtractionOrder:
    """An order that was obeyed: the extract is there."""
    order = world.grant()
    world.send(order)
    world.step()
    return order


def refused(world: World) -> list[str]:
    """The codes of the refusals that both sites were sent."""
    bodies = [*world.bodies(world.public, Refusal), *world.bodies(world.checking, Refusal)]
    return [body.code for body in bodies if isinstance(body, Refusal)]


def careless_extract(order: ExtractionOrder, world: World, folder: Path) -> bytes:
    """The same table as a plain file, as a program that does not seal leaves it."""
    folder.mkdir()
    files = open_files(world.zone.extract(NUMBER, order.order_number), world.zone.seals(NUMBER))
    (folder / "ER_PHA_F.parquet").write_bytes(files.read("ER_PHA_F.parquet"))
    return (folder / "ER_PHA_F.parquet").read_bytes()


def destroy(world: World, order: ExtractionOrder) -> None:
    world.send(REVOCATION)
    world.send(DeletionOrder(NUMBER, order.permit_digest, SENT_AT, "nora.blanc@hub.example"))
    world.step()


# --- A60: after the end ---------------------------------------------------------------------------


def careless_session(opened_at: datetime, *, now: datetime) -> bool:
    """Whether a session that was opened rightly goes on, as a cookie of a month does."""
    return now - opened_at < timedelta(days=30)


def test_a60_a_session_opened_in_time_ends_with_the_permit(
    world: World, order: ExtractionOrder
) -> None:
    """What opened a workspace is asked again, of the permit as it stands now."""
    standing = SignedStanding(world.zone.state)
    after = NOW + timedelta(days=400)
    standing.check(NUMBER, PI, now=NOW)
    assert careless_session(after - timedelta(days=1), now=after)

    with pytest.raises(Expired):
        standing.check(NUMBER, PI, now=after)


def test_a60_a_session_opened_in_time_ends_with_a_revocation(
    world: World, order: ExtractionOrder
) -> None:
    standing = SignedStanding(world.zone.state)
    standing.check(NUMBER, PI, now=NOW)
    assert careless_session(NOW, now=NOW)
    world.send(REVOCATION)
    world.step()
    time.sleep(FRESH_SECONDS)  # what was read is believed for a second

    with pytest.raises(Revoked):
        standing.check(NUMBER, PI, now=NOW)


# --- A61: what is left ----------------------------------------------------------------------------


def test_a61_a_restored_copy_of_a_deleted_extract_opens_for_nobody(
    world: World, order: ExtractionOrder, tmp_path: Path
) -> None:
    plain = careless_extract(order, world, tmp_path / "careless")
    extract = world.zone.extract(NUMBER, order.order_number)
    backup = Path(shutil.copytree(extract, tmp_path / "backup" / extract.name))

    destroy(world, order)
    shutil.copytree(backup, extract)

    assert careless_rows(tmp_path / "careless") == pq.read_table(io.BytesIO(plain)).num_rows > 0
    with pytest.raises(NotFound, match="nobody"):
        open_files(extract, world.zone.seals(NUMBER))
    assert b"PAR1" not in b"".join(path.read_bytes() for path in extract.iterdir())


def careless_rows(folder: Path) -> int:
    """How many rows whoever finds the folder reads."""
    return int(pq.read_table(folder / "ER_PHA_F.parquet").num_rows)


def test_a61_a_restored_copy_of_the_wrapped_keys_opens_nothing_once_the_zone_s_key_changed(
    world: World, order: ExtractionOrder, tmp_path: Path
) -> None:
    """Keys lie wrapped by the key of the zone: a backup that holds both would open again."""
    extract = world.zone.extract(NUMBER, order.order_number)
    wrapped = world.zone.keys / "extracts" / NUMBER
    shutil.copytree(extract, tmp_path / "extract")
    shutil.copytree(wrapped, tmp_path / "wrapped")
    destroy(world, order)
    shutil.copytree(tmp_path / "wrapped", wrapped)
    careless = open_files(tmp_path / "extract", world.zone.seals(NUMBER))
    assert careless.read("ER_PHA_F.parquet").startswith(b"PAR1")  # while the zone's key is the same
    shutil.rmtree(wrapped)

    world.zone.custody.replace(world.zone.extract_keys())
    shutil.copytree(tmp_path / "wrapped", wrapped)

    with pytest.raises((BadSignature, NotFound)):
        open_files(tmp_path / "extract", world.zone.seals(NUMBER)).read("ER_PHA_F.parquet")


LIMIT = "import resource; print(resource.getrlimit(resource.RLIMIT_CORE)[1], flush=True)"


@needs_bubblewrap
@pytest.mark.skipif(
    resource.getrlimit(resource.RLIMIT_CORE)[1] == 0, reason="core dumps are forbidden here anyway"
)
def test_a61_a_job_that_dies_leaves_no_core_dump_and_cannot_ask_for_one(
    inside: Inside, outside: Outside, tmp_path: Path
) -> None:
    assert outside(LIMIT).strip() != "0"  # an ordinary program may ask for one

    died = inside(f"{LIMIT}\nimport os; os.abort()")

    assert died.stdout_path.read_text().strip() == "0"
    assert [path.name for path in tmp_path.rglob("core*")] == []


READ = """
import duckdb
rows = duckdb.sql("SELECT * FROM '/data/ER_PHA_F.parquet'").fetchall()
open("/tmp/copy.txt", "w").write(repr(rows))
open("/outputs/counts.csv", "w").write("n\\n40\\n")
"""


@needs_bubblewrap
def test_a61_no_copy_in_clear_touches_the_disk_while_a_job_reads_its_data(
    world: World, order: ExtractionOrder, tmp_path: Path
) -> None:
    """What a job opens, and what it writes beside its outputs, lies in memory."""
    plain = careless_extract(order, world, tmp_path / "careless")
    values = spelled(plain)
    assert found_in(tmp_path / "careless", values)
    world.order_job(order, {"analysis.py": READ})
    seen: list[list[Path]] = []

    with world.agent(on_progress=lambda _step: seen.append(in_zone(world, values))) as agent:
        agent.step(NOW)

    assert len(world.documents(world.checking, "JobReceipt")) == 1
    assert len(seen) > 5
    assert [found for found in seen if found] == []


def spelled(parquet: bytes) -> list[bytes]:
    """The pseudonyms of an extract, and the marks of a file of rows."""
    table = pq.read_table(io.BytesIO(parquet))
    texts = [name for name in table.column_names if pa.types.is_string(table[name].type)]
    pseudonyms = [value for name in texts for value in table[name].to_pylist() if value]
    return [b"PAR1", *(value.encode() for value in pseudonyms if len(value) > 16)]


def found_in(folder: Path, values: Iterable[bytes]) -> list[Path]:
    files = [path for path in folder.rglob("*") if path.is_file() and not path.is_symlink()]
    return [path for path in files if any(value in path.read_bytes() for value in values)]


def in_zone(world: World, values: list[bytes]) -> list[Path]:
    """The files of projects and jobs that hold one of these values."""
    return [
        path
        for folder in (world.zone.projects, world.zone.path / "jobs", world.zone.blobs)
        for path in found_in(folder, values)
    ]


# --- A62: two projects ----------------------------------------------------------------------------


def careless_pseudonym(identity: str) -> str:
    """A digest without a key, the same for every project."""
    return hashlib.sha256(identity.encode()).hexdigest()


def extracted(world: World, number: str) -> set[str]:
    """Every long text in the extract of one project: its pseudonyms, of persons and of claims."""
    permit = replace(PERMIT, permit_number=number)
    opt_outs = replace(OPT_OUTS, permit_number=number)
    order = replace(
        world.grant(permit, opt_outs),
        order_number=f"{number}-E1",
        permit_number=number,
        pseudonym_domain=number,
    )
    world.send(order)
    world.step()
    files = open_files(world.zone.extract(number, order.order_number), world.zone.seals(number))
    tables = [files.read(name) for name in ("ER_PHA_F.parquet", "ER_PRS_F.parquet")]
    return {value.decode() for table in tables for value in spelled(table)} - {"PAR1"}


def test_a62_the_extracts_of_two_projects_share_no_pseudonym(world: World) -> None:
    identities = [identity for _key, identity, _opt_out in studies.PERSONS]
    ours = {careless_pseudonym(identity) for identity in identities}
    assert ours & {careless_pseudonym(identity) for identity in identities} == ours  # all joined

    first, second = extracted(world, NUMBER), extracted(world, OTHER)

    assert refused(world) == []
    assert len(first) == len(second) > 2
    assert first & second == set()
    assert {one[:16] for one in first} & {other[:16] for other in second} == set()


def test_a62_a_pseudonym_is_the_digest_of_nothing_that_an_attacker_knows(world: World) -> None:
    identities = [identity for _key, identity, _opt_out in studies.PERSONS]
    guesses = {
        careless_pseudonym(text)
        for identity in identities
        for text in (identity, f"{identity}{NUMBER}", f"{NUMBER}{identity}", f"{NUMBER}:{identity}")
    }

    assert guesses & extracted(world, NUMBER) == set()


# --- A63: an older copy put back ------------------------------------------------------------------


class Away(FolderMailbox):
    """A site that does not answer."""

    def pull(self, after: int) -> list[Delivery]:
        raise Unreachable(f"No answer after {after}.")


def put_back_the_state(world: World, backup: Path) -> None:
    """Restore the agent's memory from a copy, and nothing else."""
    left = list(world.zone.path.glob("agent.db-*"))
    shutil.copy(backup, world.zone.state)

    assert left == []  # its log was folded in when the agent stopped


def careless_memory(world: World) -> bool:
    """Whether a program that asks only its own memory would obey the permit again."""
    with world.agent() as agent:
        return agent._room.withdrawals(NUMBER) == ()


@needs_bubblewrap
def test_a63_a_restored_memory_that_lacks_a_revocation_obeys_nothing_before_it_is_whole(
    world: World, order: ExtractionOrder, tmp_path: Path
) -> None:
    shutil.copy(world.zone.state, tmp_path / "backup.db")
    world.send(REVOCATION)
    world.step()
    put_back_the_state(world, tmp_path / "backup.db")
    assert careless_memory(world)
    world.order_job(order, {"analysis.py": COUNT})
    there = world.public

    world.public = Away(there.path)
    world.step()
    while_away = len(world.documents(world.checking, "JobReceipt"))
    world.public = there
    world.step()

    assert while_away == 0
    assert len(world.documents(world.checking, "JobReceipt")) == 0
    assert "revoked" in refused(world)


def test_a63_a_site_restored_without_its_revocation_cannot_order_under_the_permit(
    world: World, order: ExtractionOrder
) -> None:
    """The zone keeps every paper: what a site forgot still binds."""
    world.send(REVOCATION)
    world.step()
    inbox = sorted((world.public.path / "in").iterdir())
    kept_by_the_site = [path.name for path in inbox if b"Revocation" not in path.read_bytes()]
    assert len(kept_by_the_site) == len(inbox) - 1  # the copy knows the permit, not its end

    world.send(replace(order, order_number=f"{NUMBER}-E2"))
    world.step()

    assert refused(world) == ["revoked"]
    assert world.extracts() == [f"{NUMBER}/{NUMBER}-E1"]


def show(world: World, size: int) -> None:
    """Have the public site show a journal of this many entries."""
    root, key = bytes([size]) * 32, world.keys[Signer.PORTAL]
    note = checkpoints.sign_checkpoint("ecluse/public", size, root, key)
    (world.public.path / "in" / "checkpoint").write_text(note)


def careless_witness(notes: list[tuple[str, int]]) -> dict[str, int]:
    """What a witness knows that keeps the last word of each side."""
    return dict(notes)


def test_a63_a_site_put_back_is_known_by_the_journal_that_it_showed_before(world: World) -> None:
    assert careless_witness([("public", 57), ("public", 41)]) == {"public": 41}  # nothing to notice
    show(world, 57)
    world.send(world.grant())
    world.step()

    show(world, 41)
    world.send(REVOCATION)
    with world.agent() as agent:
        report = agent.step(NOW)

    assert "put back from an older copy" in (report.unreachable or {})["public"]
    assert report.done == 1


def test_a63_a_restored_extract_of_a_destroyed_permit_serves_no_new_job(
    world: World, order: ExtractionOrder, tmp_path: Path
) -> None:
    extract = world.zone.extract(NUMBER, order.order_number)
    shutil.copytree(extract, tmp_path / "extract")
    shutil.copytree(world.zone.keys / "extracts" / NUMBER, tmp_path / "wrapped")
    destroy(world, order)
    shutil.copytree(tmp_path / "extract", extract)
    shutil.copytree(tmp_path / "wrapped", world.zone.keys / "extracts" / NUMBER)
    assert careless_extract(order, world, tmp_path / "careless").startswith(b"PAR1")

    world.order_job(order, {"analysis.py": COUNT})
    world.step()

    assert refused(world) == ["out-of-scope"]
    assert world.documents(world.checking, "JobReceipt") == []


def test_a41_a_clock_set_back_opens_no_workspace(world: World, order: ExtractionOrder) -> None:
    standing = SignedStanding(world.zone.state)
    yesterday = NOW - timedelta(days=1)
    assert careless_session(yesterday, now=yesterday)

    with pytest.raises(NotAllowed, match="set it right"):
        standing.check(NUMBER, PI, now=yesterday)
