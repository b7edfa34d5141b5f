"""Loading: files as others deliver them become a snapshot of the lake, or nothing changes."""

from ecluse.data.loading.loads import load_delivery
from ecluse.data.loading.reports import LoadReport, TableReport

__all__ = ["LoadReport", "TableReport", "load_delivery"]
