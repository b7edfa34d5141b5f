"""`ecluse third-party`: the folder of the third party, and batches cut evenly."""

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from ecluse.cli import third_party
from ecluse.domain.errors import EcluseError, InvalidInput, Unreachable
from ecluse.trust.pseudonyms.custodians import check_approvals, create_custodian, load_approval
from ecluse.trust.pseudonyms.national_numbers import synthetic_national_number
from ecluse.trust.third_party.gate import SMALL_BATCH, digest_batch


def test_a_folder_is_prepared_once_for_its_owner_alone(tmp_path: Path) -> None:
    words = ["prepare", "--folder", str(tmp_path / "store")]

    first, second = (CliRunner().invoke(third_party.app, words) for _ in range(2))

    path = tmp_path / "store" / "keys" / "national.key"
    assert first.exit_code == 0
    assert (path.stat().st_size, path.stat().st_mode & 0o777) == (32, 0o600)
    assert isinstance(second.exception, InvalidInput)


def test_a_batch_that_nobody_answers_writes_nothing(tmp_path: Path) -> None:
    (tmp_path / "numbers").write_text("1840799000123\n")
    words = ["batch", str(tmp_path / "numbers"), "--socket", str(tmp_path / "none")]

    done = CliRunner().invoke(third_party.app, [*words, "--out", str(tmp_path / "out")])

    assert isinstance(done.exception, Unreachable)
    assert not (tmp_path / "out").exists()


def test_two_custodians_approve_the_same_small_batch(tmp_path: Path) -> None:
    numbers = [synthetic_national_number(index) for index in range(2)]
    (tmp_path / "numbers").write_text("\n".join(numbers))
    known = tuple(
        create_custodian(tmp_path / name, name, level) for level, name in ((1, "a"), (2, "b"))
    )

    nonce = approved(tmp_path, "a")
    approved(tmp_path, "b", "--nonce", nonce)

    given = tuple(load_approval(tmp_path / f"{name}.approval") for name in ("a", "b"))
    digest = digest_batch(numbers, nonce)
    check_approvals(given, known, digest, purpose=SMALL_BATCH)
    with pytest.raises(EcluseError):
        check_approvals(given, known, digest_batch(numbers[:1], nonce), purpose=SMALL_BATCH)


def approved(folder: Path, name: str, *options: str) -> str:
    """Have a custodian approve the batch of a folder; return the nonce."""
    places = ("--folder", str(folder / name), "--out", str(folder / f"{name}.approval"))
    words = ["approve", str(folder / "numbers"), "--name", name, *places, *options, "--json"]
    done = CliRunner().invoke(third_party.app, words)
    return str(json.loads(done.stdout)["nonce"])


def test_a_large_batch_is_cut_so_that_no_piece_is_small(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(third_party, "MOST_AT_ONCE", 10)

    pieces = list(third_party._pieces([str(number) for number in range(21)]))

    assert [len(piece) for piece in pieces] == [7, 7, 7]
    assert [one for piece in pieces for one in piece] == [str(number) for number in range(21)]
    assert list(third_party._pieces([])) == []
