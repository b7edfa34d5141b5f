"""The generator's own data: small `;` CSV files that lie beside the code."""

import csv
from functools import cache
from importlib.resources import files


@cache
def read_rows(name: str) -> tuple[dict[str, str], ...]:
    """Return the rows of the data file `name` (no extension), one mapping a row."""
    text = (files("ecluse.data.synthetic") / f"{name}.csv").read_text(encoding="utf-8")
    return tuple(csv.DictReader(text.splitlines(), delimiter=";"))
