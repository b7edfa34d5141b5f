"""The daily job of the public site: `django-admin daily`, safe to run again."""

from dataclasses import asdict
from typing import Any

from django.core.management.base import BaseCommand
from django.utils import timezone

from ecluse.domain.errors import SetupIncomplete
from ecluse.portal.aisystems.daily import reclassify
from ecluse.portal.applications.actions import erase_deleted_drafts
from ecluse.portal.cases import daily
from ecluse.portal.catalogue.upkeep import keep_up
from ecluse.portal.drafts.actions import scan_pending
from ecluse.portal.fees.reminders import remind
from ecluse.portal.holders import daily as holders
from ecluse.portal.label.daily import expire_labels
from ecluse.portal.letters.actions import issue_waiting
from ecluse.portal.lives.daily import tell_late
from ecluse.portal.messages import sending
from ecluse.portal.messages.actions import announce
from ecluse.portal.register.actions import follow
from ecluse.portal.search.indexing import refresh


class Command(BaseCommand):
    """Do what time alone brings: lapses, publications, evidence, reminders, mails, searches."""

    help = "Do what is due today: lapses, publications, reminders and their mails, virus searches."

    def handle(self, *_args: Any, **_options: Any) -> None:
        """Run it and say how many things were done."""
        counts = asdict(daily.run(now=timezone.now()))
        now = timezone.now()
        counts |= asdict(holders.run(now=now)) | {"invoices_reminded": remind(now=now)}
        counts |= {"conditions_late": tell_late(now=now)}
        counts |= {"labels_expired": expire_labels(now=now, today=timezone.localdate(now))}
        counts |= {"reclassified": reclassify(today=timezone.localdate(now))}
        counts |= {"scanned": scan_pending(now=timezone.now()), "followed": follow()}
        counts |= {"told": announce(now=timezone.now())} | asdict(sending.send(now=timezone.now()))
        counts |= {"erased": erase_deleted_drafts()}
        counts |= {"indexed": refresh(now=timezone.now(), at_most=None)} | keep_up(now=now)
        self.stdout.write(" ".join(f"{name}={count}" for name, count in counts.items()))
        self._issue_letters()

    def _issue_letters(self) -> None:
        """Issue what a crash left; without a seal, say so and leave the rest done."""
        try:
            issue_waiting(now=timezone.now())
        except SetupIncomplete as error:
            self.stderr.write(str(error))
