"""The daily job of the checking room: `django-admin close_ended`, safe to run again."""

from typing import Any

from django.core.management.base import BaseCommand
from django.utils import timezone

from ecluse.portal.outputs.stopping import close_ended


class Command(BaseCommand):
    """Close the requests that no permit stands behind any more."""

    help = "Close the requests for outputs whose permit has ended."

    def handle(self, *_args: Any, **_options: Any) -> None:
        """Run it and say how many were closed."""
        self.stdout.write(f"closed={close_ended(now=timezone.now())}")
