"""Who speaks for a data holder on a call or on a description: see `cases.speaking`."""

from dataclasses import dataclass

from django.db.models import QuerySet
from django.urls import reverse

from ecluse.domain.machines import Kind
from ecluse.portal.accounts.models import User
from ecluse.portal.cases.models import Item
from ecluse.portal.descriptions.models import DescriptionFile
from ecluse.portal.holders.models import HolderPerson
from ecluse.portal.holders.speaking import HolderSpeaking


@dataclass(frozen=True, slots=True)
class DeskSpeaking(HolderSpeaking):
    """The persons of data holders, on the calls made to them and on what they describe."""

    def subjects_of(self, item: Item) -> frozenset[str] | None:
        """Return the persons of the holder concerned; None for what concerns no holder."""
        if item.kind != Kind.DESCRIPTION:
            return HolderSpeaking.subjects_of(self, item)
        persons = HolderPerson.objects.filter(holder__description_files__item=item)
        return frozenset(persons.values_list("subject", flat=True))

    def items_of(self, user: User) -> QuerySet[Item]:
        """Return the objects on which this person speaks for a holder."""
        files = DescriptionFile.objects.of_holders_of(user)
        own = Item.objects.filter(pk__in=files.values("item"))
        return own | HolderSpeaking.items_of(self, user)

    def page_of(self, item: Item) -> tuple[str, str] | None:
        """Return the number and the page of a call or of a description."""
        file = DescriptionFile.objects.filter(item=item).first()
        if file is None:
            return HolderSpeaking.page_of(self, item)
        return file.number, reverse("descriptions:file", args=[file.number])


SPEAKING = DeskSpeaking()
