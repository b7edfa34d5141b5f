"""What a document's body says of itself: its number, the files it lists, the files it offers."""

from ecluse.domain.documents import (
    Body,
    CheckReport,
    JobOrder,
    JobReceipt,
    OptOutList,
    Release,
    SourceOptOuts,
    Submission,
    WishList,
)


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
    if isinstance(body, Submission):
        return frozenset({body.file.digest})
    if isinstance(body, OptOutList):
        return frozenset(file.digest for file in body.files)
    if isinstance(body, SourceOptOuts | WishList):
        return frozenset({body.file_digest})
    if isinstance(body, Release):
        return frozenset(file.digest for file in body.files)
    return frozenset()
