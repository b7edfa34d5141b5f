"""A public site on a private database, for the time of a benchmark."""
# ruff: noqa: PLC0415 — Django starts once the database exists

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from statistics import median, quantiles
from typing import Self

from ecluse.cli.database import Cluster, create_databases, database_url

DATABASE = "ecluse_benchmark"


@dataclass(frozen=True, slots=True)
class Measure:
    """One kind of request: how many were timed, the median and 95th percentile in ms."""

    what: str
    count: int
    p50_ms: float
    p95_ms: float

    @classmethod
    def of(cls, what: str, times_ms: list[float]) -> Self:
        """Return what these times amount to."""
        p95 = quantiles(times_ms, n=20)[-1]
        return cls(what, len(times_ms), round(median(times_ms), 1), round(p95, 1))


@contextmanager
def public_site(*, now: datetime) -> Iterator[None]:
    """Start Django with empty tables, the keys of the portal and a seal."""
    with tempfile.TemporaryDirectory(prefix="ecluse-benchmark-") as folder:
        home = Path(folder)
        home.chmod(0o711)
        cluster = Cluster(home / "postgres", durable=False)
        cluster.start()
        try:
            create_databases(cluster.url, [DATABASE])
            os.environ |= {
                "DJANGO_SETTINGS_MODULE": "ecluse.portal.site.settings.everything",
                "ECLUSE_HOME": str(home),
                "DATABASE_URL": database_url(cluster.url, DATABASE),
            }
            import django
            from django.conf import settings

            settings.DATABASES["default"]["NAME"] = DATABASE
            settings.LOGGING["root"]["level"] = "ERROR"
            django.setup()
            _prepare(now)
            yield
        finally:
            cluster.stop()


def _prepare(now: datetime) -> None:
    from django.core.management import call_command

    from ecluse.domain.documents import Signer
    from ecluse.portal.audit import identity
    from ecluse.portal.letters.sealing import make_seal
    from ecluse.trust import keys
    from ecluse.trust.keys import Keyring

    call_command("migrate", verbosity=0, interactive=False)
    key = keys.create_key(identity.key_folder(), Signer.PORTAL, now=now)
    Keyring([key.public()]).save(identity.keyring_path())
    make_seal(identity.key_folder(), name="Benchmark", now=now)
