"""Cohorts: which persons of a snapshot an immutable tree of `domain.cohorts` selects.

`reference` answers slowly and obviously, row by row; `duckdb` answers fast. They agree always.
"""

from ecluse.data.cohorts.reading import FLOW_DATE, Reading

__all__ = ["FLOW_DATE", "Reading"]
