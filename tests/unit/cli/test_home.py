import os
import stat
from pathlib import Path

import pytest

from ecluse.cli.home import Home
from ecluse.domain.errors import InvalidInput


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def test_ecluse_home_chooses_the_folder(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("ECLUSE_HOME", str(tmp_path / "here"))

    assert Home.find().path == tmp_path / "here"


def test_root_gets_a_folder_that_other_users_can_traverse(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("ECLUSE_HOME")
    monkeypatch.setattr(os, "geteuid", lambda: 0)

    assert Home.find().path.parent == Path("/var/lib/ecluse")


def test_an_ordinary_user_gets_a_folder_in_the_project(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("ECLUSE_HOME")
    monkeypatch.setattr(os, "geteuid", lambda: 1000)

    assert Home.find().path.name == ".ecluse"


def test_the_home_is_traversable_and_the_keys_are_private(tmp_path: Path) -> None:
    home = Home(tmp_path / "home")

    home.create()

    assert mode(home.path) == 0o711
    assert mode(home.keys(home.zone)) == 0o700
    assert mode(home.keys(home.portal)) == 0o700
    assert mode(home.lake) == 0o700


def test_secrets_are_drawn_once_and_kept_from_other_users(tmp_path: Path) -> None:
    first = Home(tmp_path).config()
    second = Home(tmp_path).config()

    assert first == second
    assert mode(Home(tmp_path).config_file) == 0o600


def test_two_installations_share_no_secret(tmp_path: Path) -> None:
    first = Home(tmp_path / "a").config()
    second = Home(tmp_path / "b").config()

    assert first.demo_password != second.demo_password
    assert first.public_secret_key != second.public_secret_key


def test_the_two_sites_have_different_secret_keys(tmp_path: Path) -> None:
    config = Home(tmp_path).config()

    assert config.public_secret_key != config.checking_secret_key


def test_a_damaged_configuration_says_which_file_to_remove(tmp_path: Path) -> None:
    home = Home(tmp_path)
    home.config_file.write_text("{")

    with pytest.raises(InvalidInput, match=r"config\.json"):
        home.config()
