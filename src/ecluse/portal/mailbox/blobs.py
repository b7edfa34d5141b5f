"""Files that travel beside documents, kept by their digest.

The public site never stores a byte that was not released: a file is taken from the mailbox only if
a verified document received before lists it, and only documents of `ACCEPTED` kinds count.
"""

import hashlib
import re
import secrets
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Final

from ecluse.domain.errors import Malformed, NotFound, OutOfScope
from ecluse.portal.audit import identity
from ecluse.portal.mailbox.models import AnnouncedFile, OfferedFile
from ecluse.trust import durable

ACCEPTED: Final[Mapping[str, frozenset[str]]] = {
    "public": frozenset({"Release"}),
    "checking": frozenset({"JobReceipt", "CheckReport"}),
}
"""The kinds of documents whose files each site takes."""

DIGEST: Final = re.compile(r"sha256:[0-9a-f]{64}")


def keep(chunks: Iterable[bytes]) -> str:
    """Store a file made on this site, such as an analysis to run; return its digest."""
    digest = hashlib.sha256()
    whole = _folder() / f"made-{secrets.token_hex(8)}"
    with durable.replacing(whole) as file:
        for chunk in chunks:
            digest.update(chunk)
            file.write(chunk)
    name = f"sha256:{digest.hexdigest()}"
    whole.replace(_place(name))
    return name


def take(digest: str, chunks: Iterable[bytes]) -> None:
    """Store a file of the agent if a received document lists it and its bytes have that digest.

    Raises:
        OutOfScope: no document received here lists it.
        Malformed: other bytes than announced; nothing is kept.
    """
    announced = AnnouncedFile.objects.filter(digest=digest, kind__in=ACCEPTED[identity.site()])
    size = announced.values_list("size", flat=True).first()
    if size is None:
        raise OutOfScope(f"No document received here lists {digest}: deliver the document first.")
    counted, total = hashlib.sha256(), 0
    with durable.replacing(_place(digest)) as file:
        for chunk in chunks:
            total += len(chunk)
            if total > size:
                raise Malformed(f"{digest} is longer than the {size} bytes that were announced.")
            counted.update(chunk)
            file.write(chunk)
        if f"sha256:{counted.hexdigest()}" != digest:
            raise Malformed(f"The {total} bytes received are not {digest}: send them again.")


def find(digest: str) -> Path:
    """Return where the file of this digest lies. Raises NotFound."""
    path = _place(digest)
    if not path.is_file():
        raise NotFound(f"No file {digest} here: it was not sent yet.")
    return path


def find_for(digest: str, audience: str) -> Path:
    """Return the file if a document sent to this receiver offers it. Raises NotFound."""
    offers = OfferedFile.objects.filter(digest=digest, document__audience__contains=[audience])
    if not offers.exists():
        raise NotFound(f"No document for {audience} offers {digest}.")
    return find(digest)


def remove(digest: str) -> bool:
    """Remove the file of this digest; tell whether it was here."""
    path = _place(digest)
    is_here = path.is_file()
    path.unlink(missing_ok=True)
    return is_here


def _place(digest: str) -> Path:
    if not DIGEST.fullmatch(digest):
        raise NotFound(f"{digest[:80]!r} is not a digest `sha256:<64 hexadecimal characters>`.")
    digits = digest.removeprefix("sha256:")
    folder = _folder() / digits[:2]
    folder.mkdir(mode=0o700, exist_ok=True)
    return folder / digits


def _folder() -> Path:
    folder = identity.room() / "blobs"
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    return folder
