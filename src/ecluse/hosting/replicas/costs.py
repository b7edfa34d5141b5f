"""What leaving a host costs, computed before the first byte leaves."""

from dataclasses import dataclass
from datetime import timedelta
from decimal import ROUND_UP, Decimal
from typing import Final

from ecluse.hosting.replicas.manifests import Manifest

GIGABYTE: Final = 10**9
CENT: Final = Decimal("0.01")


@dataclass(frozen=True, slots=True)
class Prices:
    """What a host asks, in euros before tax: per gigabyte (10⁹) out, and per 1,000 reads."""

    egress_gigabyte: Decimal = Decimal(0)
    thousand_reads: Decimal = Decimal(0)


@dataclass(frozen=True, slots=True)
class Cost:
    """Objects, bytes, euros rounded up to the cent, and the time at the speed given."""

    objects: int
    size: int
    euros: Decimal
    lasts: timedelta


def exit_cost(manifest: Manifest, prices: Prices, *, bytes_per_second: int) -> Cost:
    """Return what copying a version out of its host costs, each content read once."""
    objects, size = len(manifest.objects), manifest.size
    egress = prices.egress_gigabyte * size / GIGABYTE
    reads = prices.thousand_reads * objects / 1000
    euros = (egress + reads).quantize(CENT, rounding=ROUND_UP)
    return Cost(objects, size, euros, timedelta(seconds=-(-size // bytes_per_second)))
