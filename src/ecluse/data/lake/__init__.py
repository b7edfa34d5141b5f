"""The lake: published snapshots of each dataset, and the tables that each data model has."""

from ecluse.data.lake.manifests import LakeTable, Snapshot
from ecluse.data.lake.snapshots import Lake, Staging, verify

__all__ = ["Lake", "LakeTable", "Snapshot", "Staging", "verify"]
