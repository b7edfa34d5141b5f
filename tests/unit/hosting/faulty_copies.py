"""A copy over a network that fails: taken up again until it is sealed, then judged without it."""

import secrets
from dataclasses import dataclass
from pathlib import Path

from ecluse.domain.errors import Refused, SnapshotDamaged, Unreachable
from ecluse.hosting.replicas import copying
from ecluse.hosting.replicas.copying import Layout, Way
from ecluse.hosting.replicas.progress import Progress
from ecluse.hosting.stores.s3 import S3Store
from ecluse.hosting.stores.signed_requests import Bucket
from tests.unit.hosting.faulty_proxy import Failure, Network, proxied
from tests.unit.hosting.replicas import dataset, planned, sealed, verified
from tests.unit.hosting.servers import OWNER, Server

MEBIBYTE = 1 << 20
SHARE = 0.15
MOST_RUNS = 40
FILES = {f"claims/{n}": sealed(3000 + n, n) for n in range(10)} | {
    "large": sealed(7 * MEBIBYTE, 99)
}


@dataclass(frozen=True)
class Outcome:
    """How a copy ended: the runs that it took, and whether what is there is what was signed."""

    failure: Failure
    seed: int
    requests: int
    failures: int
    runs: int
    is_sealed: bool
    is_whole: bool


def copy_through(failure: Failure, seed: int, folder: Path, server: Server) -> Outcome:
    """Copy to a real server over a network that fails in this way, again until it is sealed."""
    bucket, prefix = server.bucket("faults"), f"{secrets.token_hex(6)}/"
    source = dataset(folder / "source", FILES)
    manifest, network = planned(source), Network(server.endpoint, failure, SHARE, seed)
    runs, is_sealed = 0, False
    with proxied(network) as endpoint, Progress(folder / "state") as progress:
        target = S3Store(Bucket(endpoint, bucket.name), OWNER, prefix=prefix)
        while not is_sealed and runs < MOST_RUNS:
            runs += 1
            try:
                is_sealed = copying.copy(
                    manifest, Way(source, Layout.PATHS, target, workers=2), progress
                ).is_sealed
            except (Unreachable, SnapshotDamaged, Refused):
                continue
    found = verified(manifest, S3Store(bucket, OWNER, prefix=prefix))
    return Outcome(
        failure, seed, network.requests, network.failures, runs, is_sealed, found.is_whole
    )
