"""The database killed under its writers: `python -m benchmarks.database_kills [--kills 50]`.

Fifty threads record acts in the journal of a site, each act a transaction; the server of PostgreSQL
and its processes are killed (SIGKILL) at instants drawn by a stated seed, and started again. At the
end every act that was acknowledged must be in the journal, once, and the journal must prove itself.
Time to recover: from the kill until the first act acknowledged after it.
"""

import argparse
import json
import os
import random
import signal
import tempfile
import threading
import time
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

from benchmarks.journal import NOW, prove, site
from ecluse.cli.database import Cluster

WRITERS = 50
SEED = 20261124


@dataclass
class Writers:
    """Threads that record acts until told to stop, and what was acknowledged to them."""

    acknowledged: list[str] = field(default_factory=list)
    refused: int = 0
    last: float = 0.0
    stopping: threading.Event = field(default_factory=threading.Event)

    def write(self, writer: int) -> None:
        from django.db import DatabaseError, connection  # noqa: PLC0415 — once the site is there

        from ecluse.portal.audit import actions  # noqa: PLC0415 — once the site is there

        number = 0
        while not self.stopping.is_set():
            subject, number = f"W{writer}-{number}", number + 1
            try:
                actions.record("permit.granted", subject, by="system", at=NOW)
            except DatabaseError:
                self.refused += 1
                connection.close()
                time.sleep(0.02)
            else:
                self.acknowledged.append(subject)
                self.last = time.monotonic()
        connection.close()


def kill(cluster: Cluster) -> None:
    """Kill the server and each of its processes."""
    leader = int((cluster.data / "postmaster.pid").read_text(encoding="ascii").split()[0])
    children = Path(f"/proc/{leader}/task/{leader}/children").read_text(encoding="ascii").split()
    for one in (leader, *map(int, children)):
        try:
            os.kill(one, signal.SIGKILL)
        except ProcessLookupError:
            continue


def recover(cluster: Cluster, writers: Writers) -> float:
    """Kill, start again, wait for an act to be acknowledged; return the seconds it took."""
    began = time.monotonic()
    kill(cluster)
    cluster.start()
    ready = time.monotonic()
    while writers.last < ready:
        time.sleep(0.005)
    return writers.last - began


def lost_and_doubled(acknowledged: list[str]) -> tuple[int, int, int]:
    """Return how many acknowledged acts the journal lacks, has twice, and how many it has."""
    from django.db import connection  # noqa: PLC0415 — once the site is there

    from ecluse.portal.audit import actions  # noqa: PLC0415 — once the site is there
    from ecluse.portal.audit.models import JournalEntry  # noqa: PLC0415

    connection.close()  # it was to a server that was killed
    actions.checkpoint()
    kept = Counter(
        JournalEntry.objects.filter(action="permit.granted").values_list("subject", flat=True)
    )
    lost = sum(subject not in kept for subject in acknowledged)
    return lost, sum(count > 1 for count in kept.values()), kept.total()


def main() -> None:
    """Kill as often as asked, in a folder of its own, which is removed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--kills", type=int, default=50)
    options = parser.parse_args()
    chance, writers = random.Random(SEED), Writers()  # noqa: S311 — instants, not secrets
    with tempfile.TemporaryDirectory(prefix="ecluse-kills-") as name, site(Path(name)):
        cluster = Cluster(Path(name) / "postgres")
        threads = [threading.Thread(target=writers.write, args=(n,)) for n in range(WRITERS)]
        for one in threads:
            one.start()
        seconds = []
        for _ in range(options.kills):
            time.sleep(chance.uniform(0.2, 1.5))
            seconds.append(recover(cluster, writers))
        writers.stopping.set()
        for one in threads:
            one.join()
        lost, doubled, kept = lost_and_doubled(writers.acknowledged)
        prove()
    told = {
        "kills": options.kills,
        "writers": WRITERS,
        "seed": SEED,
        "acknowledged": len(writers.acknowledged),
        "kept": kept,
        "refused": writers.refused,
        "lost": lost,
        "doubled": doubled,
        "recovery_seconds_median": round(sorted(seconds)[len(seconds) // 2], 2),
        "recovery_seconds_most": round(max(seconds), 2),
    }
    print(json.dumps(told, indent=2))
    if lost or doubled:
        raise SystemExit("An acknowledged act was lost, or an act is there twice.")


if __name__ == "__main__":
    main()
