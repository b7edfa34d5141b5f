"""What is brought in: what is refused, what is found, who approves; homes and logs too."""

import hashlib
import os
import stat
import zipfile
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from ecluse.data.workspaces import arrivals, homes, logs, packages
from ecluse.data.workspaces.arrivals import Column, scanner
from ecluse.data.workspaces.imports import Quarantine, What
from ecluse.data.workspaces.packages import Package
from ecluse.domain.documents import Signer
from ecluse.domain.errors import BadSignature, InvalidInput, NotAllowed
from ecluse.trust import keys
from ecluse.trust.keys import Keyring, SigningKey
from ecluse.trust.zone.sealed_files import draw_data_key, open_sealed

NOW = datetime(2026, 2, 1, 9, tzinfo=UTC)
COLUMNS = (Column("site", "text"), Column("dose", "number"))
CLEAN = "site,dose\nA,1.5\nB,\n"


@pytest.fixture
def quarantine(tmp_path: Path) -> Quarantine:
    return Quarantine(tmp_path / "imports", draw_data_key(), scan=scanner("off"))


def file(folder: Path, name: str, content: str | bytes) -> Path:
    path = folder / name
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return path


def test_a_clean_table_is_seen_once_another_person_approves(
    quarantine: Quarantine, tmp_path: Path
) -> None:
    path = file(tmp_path, "doses.csv", CLEAN)
    brought = quarantine.bring(path, What.DATA, by="camille", now=NOW, columns=COLUMNS)

    quarantine.approve(brought.number, by="sarah")

    sealed = tmp_path / "imports" / "approved" / "doses.csv"
    assert b"dose" not in sealed.read_bytes()
    with open_sealed(sealed.open("rb"), quarantine.key, name="doses.csv") as content:
        assert content.read() == CLEAN.encode()
    assert quarantine.waiting() == ()


def test_who_brought_a_file_does_not_approve_it(quarantine: Quarantine, tmp_path: Path) -> None:
    path = file(tmp_path, "doses.csv", CLEAN)
    brought = quarantine.bring(path, What.DATA, by="camille", now=NOW, columns=COLUMNS)

    with pytest.raises(NotAllowed, match="does not approve"):
        quarantine.approve(brought.number, by="camille")


@pytest.mark.parametrize(
    ("content", "found"),
    [
        ("site,dose\nA,many\nB,2\n", "column dose: 1 values are not of type number"),
        (
            "site,dose\n184127645108946,1\nB,2\n",
            "column site: 1 values look like national numbers",
        ),
        ("site,dose,name\nA,1,x\n", "its 3 columns are not the 2 announced"),
    ],
)
def test_a_table_that_is_not_what_it_announces_is_stopped_without_a_value_told(
    quarantine: Quarantine, tmp_path: Path, content: str, found: str
) -> None:
    path = file(tmp_path, "doses.csv", content)

    brought = quarantine.bring(path, What.DATA, by="camille", now=NOW, columns=COLUMNS)

    assert brought.findings == (found,)
    assert not brought.may_be_approved
    with pytest.raises(NotAllowed, match="checks stop"):
        quarantine.approve(brought.number, by="sarah")


def test_an_infected_file_and_one_that_no_scanner_saw_are_stopped(tmp_path: Path) -> None:
    path = file(tmp_path, "doses.csv", CLEAN)
    infected = Quarantine(tmp_path / "a", draw_data_key(), scan=scanner("/bin/false"))
    unseen = Quarantine(tmp_path / "b", draw_data_key(), scan=scanner(""))

    first = infected.bring(path, What.DATA, by="camille", now=NOW, columns=COLUMNS)
    second = unseen.bring(path, What.DATA, by="camille", now=NOW, columns=COLUMNS)

    assert first.findings == ("virus scan: infected",)
    assert second.findings == ("virus scan: no scanner is set (ECLUSE_SCAN)",)


@pytest.mark.parametrize("name", ["tool.exe", "rows.xlsx", "model.pkl", "../up.csv", "a b.csv"])
def test_a_file_of_another_type_or_name_does_not_come_in(
    quarantine: Quarantine, tmp_path: Path, name: str
) -> None:
    (tmp_path / "in").mkdir()
    path = file(tmp_path / "in", name, CLEAN)

    with pytest.raises(InvalidInput):
        quarantine.bring(path.resolve() if ".." not in name else path, What.CODE, by="c", now=NOW)


def test_a_table_that_is_too_large_or_a_link_does_not_come_in(
    quarantine: Quarantine, tmp_path: Path
) -> None:
    with file(tmp_path, "big.csv", "").open("wb") as big:
        big.truncate(quarantine.policy.data_bytes + 1)
    (tmp_path / "link.csv").symlink_to("/etc/passwd")

    with pytest.raises(InvalidInput, match="bytes come in"):
        quarantine.bring(tmp_path / "big.csv", What.DATA, by="c", now=NOW)
    with pytest.raises(InvalidInput, match="not a link"):
        quarantine.bring(tmp_path / "link.csv", What.DATA, by="c", now=NOW)


def test_code_comes_in_as_text_bundle_or_archive_and_a_disguise_is_stopped(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "up.zip", "w") as archive:
        archive.writestr("../../etc/cron.d/x", "")
    with zipfile.ZipFile(tmp_path / "study.zip", "w") as archive:
        archive.writestr("analysis.py", "print(1)\n")

    assert arrivals.check_code(file(tmp_path, "a.py", "print(1)\n")) == []
    assert arrivals.check_code(file(tmp_path, "b.py", b"\x7fELF\x00")) != []
    assert arrivals.check_code(file(tmp_path, "c.bundle", "# v2 git bundle\n")) == []
    assert arrivals.check_code(file(tmp_path, "d.bundle", "MZ")) == ["it is not a git bundle"]
    assert arrivals.check_code(tmp_path / "study.zip") == []
    assert arrivals.check_code(tmp_path / "up.zip") != []


# Packages


@pytest.fixture
def signed(tmp_path: Path) -> tuple[SigningKey, Keyring]:
    key = keys.create_key(tmp_path / "keys", Signer.AGENT, now=NOW)
    return key, Keyring([key.public()])


def wheel(folder: Path, members: dict[str, str]) -> Package:
    path = folder / "tidy-1.0-py3-none-any.whl"
    with zipfile.ZipFile(path, "w") as archive:
        for name, text in members.items():
            archive.writestr(name, text)
    return Package("tidy", "1.0", hashlib.sha256(path.read_bytes()).hexdigest())


def test_a_package_of_the_signed_list_is_unpacked_and_nothing_of_it_is_run(
    signed: tuple[SigningKey, Keyring], tmp_path: Path
) -> None:
    package = wheel(tmp_path, {"tidy/__init__.py": "x = 1\n", "tidy-1.0.data/scripts/run": "#!"})
    allowed = packages.verify_list(packages.sign_list((package,), signed[0]), signed[1])

    count = packages.install(tmp_path, ("Tidy",), allowed, tmp_path / "packages")

    assert count == 1
    assert (tmp_path / "packages" / "tidy" / "__init__.py").read_text() == "x = 1\n"
    assert sorted(path.name for path in (tmp_path / "packages").iterdir()) == ["tidy"]
    assert stat.S_IMODE((tmp_path / "packages").stat().st_mode) == 0o755


def test_a_package_off_the_list_or_with_another_byte_is_refused(
    signed: tuple[SigningKey, Keyring], tmp_path: Path
) -> None:
    package = wheel(tmp_path, {"tidy/__init__.py": ""})
    wheel(tmp_path, {"tidy/__init__.py": "import os\n"})

    with pytest.raises(NotAllowed, match="digest differs"):
        packages.install(tmp_path, ("tidy",), (package,), tmp_path / "packages")
    with pytest.raises(NotAllowed, match="not on the list"):
        packages.install(tmp_path, ("other",), (package,), tmp_path / "packages")
    assert not (tmp_path / "packages").exists()


def test_a_wheel_that_writes_elsewhere_is_refused_whole(tmp_path: Path) -> None:
    package = wheel(tmp_path, {"tidy/__init__.py": "", "../../escape.py": ""})

    with pytest.raises(InvalidInput, match="refused whole"):
        packages.install(tmp_path, ("tidy",), (package,), tmp_path / "deep" / "packages")
    assert not (tmp_path / "escape.py").exists()


def test_a_list_altered_or_signed_by_another_is_not_believed(
    signed: tuple[SigningKey, Keyring], tmp_path: Path
) -> None:
    other = keys.create_key(tmp_path / "portal", Signer.PORTAL, now=NOW)
    package = Package("tidy", "1.0", "0" * 64)
    text = packages.sign_list((package,), signed[0])
    believed = signed[1].with_key(other.public())

    with pytest.raises(BadSignature):
        packages.verify_list(text[:-6] + "AAAAAA", believed)
    with pytest.raises(BadSignature, match="not signed by the zone"):
        packages.verify_list(packages.sign_list((package,), other), believed)


# Homes


def test_a_hostile_home_gives_its_plain_files_alone(tmp_path: Path) -> None:
    home, key = tmp_path / "home", draw_data_key()
    (home / "deep").mkdir(parents=True)
    file(home / "deep", "notes.txt", "mine")
    (home / "link").symlink_to("/etc/passwd")
    (home / "folder").symlink_to("/etc")
    os.mkfifo(home / "pipe")
    os.link(home / "deep" / "notes.txt", home / "twice.txt")
    file(home, "plain.txt", "kept")

    index, sealed = homes.seal(home, tmp_path / "sealed", key, known={})

    assert sorted(index) == ["plain.txt"]
    assert sealed.left_out == 5


def test_sealing_again_writes_what_changed_alone_and_forgets_what_was_removed(
    tmp_path: Path,
) -> None:
    home, folder, key = tmp_path / "home", tmp_path / "sealed", draw_data_key()
    home.mkdir()
    file(home, "a.txt", "1")
    file(home, "b.txt", "2")
    index, first = homes.seal(home, folder, key, known={})
    (home / "a.txt").unlink()
    file(home, "c.txt", "3")

    again, second = homes.seal(home, folder, key, known=index)

    assert (first.written, second.written) == (2, 1)
    assert sorted(again) == ["b.txt", "c.txt"]
    assert len(list(folder.iterdir())) == 3


def test_another_project_s_key_opens_nothing_and_a_moved_file_is_noticed(tmp_path: Path) -> None:
    home, folder, key = tmp_path / "home", tmp_path / "sealed", draw_data_key()
    home.mkdir()
    file(home, "a.txt", "1")
    file(home, "b.txt", "2")
    index, _ = homes.seal(home, folder, key, known={})

    with pytest.raises(BadSignature):
        homes.read_index(folder, draw_data_key())
    (folder / index["a.txt"].name).replace(folder / index["b.txt"].name)
    with pytest.raises(BadSignature):
        homes.read(folder, index["b.txt"], key)


def test_what_is_sealed_survives_a_stop_in_the_middle_of_the_next_sealing(tmp_path: Path) -> None:
    home, folder, key = tmp_path / "home", tmp_path / "sealed", draw_data_key()
    home.mkdir()
    file(home, "a.txt", "old")
    homes.seal(home, folder, key, known={})
    # As a crash leaves it: a new content written, the index not yet.
    file(folder, "0" * 32, b"half")
    file(folder, ".index.aaaa.part", b"half")

    homes.restore(folder, _empty(tmp_path), key, owner=(os.getuid(), os.getgid()))

    assert (tmp_path / "restored" / "a.txt").read_text() == "old"


def _empty(folder: Path) -> Path:
    (folder / "restored").mkdir()
    return folder / "restored"


# Logs


def test_logs_of_openings_go_after_a_year_and_not_before(tmp_path: Path) -> None:
    old = tmp_path / "FR-1" / "sessions" / "20250101T090000000000"
    new = tmp_path / "FR-1" / "sessions" / "20250301T090000000000"
    old.mkdir(parents=True)
    new.mkdir(parents=True)

    count = logs.purge(tmp_path, until=date(2025, 2, 1), today=date(2026, 2, 1))

    assert count == 1
    assert not old.exists()
    assert new.exists()
