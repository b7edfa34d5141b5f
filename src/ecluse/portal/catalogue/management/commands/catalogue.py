"""Judge the descriptions that changed and write the graph: `django-admin catalogue`."""

from typing import Any

from django.core.management.base import BaseCommand
from django.utils import timezone

from ecluse.portal.catalogue import upkeep


class Command(BaseCommand):
    """Keep the catalogue up."""

    help = "Judge the descriptions that changed, and write the graph that SPARQL asks."

    def handle(self, *_args: Any, **_options: Any) -> None:
        """Do it, and say how many."""
        done = upkeep.keep_up(now=timezone.now())
        self.stdout.write(" ".join(f"{name}={count}" for name, count in done.items()))
