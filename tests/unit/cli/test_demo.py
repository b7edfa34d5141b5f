import json
import socket
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from ecluse.cli import demo, preparation
from ecluse.cli.home import Home
from ecluse.domain.documents import Signer
from ecluse.domain.errors import SetupIncomplete
from ecluse.domain.roles import INCOMPATIBLE, Role
from ecluse.trust.keys import Keyring, load_signing_key, public_keys

MONDAY = datetime(2026, 1, 5, 9, tzinfo=UTC)
TUESDAY = datetime(2026, 1, 6, 9, tzinfo=UTC)


@pytest.fixture
def busy_port() -> Iterator[int]:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        yield listener.getsockname()[1]


@pytest.fixture
def home(tmp_path: Path) -> Home:
    home = Home(tmp_path / "home")
    home.create()
    return home


def test_a_busy_port_gives_the_next_free_one(busy_port: int) -> None:
    assert demo.free_port(busy_port, taken=[]) > busy_port


def test_two_sites_never_get_the_same_port(busy_port: int) -> None:
    first = demo.free_port(busy_port, taken=[])

    assert demo.free_port(busy_port, taken=[first]) > first


def test_no_free_port_at_all_says_which_ones_to_free(
    busy_port: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(demo, "PORTS_TRIED", 1)

    with pytest.raises(SetupIncomplete, match=str(busy_port)):
        demo.free_port(busy_port, taken=[])


def test_a_site_that_nobody_serves_does_not_answer(busy_port: int) -> None:
    assert not demo.answers("http://127.0.0.1:1")


def test_each_private_key_lies_in_its_own_room_alone(home: Home) -> None:
    preparation.exchange_keys(home, now=MONDAY)

    signers = {
        room.name: {key.signer for key in public_keys(home.keys(room))}
        for room in (home.portal, home.checking, home.zone)
    }
    assert signers == {
        "portal": {Signer.PORTAL, Signer.REGISTER},
        "checking": {Signer.CHECKING_ROOM},
        "zone": {Signer.AGENT},
    }


def test_every_room_knows_the_public_keys_of_all(home: Home) -> None:
    preparation.exchange_keys(home, now=MONDAY)

    zone = Keyring.load(home.keyring(home.zone))
    assert {key.signer for key in zone.keys.values()} == set(Signer)
    assert Keyring.load(home.keyring(home.portal)) == zone
    assert Keyring.load(home.keyring(home.checking)) == zone


def test_keys_are_drawn_once(home: Home) -> None:
    preparation.exchange_keys(home, now=MONDAY)
    first = load_signing_key(home.keys(home.zone), Signer.AGENT)
    preparation.exchange_keys(home, now=TUESDAY)

    assert load_signing_key(home.keys(home.zone), Signer.AGENT) == first


def test_a_key_revoked_in_a_keyring_is_not_believed_again(home: Home) -> None:
    preparation.exchange_keys(home, now=MONDAY)
    key = load_signing_key(home.keys(home.zone), Signer.AGENT)
    path = home.keyring(home.portal)
    Keyring.load(path).revoked(key.key_id, MONDAY).save(path)

    preparation.exchange_keys(home, now=TUESDAY)

    assert Keyring.load(path).keys[key.key_id].revoked_at == MONDAY


@pytest.mark.parametrize("email", sorted({one.email for one in preparation.DEMO_ACCOUNTS}))
def test_no_person_of_the_demonstration_holds_two_roles_that_the_law_keeps_apart(
    email: str,
) -> None:
    held = {one.role for one in preparation.DEMO_ACCOUNTS if one.email == email}

    assert not any(pair <= held for pair in INCOMPATIBLE)


def test_two_checkers_and_two_users_are_there_for_a_vote() -> None:
    checking = [one for one in preparation.DEMO_ACCOUNTS if one.site == "checking"]

    assert sum(one.role is Role.CHECKER for one in checking) == 2
    assert sum(one.role is Role.DATA_USER for one in checking) == 2


def test_a_site_that_stopped_comes_back_where_the_others_look_for_it(
    home: Home, busy_port: int
) -> None:
    home.create()
    first = demo.Demo(home)._ports()
    wanted = demo.free_port(busy_port, taken=first.values())
    (home.run / "ports.json").write_text(json.dumps({**first, demo.Site.PUBLIC: wanted}))

    again = demo.Demo(home)._ports()

    assert again[demo.Site.PUBLIC] == wanted


def test_the_demonstration_ends_by_saying_who_each_account_is(
    home: Home, capsys: pytest.CaptureFixture[str]
) -> None:
    names = {account.full_name for account in demo.DEMO_ACCOUNTS}

    demo._show(demo.Demo(home))
    shown = capsys.readouterr().out

    assert {name for name in names if name in shown} == names


def test_the_site_is_given_the_public_half_that_seals_questions_for_the_zone(
    tmp_path: Path,
) -> None:
    home = Home(tmp_path)
    home.create()

    preparation.give_zone_key(home)
    preparation.give_zone_key(home)

    given = home.portal / "zone.opening.pub"
    made = home.keys(home.zone) / "questions.opening.pub"
    assert given.read_bytes() == made.read_bytes()
