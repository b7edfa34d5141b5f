"""What a document's body says of itself: its number, the files it lists, the files it offers."""

from collections.abc import Mapping
from typing import Final

from ecluse.domain.documents import (
    Body,
    CheckReport,
    JobOrder,
    JobReceipt,
    Release,
)

NUMBERS: Final[Mapping[str, str]] = {
    "Permit": "permit_number",
    "Revocation": "permit_number",
    "OptOutList": "permit_number",
    "ExtractionOrder": "order_number",
    "SnapshotNotice": "snapshot",
    "ExtractionReceipt": "order_number",
    "Refusal": "refused_id",
    "JobOrder": "job_number",
    "JobReceipt": "job_number",
    "CheckReport": "job_number",
    "OutputRequest": "request_number",
    "Release": "request_number",
    "KeyRotation": "new_key_id",
}
"""The member of each kind that people call it by."""


def number_of(body: Body) -> str:
    """Return the number by which people call this document."""
    return str(getattr(body, NUMBERS[type(body).__name__]))


def listed_files(body: Body) -> dict[str, int]:
    """Return the files that follow this document: digest and size."""
    if isinstance(body, JobReceipt):
        return {file.digest: file.size for file in body.outputs}
    if isinstance(body, CheckReport | Release):
        return {file.digest: file.size for file in body.files}
    return {}


def offered_files(body: Body) -> frozenset[str]:
    """Return the digests of the files that the receivers of this document may fetch."""
    if isinstance(body, JobOrder):
        return frozenset({body.code_digest})
    if isinstance(body, Release):
        return frozenset(file.digest for file in body.files)
    return frozenset()
