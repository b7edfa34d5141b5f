"""Where a webhook may go: see `trust.outgoing`; ECLUSE_WEBHOOK_HOSTS names the hosts trusted."""

from django.conf import settings

from ecluse.trust import outgoing
from ecluse.trust.outgoing import Exits, Target


def check(url: str) -> str:
    """Return the address if its shape is one that may be called. Raises InvalidInput."""
    return outgoing.check(url, _exits())


def resolve(url: str) -> Target:
    """Look the name up and judge every address that it has. Raises InvalidInput, NotAllowed."""
    return outgoing.resolve(url, _exits())


def _exits() -> Exits:
    return Exits(frozenset(settings.ECLUSE_WEBHOOK_HOSTS), "ECLUSE_WEBHOOK_HOSTS")
