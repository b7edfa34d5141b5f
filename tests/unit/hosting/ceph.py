"""A Ceph on this machine: one monitor, one disk in a file, one S3 gateway."""

import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from tests.unit.hosting.servers import (
    OWNER,
    PATIENCE_SECONDS,
    READER,
    Server,
    free_ports,
    is_writing,
    wait,
)

PROGRAMS = ("ceph", "ceph-mon", "ceph-osd", "radosgw", "radosgw-admin", "monmaptool")
CLUSTER = "7d5cbf2c-6a5f-4b4e-9d0e-0f0e4b7a2b11"
DISK = "3a2b7c1e-1d55-4c8e-8a55-8c1f9a6d2e42"
CEPH = """\
[global]
fsid = {cluster}
mon host = v2:127.0.0.1:{mon}
mon initial members = a
auth cluster required = none
auth service required = none
auth client required = none
ms mon client mode = crc
ms mon service mode = crc
ms mon cluster mode = crc
osd pool default size = 1
osd pool default min size = 1
osd pool default pg num = 4
osd crush chooseleaf type = 0
mon allow pool size one = true
run dir = {folder}
log file = {folder}/$name.log
admin socket = {folder}/$name.$pid.asok
mon data = {folder}/mon
osd data = {folder}/osd
osd objectstore = bluestore
bluestore block size = 4294967296
bluestore block create = true
rgw data = {folder}/rgw
rgw frontends = beast endpoint=127.0.0.1:{rgw}
rgw crypt require ssl = false
"""


def is_installed() -> bool:
    return all(map(shutil.which, PROGRAMS))


@dataclass
class Cluster:
    """The folder of a cluster, and the programs that run."""

    folder: Path
    mon: int
    rgw: int
    running: list[subprocess.Popen[bytes]] = field(default_factory=list)

    def configure(self) -> None:
        text = CEPH.format(folder=self.folder, mon=self.mon, rgw=self.rgw, cluster=CLUSTER)
        (self.folder / "ceph.conf").write_text(text)
        for name in ("mon", "osd", "rgw"):
            (self.folder / name).mkdir()

    def do(self, program: str, *options: str) -> None:
        subprocess.run([program, *self.at(), *options], check=True, capture_output=True)

    def keep(self, program: str, *options: str) -> None:
        command, nothing = [program, "-f", *self.at(), *options], subprocess.DEVNULL
        self.running.append(subprocess.Popen(command, stdout=nothing, stderr=nothing))

    def at(self) -> tuple[str, str]:
        return "-c", str(self.folder / "ceph.conf")

    def start_disks(self) -> None:
        monitors = str(self.folder / "monmap")
        address = f"[v2:127.0.0.1:{self.mon}]"
        made = ["monmaptool", "--create", "--fsid", CLUSTER, "--addv", "a", address, monitors]
        subprocess.run(made, check=True, capture_output=True)
        self.do("ceph-mon", "--mkfs", "-i", "a", "--monmap", monitors)
        self.keep("ceph-mon", "-i", "a")
        self.do("ceph", "osd", "new", DISK)
        self.do("ceph-osd", "-i", "0", "--mkfs", "--osd-uuid", DISK)
        self.do("ceph", "osd", "crush", "add", "osd.0", "1", "root=default", "host=here")
        self.keep("ceph-osd", "-i", "0")

    def start_gateway(self) -> None:
        """Start the gateway, with an owner and a second identity of theirs that only reads."""
        keys = ("--access-key", OWNER.access_key, "--secret-key", OWNER.secret_key)
        self.do("radosgw-admin", "user", "create", "--uid=owner", "--display-name=owner", *keys)
        keys = ("--access-key", READER.access_key, "--secret-key", READER.secret_key)
        read = ("--uid=owner", "--subuser=owner:reader", "--access=read", "--key-type=s3")
        self.do("radosgw-admin", "subuser", "create", *read, *keys)
        self.keep("radosgw", "-n", "client.admin")

    def stop(self) -> None:
        for one in reversed(self.running):
            one.kill()
            one.wait(PATIENCE_SECONDS)


@contextmanager
def started(folder: Path) -> Iterator[Server]:
    """Run a Ceph until the block ends."""
    cluster = Cluster(folder, *free_ports(2))
    cluster.configure()
    try:
        cluster.start_disks()
        cluster.start_gateway()
        server = Server(f"http://127.0.0.1:{cluster.rgw}", folder)
        wait(lambda: is_writing(server))
        yield server
    finally:
        cluster.stop()
