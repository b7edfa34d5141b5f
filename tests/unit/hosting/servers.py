"""Real S3 servers on this machine: SeaweedFS from its wheel, Ceph from the distribution."""

import json
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx

from ecluse.hosting.stores.signed_requests import Bucket, Credentials, SignedRequests

OWNER = Credentials("owner", "owner-secret-0123456789")
READER = Credentials("reader", "reader-secret-0123456789")
PATIENCE_SECONDS = 60


@dataclass(frozen=True)
class Server:
    """A server that answers, and the folder where it keeps everything."""

    endpoint: str
    folder: Path

    def bucket(self, name: str) -> Bucket:
        bucket = Bucket(self.endpoint, name)
        assert SignedRequests(bucket, OWNER).send("PUT").status_code in (200, 409)
        return bucket


def weed() -> Path | None:
    beside = Path(sys.executable).with_name("weed")
    found = str(beside) if beside.exists() else shutil.which("weed")
    return Path(found) if found else None


@contextmanager
def seaweedfs(folder: Path) -> Iterator[Server]:
    """Run SeaweedFS until the block ends: encrypted volumes, no telemetry, on this machine only."""
    program = weed()
    assert program is not None
    ports = free_ports(11)
    identities = folder / "identities.json"
    identities.write_text(json.dumps({"identities": [identity(OWNER, "Admin"), reading(READER)]}))
    data = folder / "data"
    data.mkdir()
    names = [
        "master.port",
        "master.port.grpc",
        "volume.port",
        "volume.port.grpc",
        "filer.port",
        "filer.port.grpc",
        "s3.port",
        "s3.port.grpc",
        "s3.port.iceberg",
        "s3.port.lance",
    ]
    options = [f"-{name}={port}" for name, port in zip(names, ports, strict=False)]
    command = [program, "server", "-ip=127.0.0.1", "-ip.bind=127.0.0.1", f"-dir={data}"]
    command += ["-filer", "-s3", f"-s3.config={identities}", "-s3.encryptVolumeData", *options]
    command += ["-master.telemetry=false", "-master.volumeSizeLimitMB=128", "-volume.max=0"]
    with (folder / "log").open("wb") as log:
        running = subprocess.Popen(command, stdout=log, stderr=log, cwd=folder)
    server = Server(f"http://127.0.0.1:{ports[6]}", data)
    try:
        wait(lambda: is_writing(server))
        yield server
    finally:
        # Its own way to stop takes 25 seconds, and nothing of it is kept.
        running.kill()
        running.wait(PATIENCE_SECONDS)


def identity(who: Credentials, *actions: str) -> dict[str, object]:
    keys = {"accessKey": who.access_key, "secretKey": who.secret_key}
    return {"name": who.access_key, "credentials": [keys], "actions": list(actions)}


def reading(who: Credentials) -> dict[str, object]:
    return identity(who, "Read", "List")


def is_writing(server: Server) -> bool:
    bucket = Bucket(server.endpoint, "ready")
    requests = SignedRequests(bucket, OWNER)
    made = requests.send("PUT").status_code in (200, 409)
    return made and requests.send("PUT", "ready", body=b"ready").is_success


def wait(is_so: Callable[[], bool]) -> None:
    until = time.monotonic() + PATIENCE_SECONDS
    while time.monotonic() < until:
        try:
            if is_so():
                return
        except (httpx.HTTPError, OSError, Exception):  # noqa: S110 — not up yet
            pass
        time.sleep(0.5)
    raise TimeoutError("the server did not come up")


def free_ports(count: int) -> list[int]:
    sockets = [socket.create_server(("127.0.0.1", 0)) for _ in range(count)]
    ports = [one.getsockname()[1] for one in sockets]
    for one in sockets:
        one.close()
    return ports
