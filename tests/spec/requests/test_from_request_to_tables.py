"""A data request answered by tables: three places, and nothing but signed documents between them.

The public site decides and orders; the agent of the secure zone counts, protects and keeps; the
checking room votes; the public site gives. Each document is the one that the other side signed.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from django.test import Client
from pytest_django import Settings

from ecluse.data.agent import Agent, Zone
from ecluse.domain.documents import Decision, Signer
from ecluse.domain.roles import Role
from ecluse.domain.tabulation import Measure, MeasureKind, Suppression, TableOrder, TabulationPlan
from ecluse.domain.tabulation.usual import REGISTERS, sex
from ecluse.portal.accounts.models import User
from ecluse.portal.audit import identity
from ecluse.portal.catalogue.actions import describe
from ecluse.portal.mailbox import blobs
from ecluse.portal.mailbox.actions import receive
from ecluse.portal.mailbox.models import IncomingDocument, OutgoingDocument
from ecluse.portal.mailbox.receivers import receiver_of
from ecluse.portal.outputs import reviewing
from ecluse.portal.outputs.models import Request
from ecluse.portal.requests import actions, tabulations
from ecluse.portal.requests.models import DataRequest
from ecluse.trust import canonical, documents, keys
from ecluse.trust.keys import Keyring
from ecluse.trust.mailbox import FolderMailbox
from tests.sites import Signers
from tests.unit.data.agent.requests import load
from tests.unit.portal.applications.road import Road
from tests.unit.portal.build import CLAIMS
from tests.unit.portal.requests.road import KEY, NUMBER, Requests

NOW = datetime(2026, 2, 1, 9, tzinfo=UTC)
PLAN = TabulationPlan(
    "",
    "Sex of the persons of a clinic",
    "",
    (sex(REGISTERS["omop"]),),
    (TableOrder("by_sex", "Personnes par sexe", ("sex",), (Measure(MeasureKind.PERSONS),)),),
    Suppression(),
)


@dataclass
class Places:
    """The two sites in one process, the zone in a folder, and who carries between them."""

    settings: Settings
    folder: Path
    zone: Zone
    boxes: dict[str, FolderMailbox]
    taken: int = 0

    @contextmanager
    def checking(self) -> Iterator[None]:
        """This process is the checking room."""
        before = {name: getattr(self.settings, name) for name in ROOM}
        for name, value in ROOM.items():
            setattr(self.settings, name, value)
        yield
        for name, value in before.items():
            setattr(self.settings, name, value)

    def carry_out(self) -> None:
        """Take what the sites sent since the last time to the boxes of the agent."""
        for row in OutgoingDocument.objects.filter(sequence__gt=self.taken).order_by("sequence"):
            box = self.boxes["checking" if row.kind in INSIDE else "public"]
            number = len(list((box.path / "in").iterdir())) + 1
            (box.path / "in" / f"{number:08}-Document.json").write_bytes(bytes(row.data))
            self.taken = row.sequence

    def step(self) -> None:
        """The agent does one step."""
        with Agent(self.zone, self.boxes, clock=lambda: NOW) as agent:
            report = agent.step(NOW)
        assert report.refused == report.postponed == 0

    def carry_in(self, site: str) -> None:
        """Give a site what the agent delivered to it, then the files."""
        out = self.boxes[site].path
        for path in sorted((out / "out").glob("*.json")):
            self._give(path.read_bytes())
            path.unlink()
        for blob in (out / "blobs").iterdir():
            blobs.take(f"sha256:{blob.name}", [blob.read_bytes()])

    def _give(self, data: bytes) -> None:
        """Receive a document; one that is for both sites is known to their common database."""
        if not IncomingDocument.objects.filter(digest=canonical.digest(data)).exists():
            receive(data, now=NOW)
            return
        verified = documents.verify(data, identity.keyring(), now=NOW)
        receiver_of(verified.document.kind)(verified, now=NOW)


INSIDE = frozenset({"OutputRequest", "Release", "Rejection"})
ROOM = {
    "ECLUSE_SITE": "checking",
    "ECLUSE_RECEIVERS": "ecluse.portal.site.receivers_checking.HANDLERS",
    "ROOT_URLCONF": "ecluse.portal.site.urls_checking",
}


@pytest.fixture
def places(signers: Signers, settings: Settings, tmp_path: Path) -> Places:
    """A zone that holds the clinic, and believes the keys of both sites."""
    zone = Zone(tmp_path / "zone")
    load(tmp_path / "zone" / "lake")
    keys.store_key(zone.keys, signers.agent)
    Keyring(signers.of(signer).public() for signer in Signer).save(zone.keyring)
    boxes = {name: FolderMailbox(tmp_path / "boxes" / name) for name in ("public", "checking")}
    return Places(settings, tmp_path, zone, boxes)


@pytest.fixture
def asked(places: Places, requests: Requests, road: Road) -> DataRequest:
    """A request of Camille's about the clinic, granted."""
    places.step()
    places.carry_in("public")
    describe("clinic", CLAIMS, by="set-up", now=NOW)
    request = requests.deciding()
    clinic = type(request.dataset).objects.get(slug="clinic")
    DataRequest.objects.filter(pk=request.pk).update(dataset=clinic)
    request.refresh_from_db()
    return actions.approve(request, 11, by=road.decider, now=NOW - timedelta(days=1))


def vote(request: Request, by: User, decision: Decision = Decision.APPROVE) -> None:
    names = request.files.values_list("name", flat=True)
    opinions = dict.fromkeys(names, reviewing.Opinion(decision, "Non."))
    reviewing.vote(request, opinions, by=by, now=NOW)


def ordered(places: Places, request: DataRequest, road: Road) -> None:
    """Order the tables, and bring the answer of the zone to both sites."""
    what = tabulations.asked(request, None, PLAN)
    tabulations.order(request, what, key=KEY, by=road.preparer, now=NOW - timedelta(hours=1))
    places.carry_out()
    places.step()
    places.carry_in("public")
    with places.checking():
        places.carry_in("checking")


@pytest.mark.usefixtures("at_now")
def test_a_request_becomes_tables_and_nothing_else_ever_leaves(
    places: Places,
    asked: DataRequest,
    road: Road,
    account: Callable[..., User],
    client: Client,
) -> None:
    sarah = account(Role.CHECKER, email="sarah.cohen@hub.example")
    marc = account(Role.CHECKER, email="marc.dubois@hub.example")

    ordered(places, asked, road)
    with places.checking():
        vote(Request.objects.get(), sarah)
        vote(Request.objects.get(), marc)
    places.carry_out()
    places.step()
    places.carry_in("public")
    client.force_login(road.camille)
    page = client.get(f"/releases/{NUMBER}-T1-R1/").content.decode()

    asked.refresh_from_db()
    assert DataRequest.objects.get().item.state == "answered"
    assert "Personnes par sexe" in page
    assert [number for number in ("50", "20", "30") if f"<span>{number}</span>" in page] == [
        "50",
        "20",
        "30",
    ]


@pytest.mark.usefixtures("at_now")
def test_tables_that_a_checker_refuses_are_prepared_again(
    places: Places, asked: DataRequest, road: Road, account: Callable[..., User]
) -> None:
    sarah = account(Role.CHECKER, email="sarah.cohen@hub.example")
    marc = account(Role.CHECKER, email="marc.dubois@hub.example")

    ordered(places, asked, road)
    with places.checking():
        vote(Request.objects.get(), sarah, Decision.REJECT)
        vote(Request.objects.get(), marc)
        reviewing.reject(Request.objects.get(), "Non.", by=marc, now=NOW)
    places.carry_out()
    places.step()
    places.carry_in("public")

    assert DataRequest.objects.get().item.state == "answering"
    assert list((places.boxes["public"].path / "blobs").iterdir()) == []
