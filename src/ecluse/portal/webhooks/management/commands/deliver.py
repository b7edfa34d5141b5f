"""Send the deliveries of webhooks: `django-admin deliver`, once, or again and again."""

import time
from dataclasses import asdict
from typing import Any

from django.core.management.base import BaseCommand, CommandParser
from django.db import close_old_connections
from django.utils import timezone

from ecluse.portal.webhooks import actions


class Command(BaseCommand):
    """Send what is owed to the webhooks."""

    help = "Send what is owed to the webhooks; with --every, again and again."

    def add_arguments(self, parser: CommandParser) -> None:
        """Take `--every SECONDS`; without it, one run."""
        parser.add_argument("--every", type=int, default=0)

    def handle(self, *_args: Any, every: int = 0, **_options: Any) -> None:
        """Run, and say how many things were done."""
        self._run()
        while every > 0:
            time.sleep(every)
            close_old_connections()
            self._run()

    def _run(self) -> None:
        done = asdict(actions.deliver(now=timezone.now()))
        self.stdout.write(" ".join(f"{name}={count}" for name, count in done.items()))
