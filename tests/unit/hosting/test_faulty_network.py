"""R4: whatever the network does, a copy that is sealed is whole, and it ends up sealed."""

from pathlib import Path

import pytest

from tests.unit.hosting.faulty_copies import copy_through
from tests.unit.hosting.faulty_proxy import Failure
from tests.unit.hosting.servers import Server


@pytest.mark.parametrize("failure", list(Failure))
def test_a_copy_over_a_network_that_fails_ends_whole(
    failure: Failure, tmp_path: Path, seaweedfs: Server
) -> None:
    done = copy_through(failure, 1, tmp_path, seaweedfs)

    assert (done.is_sealed, done.is_whole) == (True, True)
    assert done.failures > 0
