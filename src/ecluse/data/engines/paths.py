"""Paths given to an engine that would otherwise read patterns and values into them."""

import re
from pathlib import Path
from typing import Final

PATTERN_SIGNS: Final = re.compile(r"([*?\[])")


def literal_path(path: Path) -> str:
    """Return the path as a pattern that only this file fits.

    `a[12]/ER_PRS_F.csv` would read `a1/ER_PRS_F.csv`. Tell the reader `hive_partitioning=False`
    too: otherwise a folder called `BEN_NIR_PSA=X` gives its value to a column.
    """
    return PATTERN_SIGNS.sub(r"[\1]", str(path))
