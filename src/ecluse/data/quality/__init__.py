"""Quality: what a snapshot is worth, measured at each load, as JSON and as a page."""

from ecluse.data.quality.measuring import report
from ecluse.data.quality.pages import page
from ecluse.data.quality.reports import (
    CheckResult,
    Dimension,
    QualityReport,
    Scope,
    Status,
    Unit,
    decode,
    encode,
)
from ecluse.data.quality.rules import checks
from ecluse.data.quality.storing import json_path, keep, store, stored, written

__all__ = [
    "CheckResult",
    "Dimension",
    "QualityReport",
    "Scope",
    "Status",
    "Unit",
    "checks",
    "decode",
    "encode",
    "json_path",
    "keep",
    "page",
    "report",
    "store",
    "stored",
    "written",
]
