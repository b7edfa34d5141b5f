"""Small code lists written to files and loaded, for the tests of this folder."""

from collections.abc import Sequence
from datetime import date
from pathlib import Path

from ecluse.data.nomenclatures import Nomenclature, Nomenclatures, load


def csv_of(folder: Path, lines: Sequence[str], name: str = "list.csv") -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    (folder / name).write_text("\n".join([*lines, ""]), encoding="utf-8")
    return folder / name


def icd(tmp_path: Path, *codes: str, since: date = date(2010, 1, 1)) -> Nomenclature:
    """Return ICD with one more version, of `codes`, that begins on `since`."""
    lines = ["CODE;LABEL", *(f"{code};{code} label" for code in codes)]
    store = Nomenclatures(tmp_path / "lake")
    file = csv_of(tmp_path / "source", lines)
    load(file, store, name="ICD", valid_from=since, label_column="LABEL")
    return store.get("ICD")
