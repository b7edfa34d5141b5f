"""The agent as it runs: its loop, its stop, its defects, and the command line."""

import json
import os
import shutil
import signal
import subprocess
import sys
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from threading import Event, Thread

import pytest

from ecluse.data.agent import Agent, StepReport
from ecluse.data.agent.offline import Papers, extract_from_files
from ecluse.domain.documents import ExtractionReceipt, Refusal, Signer
from ecluse.domain.errors import InvalidInput, NotAllowed, NotFound, OutOfScope
from ecluse.domain.receipts import published
from ecluse.trust import rotation
from ecluse.trust.journal import files
from ecluse.trust.journal.entries import Entry
from ecluse.trust.keys import Keyring
from tests.unit.data.agent.worlds import World
from tests.unit.data.studies import NOW, OPT_OUTS, PERMIT, order


@pytest.fixture
def world(tmp_path: Path) -> World:
    return World(tmp_path / "ecluse")


@pytest.fixture
def papers(world: World, tmp_path: Path) -> Papers:
    """The three signed files of the study, carried by hand."""
    permit, opt_outs = world.sign(PERMIT), world.sign(OPT_OUTS)
    made = order(
        world.snapshot,
        permit_digest=world.digest(permit),
        opt_out_list_digest=world.digest(opt_outs),
    )
    found = Papers(tmp_path / "order.json", tmp_path / "permit.json", tmp_path / "opt-outs.json")
    found.order.write_bytes(world.sign(made))
    found.permit.write_bytes(permit)
    found.opt_outs.write_bytes(opt_outs)
    return found


def command(world: World, *arguments: str) -> "subprocess.Popen[str]":
    return subprocess.Popen(
        [sys.executable, "-m", "ecluse", *arguments],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, "ECLUSE_HOME": str(world.zone.path.parent)},
    )


def test_the_loop_obeys_what_arrives_and_stops_when_asked(world: World) -> None:
    stop, worked = Event(), Event()
    reports: list[StepReport] = []

    def listen(report: StepReport) -> None:
        reports.append(report)
        worked.set()

    with world.agent() as agent:
        thread = Thread(target=agent.run, args=(stop,), kwargs={"every": 60, "on_step": listen})
        world.send(world.grant())
        thread.start()
        assert worked.wait(60)
        stop.set()
        thread.join(60)

    assert not thread.is_alive()
    assert reports[0].done == 3


def test_the_loop_ends_when_the_agents_key_was_replaced(world: World) -> None:
    stop = Event()
    with world.agent() as agent:
        rotation.rotate(world.zone.keys, Signer.AGENT, now=NOW)
        agent.run(stop)

    assert not stop.is_set()


def test_the_next_agent_signs_with_the_new_key(world: World) -> None:
    new, data = rotation.rotate(world.zone.keys, Signer.AGENT, now=NOW)
    Keyring.load(world.zone.keyring).with_key(new.public()).save(world.zone.keyring)

    world.send(world.grant())
    world.step()

    assert new.key_id.encode() not in data.split(b'"signature"')[1]
    assert len(world.bodies(world.public, ExtractionReceipt)) == 1


def test_a_damaged_snapshot_in_the_lake_does_not_stop_revocations(world: World) -> None:
    (world.snapshot.path / "manifest.json").write_text("{}")
    world.send(PERMIT)

    with world.agent() as agent:
        report = agent.step(NOW)

    assert report.done == 1
    assert list(report.unreachable or {}) == ["lake"]


def test_a_defect_is_tried_again_then_refused_without_quoting_anything(world: World) -> None:
    world.send(world.grant())
    world.zone.pseudonym_keys()
    world.zone.projects.write_text("a file where a folder should be")

    with world.agent() as agent:
        reports = [agent.step(NOW), agent.step(NOW), agent.step(NOW)]

    (refusal,) = world.bodies(world.public, Refusal)
    assert isinstance(refusal, Refusal)
    assert [report.postponed for report in reports] == [1, 1, 0]
    assert refusal.code == "error"
    assert refusal.reason.startswith("Defect NotADirectoryError at ")


def test_a_full_disk_makes_an_order_wait_and_it_is_obeyed_later(world: World) -> None:
    world.send(world.grant())
    done = subprocess.run(
        [sys.executable, "-c", SMALL_FILES, str(world.zone.path.parent)],
        capture_output=True,
        text=True,
        check=True,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(["src", "."])},
    )
    before = world.bodies(world.public, ExtractionReceipt)

    world.step()

    assert done.stdout.split() == ["storage"]
    assert not list(world.zone.projects.glob("**/.staging-*"))
    assert before == []
    assert world.bodies(world.public, Refusal) == []
    assert len(world.bodies(world.public, ExtractionReceipt)) == 1


SMALL_FILES = """
import resource, signal, sys
from pathlib import Path
from ecluse.data.agent import Agent, Zone
from ecluse.trust.mailbox import FolderMailbox
from tests.unit.data.studies import NOW

folder = Path(sys.argv[1])
mailboxes = {name: FolderMailbox(folder / name) for name in ("public", "checking")}
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)

def fill_the_disk(name):
    if name.startswith("extraction: table"):
        resource.setrlimit(resource.RLIMIT_FSIZE, (600, 600))

zone = Zone(folder / "zone")
with Agent(zone, mailboxes, clock=lambda: NOW, on_progress=fill_the_disk) as agent:
    report = agent.step(NOW)
    print(*report.unreachable)
"""


def test_signed_files_are_extracted_with_the_sites_switched_off(
    world: World, papers: Papers
) -> None:
    receipt, folder = extract_from_files(papers, zone=world.zone, clock=lambda: NOW)

    assert receipt.attrition[-1].person_count == 2
    assert folder == world.zone.extract(PERMIT.permit_number, receipt.order_number)
    lines = files.read(world.zone.journal / files.ENTRIES).lines
    told = [Entry.parse(line).action for line in lines]
    assert told == ["document.received", "extraction.delivered"]


def test_the_agent_then_answers_the_same_order_with_the_same_receipt(
    world: World, papers: Papers
) -> None:
    receipt, _ = extract_from_files(papers, zone=world.zone, clock=lambda: NOW)
    for path in (papers.permit, papers.opt_outs, papers.order):
        world.post(path.read_bytes(), world.public)

    world.step()

    leaving = published(receipt, minimum=PERMIT.minimum_count)
    assert world.bodies(world.public, ExtractionReceipt) == [leaving]


def test_a_refusal_of_signed_files_is_journalled(world: World, papers: Papers) -> None:
    papers.order.write_bytes(world.sign(order(world.snapshot)))

    with pytest.raises(OutOfScope):
        extract_from_files(papers, zone=world.zone, clock=lambda: NOW)

    lines = files.read(world.zone.journal / files.ENTRIES).lines
    (entry,) = [Entry.parse(line) for line in lines]
    assert (entry.action, entry.details["code"]) == ("document.refused", "out-of-scope")


def test_a_file_of_another_kind_is_named(world: World, papers: Papers) -> None:
    swapped = replace(papers, permit=papers.opt_outs)

    with pytest.raises(InvalidInput, match="OptOutList"):
        extract_from_files(swapped, zone=world.zone, clock=lambda: NOW)


def test_a_missing_file_is_named(world: World, papers: Papers) -> None:
    absent = replace(papers, order=papers.order.with_name("absent.json"))

    with pytest.raises(NotFound, match=r"absent\.json"):
        extract_from_files(absent, zone=world.zone, clock=lambda: NOW)


def test_files_are_not_extracted_beside_a_running_agent(world: World, papers: Papers) -> None:
    with world.agent(), pytest.raises(NotAllowed):
        extract_from_files(papers, zone=world.zone, clock=lambda: NOW)


def test_the_command_agent_makes_one_round_on_folders(world: World) -> None:
    world.send(PERMIT)

    said, errors = command(
        world, "agent", "--once", "--folder", str(world.zone.path.parent), "--json"
    ).communicate(timeout=60)

    assert json.loads(said)["done"] == 1, errors


def test_the_command_agent_stops_cleanly_when_asked(world: World) -> None:
    running = command(world, "agent", "--folder", str(world.zone.path.parent))
    assert running.stdout is not None
    running.stdout.readline()

    running.send_signal(signal.SIGTERM)
    said, _ = running.communicate(timeout=60)

    assert running.returncode == 0
    assert "Agent arrêté." in said


def test_the_command_extract_says_what_was_delivered(world: World, papers: Papers) -> None:
    done = command(
        world,
        *("extract", str(papers.order), "--permit", str(papers.permit)),
        *("--opt-outs", str(papers.opt_outs), "--json"),
    )
    said, errors = done.communicate(timeout=60)

    assert done.returncode == 0, errors
    assert json.loads(said)["receipt"]["attrition"][0]["person_count"] == 4


def test_the_command_extract_gives_the_exit_code_of_the_refusal(
    world: World, papers: Papers
) -> None:
    papers.order.write_bytes(world.sign(order(world.snapshot)))

    done = command(
        world,
        *("extract", str(papers.order), "--permit", str(papers.permit)),
        *("--opt-outs", str(papers.opt_outs), "--json"),
    )
    said, _ = done.communicate(timeout=60)

    assert done.returncode == OutOfScope.exit_code
    assert json.loads(said)["error"]["code"] == "out-of-scope"


def entries(world: World) -> list[Entry]:
    lines = files.read(world.zone.journal / files.ENTRIES).lines
    return [Entry.parse(line) for line in lines]


def test_the_walls_are_tested_at_the_start_and_once_a_day_and_journalled(world: World) -> None:
    hours, stop = [0], Event()
    mailboxes = {"public": world.public, "checking": world.checking}

    def pass_half_a_day(_report: StepReport) -> None:
        hours[0] += 12
        {48: stop.set}.get(hours[0], list)()

    with Agent(world.zone, mailboxes, clock=lambda: NOW + timedelta(hours=hours[0])) as agent:
        agent.run(stop, every=0, on_step=pass_half_a_day)

    told = [one for one in entries(world) if one.subject == "isolation"]
    assert [one.at for one in told] == [NOW, NOW + timedelta(hours=24)]


@pytest.mark.skipif(shutil.which("bwrap") is None, reason="bubblewrap is not installed here")
def test_a_missing_wall_is_journalled_by_its_name(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    stop = Event()
    with world.agent() as agent:
        monkeypatch.setenv("PATH", "/nowhere")
        agent.run(stop, on_step=lambda _report: stop.set())

    (told,) = [one for one in entries(world) if one.subject == "isolation"]
    assert (told.action, told.details["missing"]) == ("enclave.wall-missing", "sandbox")
