"""Who speaks for a data holder on a call, a description or a finding: see `cases.speaking`."""

from dataclasses import dataclass

from django.db.models import QuerySet
from django.urls import reverse

from ecluse.domain.machines import Kind
from ecluse.portal.accounts.models import User
from ecluse.portal.cases.models import Item
from ecluse.portal.descriptions.speaking import DeskSpeaking
from ecluse.portal.findings.models import FindingFile
from ecluse.portal.holders.models import HolderPerson


@dataclass(frozen=True, slots=True)
class FindingSpeaking(DeskSpeaking):
    """The persons of data holders, on all that is addressed to them."""

    def subjects_of(self, item: Item) -> frozenset[str] | None:
        """Return the persons of the holders concerned; None for what concerns no holder."""
        if item.kind != Kind.FINDING:
            return DeskSpeaking.subjects_of(self, item)
        persons = HolderPerson.objects.filter(holder__findings__finding__item=item)
        return frozenset(persons.values_list("subject", flat=True))

    def items_of(self, user: User) -> QuerySet[Item]:
        """Return the objects on which this person speaks for a holder."""
        own = Item.objects.filter(pk__in=FindingFile.objects.of_holders_of(user).values("item"))
        return own | DeskSpeaking.items_of(self, user)

    def page_of(self, item: Item) -> tuple[str, str] | None:
        """Return the number and the page under which a holder knows the object."""
        found = FindingFile.objects.filter(item=item).first()
        if found is None:
            return DeskSpeaking.page_of(self, item)
        return found.number, reverse("findings:file", args=[found.number])


SPEAKING = FindingSpeaking()
