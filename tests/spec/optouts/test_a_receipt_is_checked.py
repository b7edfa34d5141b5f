"""From a refusal to its check: register, signed list, extraction, question to the zone, answer.

The site and the zone are real, and speak by their mailbox alone. Two persons were given the same
drug. Bruno refused the day before the decision, Anna the day after: both keep their receipt.
"""

from collections.abc import Callable
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from ecluse.cli.optouts import ask_and_wait
from ecluse.data.agent import Agent as ZoneAgent
from ecluse.data.agent.memberships import zone_key
from ecluse.domain.cohorts import AtLeast, Events, cohort_of
from ecluse.domain.documents import ExtractionReceipt, Signer, TableScope
from ecluse.domain.roles import Role
from ecluse.portal.accounts.models import User
from ecluse.portal.audit import identity
from ecluse.portal.mailbox.models import OutgoingDocument
from ecluse.portal.optouts import questions
from ecluse.portal.optouts.actions import Concerned, correct, opt_out
from ecluse.portal.permits.models import PermitRecord
from ecluse.trust.keys import Keyring
from ecluse.trust.pseudonyms.national_numbers import (
    pseudonymise_national_number,
    synthetic_national_number,
)
from tests.citizens import Visit
from tests.sites import NATIONAL_KEY, Agent, Signers
from tests.unit.data import studies
from tests.unit.data.agent.worlds import World
from tests.unit.data.lakes import publish
from tests.unit.portal.applications.road import DAY, NOW, Road, road

__all__ = ["road"]

ANNA, BRUNO = synthetic_national_number(1), synthetic_national_number(2)
CODES = (TableScope("ER_PHA_F", ("PHA_PRS_C13",)),)
COHORT = cohort_of(AtLeast(Events("drug_atc", ("M01A",))))
EXTRACTED_AT = datetime(2026, 2, 2, 9, tzinfo=UTC)


class Zone(World):
    """A zone whose lake holds Anna and Bruno, and which believes the keys of the site."""

    def __init__(self, folder: Path) -> None:
        persons = [
            (key, f"IDENTITY-{key}", pseudonymise_national_number(number, NATIONAL_KEY))
            for key, number in ((1, ANNA), (2, BRUNO))
        ]
        super().__init__(
            folder, lambda lake: publish(lake, studies.DATASET, studies.TABLES, persons)
        )

    def work(self, now: datetime) -> None:
        """Let the agent do one step."""
        mailboxes = {"public": self.public, "checking": self.checking}
        with ZoneAgent(self.zone, mailboxes, clock=lambda: now) as agent:  # type: ignore[arg-type]
            agent.step(now)


@pytest.fixture
def zone(signers: Signers, tmp_path: Path) -> Zone:
    """The zone, its public halves given to the site, those of the site given to it."""
    made = Zone(tmp_path / "world")
    site = identity.keyring()
    site.with_key(made.keys[Signer.AGENT].public()).save(identity.keyring_path())
    believed = Keyring.load(made.zone.keyring)
    for signer in (Signer.PORTAL, Signer.REGISTER):
        believed = believed.with_key(signers.of(signer).public())
    believed.save(made.zone.keyring)
    (identity.room() / questions.ZONE_KEY).write_bytes(zone_key(made.zone).read_bytes())
    return made


def carry(zone: Zone, *kinds: str) -> None:
    """Bring the zone what waits for it in the mailbox of the site."""
    for sent in OutgoingDocument.objects.filter(kind__in=kinds).order_by("sequence"):
        zone.post(bytes(sent.data), zone.public)


def extracted(zone: Zone, signers: Signers, permit: PermitRecord) -> ExtractionReceipt:
    """Have the zone extract what the permit gives."""
    carry(zone, "OptOutList", "Permit")
    order = studies.order(
        zone.snapshot,
        permit_digest=permit.digest,
        opt_out_list_digest=permit.opt_out_list_digest,
        tables=CODES,
        cohort=COHORT,
        pseudonym_domain=permit.number,
        ordered_by="camille.moreau@univ.example",
        care_from=date(2022, 1, 1),
    )
    audience = ("agent:zone-1",)
    signed = signers.sign(order, issuer=Signer.PORTAL, audience=audience, now=EXTRACTED_AT)
    zone.post(signed, zone.public)
    zone.work(EXTRACTED_AT)
    (receipt,) = zone.bodies(zone.public, ExtractionReceipt)
    assert isinstance(receipt, ExtractionReceipt)
    return receipt


def asked(zone: Zone, agent: Agent, receipt: str, desk: User) -> str:
    """What the command says of a receipt: projects, then those that ignored it."""

    def turn(_seconds: float) -> None:
        carry(zone, "MembershipQuestion")
        zone.work(datetime.now(UTC))
        data = zone.documents(zone.public, "MembershipAnswer")[-1]
        assert agent.deliver(data).status_code == 201

    return ask_and_wait(receipt, desk.email, 2, turn)


def refuse(number: str, at: datetime, by: User) -> str:
    """Refuse, and keep the number of the receipt."""
    return opt_out(Concerned(number), by=by, now=at).receipt_number


def agent_of(zone: Zone, agent: Agent) -> Agent:
    """The agent of this very zone, at the door of the site."""
    return Agent(agent.client, zone.keys[Signer.AGENT], agent.site_url)


def test_the_extract_holds_who_refused_after_the_decision_and_not_who_refused_before(
    zone: Zone, signers: Signers, road: Road, account: Callable[..., User]
) -> None:
    desk = account(Role.OPT_OUT_DESK)
    refuse(BRUNO, NOW - DAY, desk)
    permit = road.permit()
    refuse(ANNA, NOW + DAY, desk)

    extracted(zone, signers, permit)

    record = zone.zone.records().of_order("FR-2026-0001-E1")
    held = [
        record.holds([pseudonymise_national_number(one, NATIONAL_KEY)]) for one in (ANNA, BRUNO)
    ]
    assert held == [True, False]


def test_the_command_says_that_no_project_ignored_either_receipt(
    zone: Zone, agent: Agent, signers: Signers, road: Road, account: Callable[..., User]
) -> None:
    desk = account(Role.OPT_OUT_DESK)
    before = refuse(BRUNO, NOW - DAY, desk)
    permit = road.permit()
    after = refuse(ANNA, NOW + DAY, desk)
    extracted(zone, signers, permit)
    door = agent_of(zone, agent)

    answers = [asked(zone, door, receipt, desk) for receipt in (before, after)]

    assert answers == ["|", "FR-2026-0001|"]


def test_the_command_names_a_project_that_used_data_of_a_day_when_a_refusal_held(
    zone: Zone, agent: Agent, signers: Signers, road: Road, account: Callable[..., User]
) -> None:
    desk = account(Role.OPT_OUT_DESK)
    permit = road.permit()
    receipt = refuse(BRUNO, NOW + DAY, desk)
    extracted(zone, signers, permit)
    correct(receipt, from_at=NOW - DAY, until=None, by=desk, now=NOW + 2 * DAY)

    assert asked(zone, agent_of(zone, agent), receipt, desk) == "FR-2026-0001|FR-2026-0001"


def test_the_page_of_the_person_says_the_same(
    zone: Zone, agent: Agent, signers: Signers, road: Road, jeanne: Visit
) -> None:
    jeanne.enter(BRUNO)
    jeanne.client.post("/citizens/rights/ehds-71/out/")
    permit = road.permit()
    extracted(zone, signers, permit)
    jeanne.client.post("/citizens/data/")
    carry(zone, "MembershipQuestion")
    zone.work(datetime.now(UTC))
    answer = zone.documents(zone.public, "MembershipAnswer")[-1]
    assert agent_of(zone, agent).deliver(answer).status_code == 201

    page = jeanne.client.get("/citizens/data/").content.decode()

    assert "Avant votre refus" in page
    assert f'id="etude-{permit.number}"' in page
