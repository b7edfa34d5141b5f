"""A crash or a full disk between what is done and its entry: never done without being told.

Numbers are those of the list of attacks (docs/reference/attacks.md).
"""

import resource
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest

from ecluse.data.agent.agents import ORIGIN
from ecluse.domain.documents import Signer
from ecluse.domain.errors import NotFound
from ecluse.portal.accounts.models import User
from ecluse.portal.audit import identity
from ecluse.portal.audit.models import JournalEntry
from ecluse.trust import keys
from ecluse.trust.journal import files
from ecluse.trust.journal.entries import Entry
from ecluse.trust.journal.files import FileJournal
from tests.sites import Signers
from tests.unit.data.agent.worlds import World
from tests.unit.data.studies import NOW
from tests.unit.portal.zone import account

EXTRACT = ["FR-2026-0001/FR-2026-0001-E1"]


class Cut(BaseException):
    """What no part of a program catches, as a power failure."""


@pytest.fixture
def world(tmp_path: Path) -> World:
    world = World(tmp_path)
    world.send(world.grant())
    return world


def told(world: World) -> list[str]:
    """The facts of the journal, with what each is about."""
    lines = files.read(world.zone.journal / files.ENTRIES).lines
    entries = [Entry.parse(line) for line in lines]
    return [f"{entry.action} {entry.subject.partition(' ')[0]}" for entry in entries]


def careless(effect: Path, log: Path, *, between: Callable[[], None] = lambda: None) -> None:
    """Do, then tell, and go on when the log cannot be written: as many programs do."""
    effect.write_text("rows")
    between()
    with suppress(OSError), log.open("ab", buffering=0) as file:
        file.write(b"extraction delivered\n")


def stop() -> None:
    raise Cut


def test_a45_an_extraction_cut_before_its_entry_was_announced_and_is_told_once_at_the_restart(
    tmp_path: Path, world: World
) -> None:
    with pytest.raises(Cut):
        careless(tmp_path / "effect", tmp_path / "log", between=stop)
    assert (tmp_path / "effect").exists()
    assert not (tmp_path / "log").exists()  # done, and nobody will ever know

    def cut_before_the_entry(step: str) -> None:
        if step == "obeyed" and world.extracts():
            raise Cut

    with pytest.raises(Cut), world.agent(on_progress=cut_before_the_entry) as agent:
        agent.step(NOW)
    at_the_cut = told(world)
    assert world.extracts() == EXTRACT
    world.step()

    assert "document.received ExtractionOrder" in at_the_cut
    assert "extraction.delivered ExtractionOrder" not in at_the_cut
    assert told(world).count("extraction.delivered ExtractionOrder") == 1
    assert world.extracts() == EXTRACT


@pytest.mark.django_db
def test_a45_an_act_of_a_site_whose_entry_cannot_be_signed_is_not_done(signers: Signers) -> None:
    """The entry lies in the transaction of the act: both stay or neither does."""
    written_without_a_word = careless_account("by.hand@hub.example")
    assert (User.objects.get(), JournalEntry.objects.count()) == (written_without_a_word, 0)
    (identity.key_folder() / f"{signers.portal.key_id}.key").unlink()

    with pytest.raises(NotFound, match="restore it, or make a new key"):
        account("sarah.petit@hub.example")

    assert (User.objects.get(), JournalEntry.objects.count()) == (written_without_a_word, 0)


def careless_account(email: str) -> User:
    """A row written beside the actions, as from a console of the database."""
    return User.objects.create(email=email)


@contextmanager
def files_limited_to(size: int) -> Iterator[None]:
    """No file of this process may grow beyond `size` bytes, as on a full disk."""
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, limits[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)


@pytest.fixture
def long_journal(world: World) -> Path:
    """A journal larger than all that the agent writes beside it: it is the first to be full."""
    key = keys.load_signing_key(world.zone.keys, Signer.AGENT)
    with FileJournal(world.zone.journal, origin=ORIGIN, key=key) as journal:
        for number in range(40):
            subject = f"{number} {'x' * 50_000}"
            journal.append("zone.opened", actor="agent", subject=subject, at=NOW)
        return journal.path


def test_a46_nothing_is_obeyed_while_the_disk_under_the_journal_is_full(
    tmp_path: Path, world: World, long_journal: Path
) -> None:
    (tmp_path / "log").write_bytes(long_journal.read_bytes())
    full = long_journal.stat().st_size + 10

    with files_limited_to(full), world.agent() as agent:
        careless(tmp_path / "effect", tmp_path / "log")
        report = agent.step(NOW)
        without_entry = world.extracts()
    world.step()

    assert (tmp_path / "effect").exists()  # careless: done, its entry cut in the middle
    assert not (tmp_path / "log").read_bytes().endswith(b"extraction delivered\n")
    assert (report.received, report.done, without_entry) == (3, 0, [])
    assert world.extracts() == EXTRACT  # once there is room again
    assert told(world).count("extraction.delivered ExtractionOrder") == 1
