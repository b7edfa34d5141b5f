"""A receipt on paper: no name, no number of a person; sealed where this site has a seal."""

from datetime import datetime

from django.conf import settings
from django.template.loader import render_to_string
from django.urls import reverse

from ecluse.domain.errors import SetupIncomplete
from ecluse.portal.cases.letters import letterhead
from ecluse.portal.citizens import labels
from ecluse.portal.letters.actions import present_seal
from ecluse.portal.letters.paper import printed, qr_of
from ecluse.portal.letters.sealing import Seal, seal_pdf
from ecluse.portal.optouts.receipts import Receipt


def pdf_of(receipt: Receipt, *, now: datetime) -> bytes:
    """Return what the register says of a receipt at `now`, as PDF/UA-1, sealed if it can be.

    Raises SetupIncomplete: a font is missing here.
    """
    seal = _seal(now)
    address = f"{settings.ECLUSE_PUBLIC_URL}{reverse('citizens:check')}"
    context = {
        "receipt": receipt,
        "labels": labels,
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
