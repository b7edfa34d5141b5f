"""Who speaks for a data holder on a call, and what they speak on: see `cases.speaking`."""

from dataclasses import dataclass

from django.db.models import QuerySet
from django.urls import reverse

from ecluse.domain.machines import Kind
from ecluse.portal.accounts.models import User
from ecluse.portal.cases.models import Item
from ecluse.portal.holders.models import HolderCall, HolderPerson


@dataclass(frozen=True, slots=True)
class HolderSpeaking:
    """The persons of data holders and the calls addressed to them (EHDS art. 60(2))."""

    def subjects_of(self, item: Item) -> frozenset[str] | None:
        """Return the persons of the holder called; None for what is no call."""
        if item.kind != Kind.HOLDER_CALL:
            return None
        persons = HolderPerson.objects.filter(holder__calls__item=item)
        return frozenset(persons.values_list("subject", flat=True))

    def items_of(self, user: User) -> QuerySet[Item]:
        """Return the objects of the calls addressed to the holders of this person."""
        calls = HolderCall.objects.filter(holder__persons__subject=user.subject)
        return Item.objects.filter(pk__in=calls.values("item"))

    def page_of(self, item: Item) -> tuple[str, str] | None:
        """Return the number and the page of a call."""
        call = HolderCall.objects.filter(item=item).first()
        return (call.number, reverse("holders:call", args=[call.number])) if call else None


SPEAKING = HolderSpeaking()
