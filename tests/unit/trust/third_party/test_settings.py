"""The file that says who may ask the third party, and how much."""

from pathlib import Path

import pytest

from ecluse.domain.errors import InvalidInput
from ecluse.trust.third_party.settings import FILE, Peer, Settings

PEER = '[peers.register]\nuid = 1001\nasks = ["derive"]\nalarm_per_hour = 3\nmost_per_hour = 5\n'


def test_a_file_gives_its_peers_by_their_account(tmp_path: Path) -> None:
    (tmp_path / FILE).write_text(PEER)

    settings = Settings.load(tmp_path)

    assert settings.peer(1001) == Peer("register", 1001, frozenset({"derive"}), 3, 5)
    assert settings.peer(1002) is None
    assert settings.floor == 1000


@pytest.mark.parametrize(
    "text",
    [
        "",
        "floor = 0\n" + PEER,
        "floor = true\n" + PEER,
        PEER + PEER.replace("register", "loading"),
        PEER.replace("derive", "export"),
        PEER.replace("uid = 1001", 'uid = "1001"'),
        PEER.replace("most_per_hour = 5\n", ""),
        PEER + "other = 1\n",
        "[peers",
    ],
)
def test_what_is_not_right_is_refused(tmp_path: Path, text: str) -> None:
    (tmp_path / FILE).write_text(text)

    with pytest.raises(InvalidInput):
        Settings.load(tmp_path)
