"""The pages of data requests, fees, calls and webhooks, which the road of an application never
meets: in both themes, on a telephone, judged as every page is.

They are served by the site of this process, on rows that the tests of their apps write.
"""

from dataclasses import dataclass

import pytest
from django.test import Client
from playwright.sync_api import Browser
from pytest_django import Settings
from pytest_django.live_server_helper import LiveServer

from ecluse.portal.accounts.models import User
from ecluse.portal.fees.models import EstimateRecord
from ecluse.portal.webhooks.actions import subscribe
from tests.journeys.browser import Look, visiting
from tests.unit.portal.applications.road import NOW, at_now, road
from tests.unit.portal.fees.billing import Billing, billing, prints
from tests.unit.portal.holders.calling import Calling, calling
from tests.unit.portal.requests.road import NUMBER, ORDER, Requests, requests

__all__ = ["at_now", "billing", "calling", "requests", "road"]

pytestmark = [prints, pytest.mark.usefixtures("transactional_db", "at_now")]

CALL = "/holders/calls/FR-2026-0001-H1/"
FILE = f"/requests/{NUMBER}/"
FEES = "/fees/files/2026-00001/"
LOOKS = (Look(width=390), Look(theme="dsfr", width=390))


@dataclass(frozen=True)
class Place:
    """A page: the stage that its app's tests bring things to, who opens it, its address."""

    stage: str
    who: str
    address: str


REQUESTS = (
    Place("draft", "camille", f"{FILE}step/project/?checked=1"),
    Place("draft", "camille", f"{FILE}step/data/"),
    Place("draft", "camille", f"{FILE}summary/"),
    Place("draft", "camille", f"{FILE}delete/"),
    Place("submitted", "camille", FILE),
    Place("submitted", "camille", f"{FILE}withdraw/"),
    Place("submitted", "assessor", f"{FILE}start-assessment/"),
    Place("assessing", "assessor", f"{FILE}ask-information/"),
    Place("assessing", "assessor", f"{FILE}assess/"),
    Place("awaiting", "assessor", f"{FILE}go-on-without/"),
    Place("deciding", "decider", f"{FILE}approval/"),
    Place("deciding", "decider", f"{FILE}refuse/"),
    Place("answering", "preparer", f"{FILE}order/"),
    Place("ordered", "preparer", f"{FILE}orders/{ORDER}/"),
    Place("answered", "camille", FILE),
)
FEE_PAGES = (
    Place("item", "assessor", f"{FEES}estimate/"),
    Place("composed", "assessor", "/fees/estimates/{pk}/"),
    Place("sent", "camille", "/fees/estimates/{pk}/"),
    Place("accepted", "assessor", "/fees/estimates/{pk}/work/"),
    Place("done", "assessor", "/fees/estimates/{pk}/invoice/"),
    Place("invoice", "camille", "/fees/invoices/F-2026-00001/"),
    Place("invoice", "assessor", "/fees/invoices/F-2026-00001/credit/"),
    Place("invoice", "decider", "/fees/invoices/F-2026-00001/payment/"),
    Place("invoice", "decider", "/fees/invoices/F-2026-00001/transfer/"),
    Place("invoice", "stranger", "/fees/holders/chu-dexemple/"),
)
CALLS = (
    Place("asked", "preparer", "/holders/new/"),
    Place("asked", "preparer", "/holders/chu-dexemple/"),
    Place("asked", "preparer", "/holders/ask/2026-00001/"),
    Place("asked", "anne", "/holders/calls/"),
    Place("asked", "anne", CALL),
    Place("asked", "anne", f"{CALL}ask-extension/"),
    Place("asked", "anne", f"{CALL}supply/"),
    Place("asked", "anne", "/messages/"),
    Place("supplied", "preparer", f"{CALL}receive/"),
)
WELL = [(200, [], [], 0)] * len(LOOKS)
"""Nothing to say of a page, in any look."""


Judgement = tuple[int, list[str], list[str], int]
"""The status of a page, the rules it breaks, complaints of the browser, its excess of width."""


@dataclass(frozen=True)
class Offices:
    """This process's site, and the browser that visits it."""

    server: LiveServer
    browser: Browser
    settings: Settings

    def judged(self, user: User, address: str) -> list[Judgement]:
        """Open a page as somebody, in each look."""
        return [self._judge(user, address, look) for look in LOOKS]

    def _judge(self, user: User, address: str, look: Look) -> Judgement:
        self.settings.ECLUSE_THEME = look.theme
        client = Client()
        client.force_login(user)
        name = self.settings.SESSION_COOKIE_NAME
        with visiting(self.browser, look) as visitor:
            cookie = {"name": name, "value": client.cookies[name].value, "url": self.server.url}
            visitor.page.context.add_cookies([cookie])  # type: ignore[list-item]
            answer = visitor.page.goto(f"{self.server.url}{address}")
            assert answer is not None
            return answer.status, visitor.violations(), visitor.complaints, visitor.overflow()


@pytest.fixture
def offices(live_server: LiveServer, browser: Browser, settings: Settings) -> Offices:
    """The public site at an address of this machine."""
    settings.ECLUSE_URL = live_server.url
    return Offices(live_server, browser, settings)


@pytest.mark.parametrize("place", REQUESTS, ids=lambda one: f"{one.stage}-{one.address}")
def test_a_page_of_a_data_request_can_be_used_by_everyone(
    requests: Requests, offices: Offices, place: Place
) -> None:
    getattr(requests, place.stage)()
    user = getattr(requests.road, place.who)

    assert offices.judged(user, place.address) == WELL


@pytest.mark.parametrize("place", FEE_PAGES, ids=lambda one: f"{one.stage}-{one.address}")
def test_a_page_of_fees_can_be_used_by_everyone(
    billing: Billing, offices: Offices, place: Place
) -> None:
    getattr(billing, place.stage)()
    pk = EstimateRecord.objects.values_list("pk", flat=True).first()
    user = getattr(billing.road, place.who)

    assert offices.judged(user, place.address.format(pk=pk)) == WELL


@pytest.mark.parametrize("place", CALLS, ids=lambda one: f"{one.stage}-{one.address}")
def test_a_page_of_a_call_can_be_used_by_everyone(
    calling: Calling, offices: Offices, place: Place
) -> None:
    getattr(calling, place.stage)()
    user = getattr(calling if place.who == "anne" else calling.road, place.who)

    assert offices.judged(user, place.address) == WELL


def test_the_page_of_a_webhook_can_be_used_by_everyone(billing: Billing, offices: Offices) -> None:
    camille = billing.road.camille
    made, _secret = subscribe("https://93.184.216.34/hook", [], by=camille, now=NOW)

    assert offices.judged(camille, f"/webhooks/{made.pk}/") == WELL
