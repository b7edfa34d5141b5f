"""The tariffs of this hub and who issues its invoices: data files, read and checked.

A hub keeps its own in the folder that ECLUSE_TARIFFS names; the package holds an example of each.
"""

import json
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path
from typing import TypeVar, cast

from django.conf import settings

import ecluse
from ecluse.domain import codec
from ecluse.domain.errors import InvalidInput, Malformed, NotFound
from ecluse.domain.fees import Tariff, tariff_on

EXAMPLES = Path(ecluse.__file__).parent / "schemas" / "tariffs"
ISSUER = "issuer.json"
Read = TypeVar("Read")


@dataclass(frozen=True)
class PublishedTariff:
    """A tariff with what the public is told beside the prices: how they are worked out.

    `is_example` marks figures that nobody may be charged. Source: EHDS art. 62(3), transparency.
    """

    tariff: Tariff
    is_example: bool
    vat_ground: str
    method_fr: str
    method_en: str


@dataclass(frozen=True)
class Note:
    """A mention that every invoice carries, by its UNTDID 4451 code."""

    code: str
    text: str


@dataclass(frozen=True)
class Issuer:
    """Who sends the invoices. `legal_id` is a SIREN, days are calendar days."""

    is_example: bool
    name: str
    legal_id: str
    vat_id: str
    street: str
    postcode: str
    town: str
    country: str
    email: str
    iban: str
    bic: str
    payment_days: int
    notes: tuple[Note, ...]


def folder() -> Path:
    """Where the tariffs of this hub are."""
    return Path(settings.ECLUSE_TARIFFS) if settings.ECLUSE_TARIFFS else EXAMPLES


def tariffs() -> tuple[PublishedTariff, ...]:
    """Every tariff of this hub, the newest first. Raises InvalidInput."""
    return _tariffs(folder())


def tariff(version: str) -> PublishedTariff:
    """The tariff of that version, whether it still holds or not. Raises NotFound."""
    for one in tariffs():
        if one.tariff.version == version:
            return one
    raise NotFound(
        f"No tariff {version[:40]!r}: a version that an estimate names is kept for ever."
    )


def tariff_of(day: date) -> PublishedTariff:
    """The tariff that holds on a day. Raises InvalidInput when none does."""
    held = tariff_on(tuple(one.tariff for one in tariffs()), day)
    return tariff(held.version)


def issuer() -> Issuer:
    """Who sends the invoices of this hub. Raises InvalidInput."""
    return _issuer(folder() / ISSUER)


@cache
def _tariffs(where: Path) -> tuple[PublishedTariff, ...]:
    found = [_read(path, PublishedTariff) for path in sorted(where.glob("tariff.*.json"))]
    for name in ("version", "effective_on"):
        if len({getattr(one.tariff, name) for one in found}) != len(found):
            raise InvalidInput(
                f"Two tariffs in {where} have the same {name}: one a day, one a name."
            )
    return tuple(sorted(found, key=lambda one: one.tariff.effective_on, reverse=True))


@cache
def _issuer(path: Path) -> Issuer:
    return _read(path, Issuer)


def _read(path: Path, kind: type[Read]) -> Read:
    try:
        return cast(Read, codec.decode(json.loads(path.read_text(encoding="utf-8")), kind))
    except (OSError, ValueError, Malformed) as error:
        raise InvalidInput(f"{path.name} cannot be used: {error}") from error
