"""A receipt on paper: no name, no number of a person; sealed where this site has a seal."""

from datetime import datetime
from typing import Protocol

from django.conf import settings
from django.template.loader import render_to_string
from django.urls import reverse

from ecluse.domain.errors import SetupIncomplete
from ecluse.domain.optouts import Capacity
from ecluse.portal.cases.letters import letterhead
from ecluse.portal.citizens import labels
from ecluse.portal.letters.actions import present_seal
from ecluse.portal.letters.paper import printed, qr_of
from ecluse.portal.letters.sealing import Seal, seal_pdf
from ecluse.portal.optouts.receipts import Receipt


class Stated(Protocol):
    """What a register says of a choice: of an opt-out, of a wish not to be told."""

    @property
    def receipt_number(self) -> str:
        """Its number."""

    @property
    def capacity(self) -> Capacity:
        """In which it was declared."""

    @property
    def from_at(self) -> datetime:
        """When it began."""

    @property
    def until(self) -> datetime | None:
        """When it ended, if it did."""


def pdf_of(receipt: Receipt, *, now: datetime) -> bytes:
    """Return what the register says of an opt-out at `now`. Raises SetupIncomplete: no font."""
    right = str(labels.RIGHTS[receipt.basis]), str(labels.REACHES[receipt.basis])
    return print_receipt(receipt, right, check=reverse("citizens:check"), now=now)


def print_receipt(receipt: Stated, right: tuple[str, str], *, check: str, now: datetime) -> bytes:
    """Return a receipt as PDF/UA-1, sealed if it can be.

    `right`: its name, and how far it reaches; `check`: the page that says what it is worth later.
    Raises SetupIncomplete: a font is missing here.
    """
    seal = _seal(now)
    address = f"{settings.ECLUSE_PUBLIC_URL}{check}"
    context = {
        "receipt": receipt,
        "right": right,
        "capacity": labels.CAPACITIES[receipt.capacity],
        "head": letterhead(),
        "stated_at": now,
        "is_sealed": seal is not None,
        "check_address": address,
        "picture": qr_of(address),
    }
    data = printed(render_to_string("citizens/receipt_paper.html", context))
    return data if seal is None else seal_pdf(data, seal, at=now)


def _seal(now: datetime) -> Seal | None:
    try:
        return present_seal(now=now)
    except SetupIncomplete:
        return None
