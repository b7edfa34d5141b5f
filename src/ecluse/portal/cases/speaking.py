"""Who speaks for an organisation on one object of a file, and on that object alone.

The app that keeps organisations comes later in the flow: the assembled site names it.
"""

from typing import Protocol, cast

from django.conf import settings
from django.db.models import QuerySet
from django.utils.module_loading import import_string

from ecluse.portal.accounts.models import User
from ecluse.portal.cases.models import Item


class Speaking(Protocol):
    """What the app that keeps organisations tells."""

    def subjects_of(self, item: Item) -> frozenset[str] | None:
        """Return who speaks for whom the object is addressed to; None if to no organisation."""

    def items_of(self, user: User) -> QuerySet[Item]:
        """Return the objects on which this person speaks for an organisation."""

    def page_of(self, item: Item) -> tuple[str, str] | None:
        """Return the number under which that organisation knows the object, and its page there.

        It may know nothing of the file. None if the object is addressed to no organisation.
        """


def speaking() -> Speaking:
    """Return what this site names."""
    return cast(Speaking, import_string(settings.ECLUSE_SPEAKING))
