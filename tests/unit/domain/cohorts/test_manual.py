"""The examples of the manual run as they are written."""

import re
from pathlib import Path

from ecluse.domain.cohorts import Cohort, Exposure
from ecluse.domain.cohorts.prose import explain

PAGE = Path(__file__).parents[4] / "docs" / "how-to" / "write-a-cohort.md"


def test_the_cohort_of_the_manual_can_be_built_and_told() -> None:
    blocks = re.findall(r"```python\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.DOTALL)
    names: dict[str, object] = {}

    exec("\n".join(blocks), names)  # noqa: S102 - our own page

    assert isinstance(names["cohort"], Cohort)
    assert isinstance(names["pioglitazone"], Exposure)
    assert "3. Sans antidiabétique l’année d’avant" in explain(names["cohort"])
