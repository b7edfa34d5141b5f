"""Cohorts: which persons of a snapshot an immutable tree of `domain.cohorts` selects.

`reference` answers slowly and obviously, person by person; `duckdb` answers fast on one machine and
`spark` on a cluster, by one plan (`planning`). They agree always. `check` tells beforehand what a
dataset cannot answer.
"""

from ecluse.data.cohorts.checking import check
from ecluse.data.cohorts.reading import FLOW_DATE, Reading
from ecluse.data.cohorts.selected import Selected

__all__ = ["FLOW_DATE", "Reading", "Selected", "check"]
