"""The daily job of the public site: `django-admin daily`, safe to run again."""

from dataclasses import asdict
from typing import Any

from django.core.management.base import BaseCommand
from django.utils import timezone

from ecluse.portal.applications.actions import erase_deleted_drafts
from ecluse.portal.cases import daily


class Command(BaseCommand):
    """Do what time alone brings: lapses, publications, evidence, reminders."""

    help = "Do what is due today: lapses, publications, evidence of late clocks, reminders."

    def handle(self, *_args: Any, **_options: Any) -> None:
        """Run it and say how many things were done."""
        counts = asdict(daily.run(now=timezone.now())) | {"erased": erase_deleted_drafts()}
        self.stdout.write(" ".join(f"{name}={count}" for name, count in counts.items()))
