"""What a job leaves, and what a data user sends, is made to harm whoever opens it."""

import io
import os
import socket
import stat
import struct
import zipfile
import zlib
from pathlib import Path

import pytest

from ecluse.data.disclosure import check_outputs
from ecluse.data.enclave.bundles import BundleLimits, unpack
from ecluse.data.enclave.collection import Collection, collect
from ecluse.data.enclave.limits import MIB, Limits
from ecluse.domain.disclosure import DisclosurePolicy, TableDeclaration
from ecluse.domain.documents import FileVerdict, Verdict
from ecluse.domain.errors import InvalidInput

POLICY = DisclosurePolicy()


@pytest.fixture
def outputs(tmp_path: Path) -> Path:
    (tmp_path / "outputs").mkdir()
    return tmp_path / "outputs"


def collected(outputs: Path, limits: Limits | None = None) -> Collection:
    return collect(outputs, outputs.parent / "blobs", limits or Limits())


def reasons(collection: Collection) -> list[str]:
    return [entry.reason for entry in collection.refused]


# --- A23: things that are not plain files -------------------------------------------------------


def test_a23_a_link_to_a_file_of_the_machine_is_left(outputs: Path) -> None:
    (outputs.parent / "secret").write_text("secret")
    (outputs / "result.csv").symlink_to(outputs.parent / "secret")
    assert (outputs / "result.csv").read_text() == "secret"  # a careless reader would follow it

    collection = collected(outputs)

    assert collection.files == ()
    assert reasons(collection) == ["not a plain file: symbolic link"]


def test_a23_a_folder_swapped_for_a_link_is_not_followed(outputs: Path) -> None:
    (outputs.parent / "link").symlink_to(outputs)

    with pytest.raises(OSError, match=r"link|directory"):
        collect(outputs.parent / "link", outputs.parent / "blobs", Limits())


def test_a23_a_file_with_two_names_is_left(outputs: Path) -> None:
    (outputs.parent / "secret").write_text("secret")
    os.link(outputs.parent / "secret", outputs / "result.csv")

    assert reasons(collected(outputs)) == ["has 2 names (hard links)"]


def test_a23_a_pipe_does_not_block_the_collector(outputs: Path) -> None:
    os.mkfifo(outputs / "result.csv")

    assert reasons(collected(outputs)) == ["not a plain file: pipe"]


def test_a23_a_socket_and_a_folder_are_left(outputs: Path) -> None:
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(str(outputs / "a"))
    (outputs / "b").mkdir()

    assert reasons(collected(outputs)) == ["not a plain file: socket", "not a plain file: folder"]


def test_a23_a_sparse_file_of_a_terabyte_is_left_unread(outputs: Path) -> None:
    with (outputs / "result.csv").open("wb") as file:
        file.truncate(1 << 40)

    assert reasons(collected(outputs, Limits(output_bytes=MIB))) == [
        "1099511627776 bytes: more than the 1048576 left of the quota"
    ]


def test_a23_modes_and_attributes_stay_behind(outputs: Path) -> None:
    (outputs / "tool").write_text("x")
    (outputs / "tool").chmod(0o4755)
    os.setxattr(outputs / "tool", "user.payload", b"hidden")

    (file,) = collected(outputs).files
    blob = outputs.parent / "blobs" / file.digest.removeprefix("sha256:")

    assert stat.S_IMODE(blob.stat().st_mode) == 0o600
    assert os.listxattr(blob) == []


def test_a21_the_excess_of_many_files_is_left(outputs: Path) -> None:
    (outputs / "a").write_text("1")
    (outputs / "b").write_text("2")
    (outputs / "c").write_text("3")

    collection = collected(outputs, Limits(output_files=2))

    assert [file.name for file in collection.files] == ["a", "b"]
    assert reasons(collection) == ["more than 2 files"]


def test_a21_the_quota_of_bytes_counts_all_files(outputs: Path) -> None:
    (outputs / "a").write_bytes(bytes(600))
    (outputs / "b").write_bytes(bytes(600))

    collection = collected(outputs, Limits(output_bytes=1000))

    assert [file.name for file in collection.files] == ["a"]
    assert reasons(collection) == ["600 bytes: more than the 400 left of the quota"]


# --- A24: names ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "name",
    [
        "a\nb.csv",
        "a`id`.csv",
        "résultat.csv",
        "a\u202egnp.csv",
        "re\u0455ult.csv",
        "x" * 65,
        ".hidden",
        "-rf",
        "a b.csv",
        "<b>.csv",
    ],
)
def test_a24_a_name_that_could_deceive_is_left_and_never_repeated(outputs: Path, name: str) -> None:
    (outputs / name).write_text("x")

    (refused,) = collected(outputs).refused

    assert refused.name is None
    assert refused.reason.startswith("name:")


def test_a24_two_names_that_differ_by_capitals_are_not_both_taken(outputs: Path) -> None:
    (outputs / "Result.csv").write_text("1")
    (outputs / "result.csv").write_text("2")

    collection = collected(outputs)

    assert [file.name for file in collection.files] == ["Result.csv"]
    assert reasons(collection) == ["name: differs from another only by capitals"]


# --- A25: bundles that harm ---------------------------------------------------------------------


def bundle(tmp_path: Path, *members: tuple[str | zipfile.ZipInfo, bytes]) -> Path:
    path = tmp_path / "bundle.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members:
            archive.writestr(name, content, zipfile.ZIP_DEFLATED)
    return path


@pytest.mark.parametrize(
    "name",
    ["../escape.py", "/etc/cron.d/x", "a/../../b.py", "C:/x.py", "a\\b.py", "a//b.py", "a\nb.py"],
)
def test_a25_a_member_that_climbs_out_is_refused(tmp_path: Path, name: str) -> None:
    path = bundle(tmp_path, ("fine.py", b"1"), (name, b"2"))

    with pytest.raises(InvalidInput, match=r"Member 2 of the bundle: each part of its path"):
        unpack(path, tmp_path / "code")

    assert not (tmp_path / "code").exists()


def test_a25_a_link_in_a_bundle_is_refused(tmp_path: Path) -> None:
    link = zipfile.ZipInfo("link.py")
    link.external_attr = (stat.S_IFLNK | 0o777) << 16
    path = bundle(tmp_path, (link, b"/etc/shadow"))

    with pytest.raises(InvalidInput, match="Member 1 of the bundle: it is a link or a device"):
        unpack(path, tmp_path / "code")


def test_a25_a_bomb_is_stopped_by_what_it_unpacks_not_by_what_it_announces(tmp_path: Path) -> None:
    path = bundle(tmp_path, ("bomb.txt", bytes(50 * MIB)))
    data = path.read_bytes().replace(struct.pack("<I", 50 * MIB), struct.pack("<I", 10))
    path.write_bytes(data)

    with pytest.raises(InvalidInput):
        unpack(path, tmp_path / "code")

    assert not (tmp_path / "code").exists()


def test_a25_a_member_that_swells_a_thousand_times_is_refused(tmp_path: Path) -> None:
    path = bundle(tmp_path, ("bomb.txt", bytes(20 * MIB)))

    with pytest.raises(InvalidInput, match="Member 1 of the bundle: it unpacks to more than"):
        unpack(path, tmp_path / "code")


def test_a25_many_members_together_do_not_pass_the_ceiling(tmp_path: Path) -> None:
    path = bundle(tmp_path, ("a.bin", os.urandom(600)), ("b.bin", os.urandom(600)))

    with pytest.raises(InvalidInput, match="Member 2 of the bundle: it unpacks to more than 400"):
        unpack(path, tmp_path / "code", BundleLimits(unpacked_bytes=1000))


def test_a25_an_archive_in_an_archive_is_refused_by_name_and_by_content(tmp_path: Path) -> None:
    inner = io.BytesIO()
    with zipfile.ZipFile(inner, "w") as archive:
        archive.writestr("x.py", "1")

    with pytest.raises(InvalidInput, match="an archive in an archive"):
        unpack(bundle(tmp_path, ("inner.zip", b"x")), tmp_path / "by-name")
    with pytest.raises(InvalidInput, match="an archive in an archive"):
        unpack(bundle(tmp_path, ("notes.txt", inner.getvalue())), tmp_path / "by-content")


@pytest.mark.filterwarnings("ignore:Duplicate name")
def test_a25_two_members_of_one_name_are_refused(tmp_path: Path) -> None:
    path = bundle(tmp_path, ("a.py", b"1"), ("A.py", b"2"))

    with pytest.raises(InvalidInput, match="Member 2 of the bundle: another member has the same"):
        unpack(path, tmp_path / "code")


def test_a25_a_file_used_as_a_folder_is_refused(tmp_path: Path) -> None:
    path = bundle(tmp_path, ("a", b"1"), ("a/b.py", b"2"))

    with pytest.raises(InvalidInput, match="Member 2 of the bundle: it is a file for one member"):
        unpack(path, tmp_path / "code")


def test_a25_bytes_that_are_no_zip_are_refused(tmp_path: Path) -> None:
    (tmp_path / "bundle.zip").write_bytes(b"not a zip")

    with pytest.raises(InvalidInput, match="not a readable ZIP"):
        unpack(tmp_path / "bundle.zip", tmp_path / "code")


# --- A26 to A31: content ------------------------------------------------------------------------


def checked(
    tmp_path: Path, name: str, data: bytes, declaration: TableDeclaration | None = None
) -> FileVerdict:
    (tmp_path / name).write_bytes(data)
    declarations = {name: declaration} if declaration else {}
    (verdict,) = check_outputs([(name, tmp_path / name)], declarations, POLICY)
    return verdict


def rules(verdict: FileVerdict) -> set[str]:
    return {finding.rule for finding in verdict.findings}


def test_a26_a_program_named_like_a_table_is_blocked(tmp_path: Path) -> None:
    verdict = checked(tmp_path, "table.csv", b"\x7fELF\x02\x01\x01\x00" + bytes(100))

    assert verdict.verdict is Verdict.BLOCKED
    assert rules(verdict) == {"T2"}


@pytest.mark.parametrize(
    "name", ["model.pkl", "a.xlsx", "a.svg", "a.html", "a.parquet", "a.zip", "a"]
)
def test_a27_types_that_can_carry_rows_or_run_do_not_leave(tmp_path: Path, name: str) -> None:
    verdict = checked(tmp_path, name, b"x")

    assert verdict.verdict is Verdict.BLOCKED
    assert "T1" in rules(verdict)


def png(*beside: bytes, pixels: bytes = b"\0\0\0\0", after: bytes = b"") -> bytes:
    """One black pixel."""
    header = chunk(b"IHDR", struct.pack(">IIBBBBB", 1, 1, 8, 2, 0, 0, 0))
    image = chunk(b"IDAT", zlib.compress(pixels))
    return b"".join([b"\x89PNG\r\n\x1a\n", header, *beside, image, chunk(b"IEND", b""), after])


def chunk(kind: bytes, content: bytes) -> bytes:
    checksum = struct.pack(">I", zlib.crc32(kind + content))
    return struct.pack(">I", len(content)) + kind + content + checksum


def test_a27_a_plain_picture_is_for_eyes(tmp_path: Path) -> None:
    assert checked(tmp_path, "a.png", png()).verdict is Verdict.REVIEW


@pytest.mark.parametrize(
    "data",
    [
        png(chunk(b"tEXt", b"comment\0rows of persons")),
        png(chunk(b"eXIf", b"x")),
        png(chunk(b"prVt", b"x")),
        png(after=b"rows of persons"),
        png(pixels=b"\0\0\0\0rows of persons"),
        png(chunk(b"pHYs", b"rows of persons")),
        b"\x89PNG\r\n\x1a\n",
        png()[:-4],
        b"GIF89a",
    ],
)
def test_a27_a_picture_with_anything_beside_its_pixels_is_blocked(
    tmp_path: Path, data: bytes
) -> None:
    verdict = checked(tmp_path, "a.png", data)

    assert verdict.verdict is Verdict.BLOCKED
    assert rules(verdict) == {"T2"}


@pytest.mark.parametrize("cell", ["=1+1", "+cmd|' /C calc'!A0", "@SUM(A1)", "-cmd", " =1"])
def test_a28_a_cell_that_a_spreadsheet_would_run_is_blocked(tmp_path: Path, cell: str) -> None:
    data = f'group,n\n"{cell}",50\n'.encode()

    verdict = checked(tmp_path, "a.csv", data, TableDeclaration(counts=("n",)))

    assert rules(verdict) == {"A28"}
    assert verdict.verdict is Verdict.BLOCKED


def test_a28_a_negative_number_is_no_formula(tmp_path: Path) -> None:
    data = b"group,n,change\nwomen,50,-1.5\n"

    assert rules(checked(tmp_path, "a.csv", data, TableDeclaration(counts=("n",)))) == set()


def test_a29_invisible_and_reversing_characters_are_blocked(tmp_path: Path) -> None:
    data = "group,n\nwo\u202emen,50\n".encode()

    assert rules(checked(tmp_path, "a.csv", data)) == {"T2"}


def test_a29_an_invisible_character_escaped_in_json_is_blocked(tmp_path: Path) -> None:
    data = b'[{"group": "wo\\u202emen", "n": 50}]'

    assert rules(checked(tmp_path, "a.json", data)) == {"T2"}


@pytest.mark.parametrize("data", [b"group\tn\nwomen\t7\n", b"group;n,x\nwomen;7,1\n"])
def test_a32_a_table_that_another_program_would_read_otherwise_is_blocked(
    tmp_path: Path, data: bytes
) -> None:
    assert rules(checked(tmp_path, "a.csv", data, TableDeclaration())) == {"T2"}


def test_a32_counts_written_inside_texts_are_not_passed_over(tmp_path: Path) -> None:
    verdict = checked(tmp_path, "a.csv", b"group\nwomen 7\n", TableDeclaration())

    assert verdict.verdict is Verdict.REVIEW


def test_a30_a_table_of_one_row_per_person_is_seen(tmp_path: Path) -> None:
    data = "".join(["age,weight\n", *(f"{20 + n},{50 + n}.{n}\n" for n in range(40))]).encode()

    verdict = checked(tmp_path, "a.csv", data, TableDeclaration(labels=("age",)))

    assert "A30" in rules(verdict)
    assert verdict.verdict is not Verdict.PASS


def test_a30_a_pseudonym_never_leaves(tmp_path: Path) -> None:
    data = b"group,n\n" + b"0123456789abcdef" * 4 + b",50\n"

    verdict = checked(tmp_path, "a.csv", data, TableDeclaration(counts=("n",)))

    assert rules(verdict) == {"P1"}
    assert verdict.verdict is Verdict.BLOCKED


def test_a31_digits_that_nobody_needs_are_pointed_out(tmp_path: Path) -> None:
    data = b"group,n,mean\nwomen,50,61.23456789\n"

    verdict = checked(tmp_path, "a.csv", data, TableDeclaration(counts=("n",)))

    assert rules(verdict) == {"A31"}
    assert verdict.verdict is Verdict.REVIEW


def test_a30_a_declaration_that_calls_counts_labels_is_not_believed(tmp_path: Path) -> None:
    data = b"group,persons\nwomen,3\n"

    verdict = checked(tmp_path, "a.csv", data, TableDeclaration(labels=("persons",)))

    assert rules(verdict) == {"R1"}
