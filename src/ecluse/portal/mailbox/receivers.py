"""What obeys a received document: the function that the assembled site names for its kind."""

from collections.abc import Mapping
from datetime import datetime
from typing import Protocol, cast

from django.conf import settings
from django.utils.module_loading import import_string

from ecluse.domain.errors import OutOfScope
from ecluse.trust.documents import Verified


class Receiver(Protocol):
    """An action that obeys one kind of document, in the transaction that stores it."""

    def __call__(self, verified: Verified, *, now: datetime) -> object:
        """Obey the document. Raises an EcluseError to refuse it: nothing of it then stays."""


def receiver_of(kind: str) -> Receiver:
    """Return what obeys this kind on this site. Raises OutOfScope if nothing does."""
    known = cast(Mapping[str, Receiver], import_string(settings.ECLUSE_RECEIVERS))
    if kind not in known:
        raise OutOfScope(f"This site obeys no {kind}: send it to its own receiver.")
    return known[kind]
