"""The lake: published snapshots of each dataset, made of parts that they share."""

from ecluse.data.lake.manifests import LakeTable, Part, Snapshot
from ecluse.data.lake.publication import Draft
from ecluse.data.lake.reading import read, read_names, read_persons, read_table
from ecluse.data.lake.snapshots import Lake
from ecluse.data.lake.staging import Staging
from ecluse.data.lake.verification import Verification, verify

__all__ = [
    "Draft",
    "Lake",
    "LakeTable",
    "Part",
    "Snapshot",
    "Staging",
    "Verification",
    "read",
    "read_names",
    "read_persons",
    "read_table",
    "verify",
]
