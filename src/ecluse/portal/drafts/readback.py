"""What a summary page carries, so that what is confirmed is what was read: sealed, for an hour."""

import uuid
from typing import NamedTuple, TypeVar

from django.core import signing
from django.http import Http404

from ecluse.domain import codec
from ecluse.portal.accounts.models import User

SALT = "ecluse.readback"
SECONDS = 3600

Asked = TypeVar("Asked")


class ReadBack(NamedTuple):
    """Who read what back, about which file; `asked` is what was filled in."""

    about: str
    by: User
    asked: object


def seal(read: ReadBack) -> str:
    """Return what was filled in as the page carries it: nobody can change it on the way back."""
    sealed = {
        "asked": codec.encode(read.asked),
        "kind": type(read.asked).__qualname__,
        "about": read.about,
        "by": read.by.subject,
        "key": str(uuid.uuid4()),
    }
    return signing.dumps(sealed, salt=SALT, compress=True)


def unseal(text: str, kind: type[Asked], *, about: str, by: User) -> tuple[Asked, uuid.UUID] | None:
    """Return what the page carried, and the key drawn for it; None once it is too old or changed.

    Raises Http404: it was sealed for another file, another person or another page.
    """
    try:
        sealed = signing.loads(text, salt=SALT, max_age=SECONDS)
    except signing.BadSignature:
        return None
    if (sealed["kind"], sealed["about"], sealed["by"]) != (kind.__qualname__, about, by.subject):
        raise Http404
    return codec.decode(sealed["asked"], kind), uuid.UUID(sealed["key"])
