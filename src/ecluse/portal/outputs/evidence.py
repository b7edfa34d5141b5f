"""What a checker sees beside each file: its bytes shown safely, its verdict, what left before."""

import math
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from ecluse.domain import outputs
from ecluse.domain.disclosure import for_author, for_checker
from ecluse.domain.documents import FileVerdict, Verdict
from ecluse.domain.errors import NotFound
from ecluse.domain.reviews.machine import State
from ecluse.domain.reviews.review import FileKind
from ecluse.portal.mailbox import blobs
from ecluse.portal.outputs.labels import Line, grouped
from ecluse.portal.outputs.models import Request, RequestFile
from ecluse.portal.outputs.previews import Preview, preview
from ecluse.trust import canonical

SAMPLE_BYTES = 1 << 20
DENSE_BITS = 7.0
"""Text and tables have some 3 to 5 bits a byte; beyond this, bytes are compressed or enciphered."""
EARLIER_SHOWN = 20
SEPARATOR = "\x1f"


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """One file of a request as its reader may see it; `preview` and the rest for checkers alone."""

    file: RequestFile
    verdict: FileVerdict
    findings: list[Line]
    has_arrived: bool
    preview: Preview | None = None
    entropy: float | None = None
    earlier: tuple[str, ...] = ()

    @property
    def is_dense(self) -> bool:
        """Whether the bytes look compressed or enciphered, which no table is."""
        is_picture = self.preview is not None and self.preview.kind == "image"
        return self.entropy is not None and self.entropy > DENSE_BITS and not is_picture


def evidence(request: Request, *, shows_content: bool) -> list[Evidence]:
    """Return each file with its verdict and, where `shows_content`, what it holds."""
    report = request.source.report
    verdicts = {(file.name, file.digest): file for file in report.files} if report else {}
    rows = request.files.select_related("group").order_by("group__pk", "kind", "name")
    earlier = list(_released_before(request)) if shows_content else []
    return [
        _of(row, verdicts[row.name, row.digest], earlier, shows_content=shows_content)
        for row in rows
    ]


def _of(
    row: RequestFile, verdict: FileVerdict, earlier: list[RequestFile], *, shows_content: bool
) -> Evidence:
    arrived = has_arrived(row.digest)
    read = for_checker if shows_content else for_author
    findings = grouped(read(found) for found in verdict.findings)
    if not shows_content or not arrived:
        return Evidence(file=row, verdict=verdict, findings=findings, has_arrived=arrived)
    path = blobs.find(row.digest)
    shown = preview(path, row.name)
    if shown.kind == "image" and verdict.verdict is Verdict.BLOCKED:
        shown = Preview("none")  # bytes that the checks refused are given to no decoder
    return Evidence(
        file=row,
        verdict=verdict,
        findings=findings,
        has_arrived=True,
        preview=shown,
        entropy=entropy(path),
        earlier=_overlapping(row, SEPARATOR.join(shown.headers), earlier),
    )


def entropy(path: Path) -> float:
    """Return the bits that each byte of the first mebibyte tells, from 0 to 8."""
    with path.open("rb") as file:
        counted = Counter(file.read(SAMPLE_BYTES))
    total = counted.total()
    return sum(-n / total * math.log2(n / total) for n in counted.values()) if total else 0.0


def _released_before(request: Request) -> Iterable[RequestFile]:
    """Yield the files that left from the same datasets, of any project, last first."""
    rows = RequestFile.objects.filter(
        request__state__in=(State.RELEASING.value, State.RELEASED.value),
        kind=FileKind.OUTPUT.value,
    ).exclude(request=request)
    wanted = outputs.datasets_of(request.mandate)
    cache: dict[int, bool] = {}
    for row in rows.select_related("request").order_by("-request__requested_at", "name"):
        if row.request_id not in cache:
            found = Request.objects.with_sources().get(pk=row.request_id)
            cache[row.request_id] = bool(outputs.datasets_of(found.mandate) & wanted)
        if cache[row.request_id]:
            yield row


def _overlapping(row: RequestFile, columns: str, earlier: list[RequestFile]) -> tuple[str, ...]:
    """Return the numbers of the requests that let out the same bytes, name or columns."""
    same = [
        one.request.number
        for one in earlier
        if one.digest == row.digest
        or (one.request.workspace_id == row.request.workspace_id and one.name == row.name)
        or (columns and one.columns == columns)
    ]
    return tuple(dict.fromkeys(same))[:EARLIER_SHOWN]


def keep_columns(request: Request) -> None:
    """Note the columns of the tables that leave: later requests are compared with them."""
    for row in request.files.filter(kind=FileKind.OUTPUT.value):
        if has_arrived(row.digest):
            row.columns = SEPARATOR.join(preview(blobs.find(row.digest), row.name).headers)
            row.save(update_fields=["columns"])


def all_arrived(request: Request) -> bool:
    """Whether the bytes of every file of the request are here."""
    return all(has_arrived(digest) for digest in request.files.values_list("digest", flat=True))


def has_arrived(digest: str) -> bool:
    """Whether the bytes of a file are here, and still those of its digest."""
    try:
        return canonical.digest_file(blobs.find(digest)) == digest
    except NotFound:
        return False
