"""Tell people what waits: `django-admin send_mail`, safe to run every minute."""

from dataclasses import asdict
from typing import Any

from django.core.management.base import BaseCommand
from django.utils import timezone

from ecluse.portal.messages import actions, sending


class Command(BaseCommand):
    """Write the notices of what happened, then send the mails that are due."""

    help = "Write the notices of what happened, then send the mails that are due."

    def handle(self, *_args: Any, **_options: Any) -> None:
        """Run it and say how many were told, sent, refused, postponed, cancelled."""
        told = actions.announce(now=timezone.now())
        counts = {"told": told} | asdict(sending.send(now=timezone.now()))
        self.stdout.write(" ".join(f"{name}={count}" for name, count in counts.items()))
