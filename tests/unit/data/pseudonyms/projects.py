"""A project's folder of files under the first version of its keys, and the second version."""

from collections.abc import Iterator, Mapping
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from ecluse.data.pseudonyms import Label, ProjectPseudonyms, PseudonymKeys
from ecluse.data.pseudonyms.correspondence import Versions
from ecluse.data.pseudonyms.renewal import Renewal, renew
from ecluse.trust.pseudonyms.keys import FIRST, SECOND, FileKey

DOMAIN = "FR-2026-0001"
OLD = PseudonymKeys(FileKey(FIRST, b"1" * 32), FileKey(SECOND, b"2" * 32)).project(DOMAIN)
NEW = PseudonymKeys(FileKey(FIRST, b"1" * 32), FileKey(SECOND, b"3" * 32)).project(DOMAIN)
VERSIONS = Versions(OLD, NEW)
KNOWN = {"person_pseudonym": Label.PERSON, "PFS_EXE_NUM": Label.PROFESSIONAL}
PERSONS = ("ANNE", "BORIS", "CHLOE")
DOCTORS = ("GP-1", "GP-2")


def person(name: str, project: ProjectPseudonyms = OLD) -> str:
    return project.of(Label.PERSON, [name])[0]


def doctor(name: str, project: ProjectPseudonyms = OLD) -> str:
    return project.of(Label.PROFESSIONAL, [name])[0]


def write_project(folder: Path) -> Path:
    """Write a table of claims, one without identifiers and a note, as an extraction does."""
    folder.mkdir(parents=True)
    claims = pa.table(
        {
            "person_pseudonym": [person("BORIS"), person("ANNE"), person("ANNE"), None],
            "PFS_EXE_NUM": [doctor("GP-2"), None, doctor("GP-1"), doctor("GP-1")],
            "euros": pa.array([10, 20, 30, 40], pa.int16()),
        }
    )
    pq.write_table(claims, folder / "ER_PRS_F.parquet")
    pq.write_table(pa.table({"code": ["A10", "B01"]}), folder / "codes.parquet")
    (folder / "README.md").write_text("The digest of the order is " + "ab" * 32 + "\n")
    return folder


def blocks() -> Mapping[Label, Iterator[pa.Array]]:
    """Return what the lake holds, in two blocks of persons; ANNE comes twice."""
    return {
        Label.PERSON: iter([pa.array(PERSONS[:2]), pa.array(["ANNE", *PERSONS[2:]])]),
        Label.PROFESSIONAL: iter([pa.array(DOCTORS)]),
    }


def renew_project(folder: Path) -> Renewal:
    return renew(folder, VERSIONS, known=KNOWN, values=blocks())


def rows(path: Path) -> list[tuple[object, ...]]:
    table = pq.read_table(path)
    return sorted(zip(*(column.to_pylist() for column in table.columns), strict=True), key=str)
