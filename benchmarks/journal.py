"""Durable events a second, and offline verification: `python -m benchmarks.journal [--full]`.

Events: the same ones, at two sizes, kept by 64 threads that append at the same time (group commit),
by one thread that waits for each (a checkpoint and two waits for the disk an entry), and, as the
baseline, by one thread that writes each line and waits for the disk, without tree or signature. All
in one run, in one folder: the machine may be shared, so read the ratios first.

Verification: the one-file verifier, run as an auditor runs it, on journals of two sizes with a
checkpoint per thousand entries; the time of ten million is the slope between both, and says so.
`--full` verifies ten million instead: 4 GB of disk, some minutes to write them.

`--site` measures the journal of a site too: one entry per transaction, in PostgreSQL with its waits
for the disk, by one writer, by four and by 48, at two sizes; timed until every entry is numbered
under a signed checkpoint, and the journal proved afterwards. The last line is a transaction that
holds the entry alone, without number or signature: what PostgreSQL and Django leave to reach.
"""

import argparse
import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

from ecluse.cli.database import Cluster, create_databases, database_url
from ecluse.domain.documents import Signer
from ecluse.trust import canonical, keys
from ecluse.trust.journal import checkpoints, exports, offline_verifier, tree
from ecluse.trust.journal.entries import Entry
from ecluse.trust.journal.files import FileJournal
from ecluse.trust.keys import Keyring

NOW = datetime(2026, 1, 5, tzinfo=UTC)
KEY = keys.draw_key(Signer.AGENT, now=NOW)
ORIGIN = "benchmark/zone"
THREADS, GROUP = 64, 1000
WRITERS = (1, 4, 48)
TEN_MILLION = 10_000_000


@dataclass(frozen=True, slots=True)
class Measure:
    """What was done how many times: wall-clock seconds, seconds of CPU, times a second."""

    what: str
    count: int
    seconds: float
    cpu: float
    per_second: float


def measured(what: str, count: int, work: Callable[[], None]) -> Measure:
    """Do it, and tell how long it took."""
    cpu, started = _cpu(), time.perf_counter()
    work()
    seconds = time.perf_counter() - started
    return Measure(
        what, count, round(seconds, 3), round(_cpu() - cpu, 3), round(count / seconds, 1)
    )


def _cpu() -> float:
    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(one.ru_utime + one.ru_stime for one in used)


def together(folder: Path, count: int) -> None:
    """Append from many threads."""
    with (
        FileJournal(folder, origin=ORIGIN, key=KEY) as journal,
        ThreadPoolExecutor(THREADS) as all_,
    ):
        for _ in all_.map(lambda n: _append(journal, n), range(count)):
            pass


def one_by_one(folder: Path, count: int) -> None:
    """Append from one thread."""
    with FileJournal(folder, origin=ORIGIN, key=KEY) as journal:
        for number in range(count):
            _append(journal, number)


def _append(journal: FileJournal, number: int) -> None:
    journal.append("job.finished", actor="agent", subject=f"J{number}", at=NOW)


def plainly(folder: Path, count: int) -> None:
    """Write lines and wait for the disk after each: what an ordinary log does to be durable."""
    folder.mkdir()
    with (folder / "log").open("ab", buffering=0) as file:
        for number in range(count):
            file.write(_line(number + 1) + b"\n")
            os.fsync(file.fileno())


def _line(sequence: int) -> bytes:
    return Entry(sequence, NOW, "agent", "job.finished", f"J{sequence}").line()


def write_journal(path: Path, count: int) -> None:
    """Write a journal of so many entries as fast as its hashes allow, a checkpoint a thousand."""
    frontier = tree.Frontier()
    with path.open("wb") as entries, exports.checkpoints_path(path).open("wb") as notes:
        for number in range(1, count + 1):
            line = _line(number)
            entries.write(line + b"\n")
            frontier.append(tree.leaf_hash(line))
            if number % GROUP == 0 or number == count:
                note = checkpoints.sign_checkpoint(ORIGIN, number, frontier.root(), KEY)
                notes.write(canonical.encode(note) + b"\n")


def verified(folder: Path, count: int) -> Measure:
    """Verify a journal of so many entries with the one-file verifier, in its own process."""
    path, public = folder / f"{count}.jsonl", folder / "key.pub"
    public.write_bytes(KEY.public().line())
    write_journal(path, count)
    program = Path(offline_verifier.__file__)
    command = [sys.executable, "-I", "-S", program, path, "--key", public]
    done = measured("verified offline", count, lambda: _run([str(one) for one in command]))
    path.unlink()
    return done


def _run(command: list[str]) -> None:
    subprocess.run(command, check=True, capture_output=True)


@contextmanager
def site(folder: Path) -> Iterator[None]:
    """Start Django on a PostgreSQL that waits for the disk, with the portal's key."""
    folder.chmod(0o711)
    cluster = Cluster(folder / "postgres")
    cluster.start()
    try:
        create_databases(cluster.url, ["benchmark"])
        os.environ |= {
            "DJANGO_SETTINGS_MODULE": "ecluse.portal.site.settings.everything",
            "ECLUSE_HOME": str(folder),
            "DATABASE_URL": database_url(cluster.url, "benchmark"),
        }
        import django  # noqa: PLC0415 — once the database exists
        from django.conf import settings  # noqa: PLC0415
        from django.core.management import call_command  # noqa: PLC0415

        settings.DATABASES["default"]["NAME"] = "benchmark"
        settings.LOGGING["root"]["level"] = "ERROR"
        django.setup()
        call_command("migrate", verbosity=0, interactive=False)
        key = keys.create_key(folder / "portal" / "keys", Signer.PORTAL, now=NOW)
        Keyring([key.public()]).save(folder / "portal" / "keyring.json")
        yield
    finally:
        cluster.stop()


def recorded(count: int, writers: int) -> None:
    """Record entries in the journal of a site, one a transaction, until all are signed."""
    from ecluse.portal.audit import actions  # noqa: PLC0415 — once the site is there

    by_writers(
        count, writers, lambda n: actions.record("permit.granted", f"P{n}", by="system", at=NOW)
    )
    actions.checkpoint()
    if actions.pending_count():
        raise SystemExit("Entries are still pending.")


def held(count: int, writers: int) -> None:
    """Write the drafts alone, each in its own transaction; take them away."""
    from ecluse.portal.audit import drafts  # noqa: PLC0415 — once the site is there
    from ecluse.portal.audit.models import PendingEntry  # noqa: PLC0415

    entry = Entry(1, NOW, "system", "permit.granted", "P1")
    by_writers(count, writers, lambda _: drafts.write(drafts.Draft.of(entry)))
    PendingEntry.objects.all().delete()


def by_writers(count: int, writers: int, write: Callable[[int], None]) -> None:
    """Share numbers between threads, each with a connection of its own."""
    from django.db import connection  # noqa: PLC0415 — once the site is there

    def write_all(numbers: range) -> None:
        try:
            for number in numbers:
                write(number)
        finally:
            connection.close()

    shares = [range(start, count, writers) for start in range(writers)]
    with ThreadPoolExecutor(writers) as threads:
        list(threads.map(write_all, shares))


def events(folder: Path, count: int) -> list[Measure]:
    """Keep so many events in each way."""
    ways = (
        ("64 threads, group commit", together),
        ("one thread, a checkpoint each", one_by_one),
        ("baseline: line and fsync", plainly),
    )
    return [
        measured(what, count, partial(keep, folder / f"{keep.__name__}-{count}", count))
        for what, keep in ways
    ]


def of_a_site(folder: Path, count: int) -> list[Measure]:
    """Record entries in the journal of a site by few writers and by many, at two sizes."""
    with site(folder):
        found = [
            measured(f"a site, {writers} writers", size, partial(recorded, size, writers))
            for writers, size in [*((each, count) for each in WRITERS), (WRITERS[-1], 10 * count)]
        ]
        alone = partial(held, count, WRITERS[-1])
        found.append(measured(f"drafts alone, {WRITERS[-1]} writers", count, alone))
        prove()
    return found


def prove() -> None:
    """Verify the journal of the site as an auditor does. Raises JournalBroken."""
    from ecluse.portal.audit import actions, identity  # noqa: PLC0415 — once the site is there
    from ecluse.trust.journal import verification  # noqa: PLC0415

    actions.require_unaltered()
    lines, notes = actions.export()
    report = verification.verify(lines, notes, identity.keyring())
    if report.problem is not None:
        raise SystemExit(report.problem.explanation)


def main() -> None:
    """Measure everything in a folder of its own, which is removed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--events", type=int, default=2_000, help="events of the smaller size")
    parser.add_argument("--verify", type=int, default=100_000, help="entries of the smaller size")
    parser.add_argument("--full", action="store_true", help="verify ten million")
    parser.add_argument("--site", action="store_true", help="the journal of a site too")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="ecluse-journal-") as name:
        folder = Path(name)
        found = [*events(folder, options.events), *events(folder, 10 * options.events)]
        sizes = (TEN_MILLION,) if options.full else (options.verify, 4 * options.verify)
        checks = [verified(folder, count) for count in sizes]
        found += of_a_site(folder, options.events) if options.site else []
    first, last = checks[0], checks[-1]
    told: dict[str, object] = {"measures": [asdict(one) for one in (*found, *checks)]}
    if first is not last:
        slope = (last.seconds - first.seconds) / (last.count - first.count)
        seconds = last.seconds + slope * (TEN_MILLION - last.count)
        told["ten_million_extrapolated_seconds"] = round(seconds, 1)
        told["microseconds_an_entry"] = round(slope * 1e6, 2)
    sys.stdout.write(json.dumps(told, indent=2) + "\n")


if __name__ == "__main__":
    main()
