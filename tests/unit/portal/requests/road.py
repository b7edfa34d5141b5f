"""The road of a data request, stage after stage, for the tests of every app on it."""

from dataclasses import dataclass, replace
from datetime import timedelta
from uuid import UUID

import pytest
from django.http import QueryDict

from ecluse.domain.documents import Decision as Ballot
from ecluse.domain.documents import (
    OutputFile,
    Refusal,
    Rejection,
    Release,
    Signer,
    TabulationReceipt,
    Vote,
)
from ecluse.domain.tabulation import (
    Measure,
    MeasureKind,
    Suppression,
    TableOrder,
    TabulationPlan,
    plan_digest,
)
from ecluse.domain.tabulation.usual import REGISTERS, sex
from ecluse.portal.accounts.models import User
from ecluse.portal.applications import steps
from ecluse.portal.applications.actions import form_of
from ecluse.portal.applications.steps import Typed
from ecluse.portal.cases.actions import Content, perform
from ecluse.portal.mailbox import blobs
from ecluse.portal.releases.models import ReleaseRecord
from ecluse.portal.requests import actions, tabulations
from ecluse.portal.requests.models import DataRequest, Tabulation
from ecluse.trust import canonical
from tests.spec.forms.filling import typed
from tests.unit.portal.applications.road import NOW, Road, vote

NUMBER = "DR-2026-00001"
ORDER = f"{NUMBER}-T1"
KEY = UUID("22222222-2222-4222-8222-222222222222")
ATTACHED = {"name": "plan.pdf", "type": "pdf", "size": 900, "digest": "sha256:" + "a" * 64}
BY_SEX = b"sex,persons\n_T,47\nM,18\nF,29\n_O,s\n"
SARAH, MARC = "sarah.cohen@hub.example", "marc.dubois@hub.example"

PLAN = TabulationPlan(
    "",
    "Sex of everybody",
    "",
    (sex(REGISTERS["snds"]),),
    (TableOrder("by_sex", "Personnes par sexe", ("sex",), (Measure(MeasureKind.PERSONS),)),),
    Suppression(),
)


@dataclass(frozen=True)
class Requests:
    """What takes a data request of Camille's from one stage to the next."""

    road: Road

    @property
    def camille(self) -> User:
        """Who asks."""
        return self.road.camille

    def draft(self) -> DataRequest:
        """A draft, every question answered, as a browser does."""
        request = actions.start(self.road.dataset, by=self.camille, now=NOW)
        for section in form_of(request).sections:
            form = steps.step_form(request, section, Typed(sent(typed(section)), None))
            assert form.is_valid(), form.errors
            request = actions.save(request, form.answers(), by=self.camille, now=NOW)
        more = {"research_plan": [ATTACHED], "data_use_plan": [ATTACHED]}
        return actions.save(request, more, by=self.camille, now=NOW)  # type: ignore[arg-type]

    def submitted(self) -> DataRequest:
        """The same, submitted."""
        return actions.submit(self.draft(), by=self.camille, now=NOW)

    def assessing(self) -> DataRequest:
        """The same, being assessed."""
        return self._act(self.submitted(), "start-assessment", self.road.assessor)

    def awaiting(self) -> DataRequest:
        """The same, to be completed by the applicant."""
        return self._act(self.assessing(), "ask-information", self.road.assessor, "Quel âge ?")

    def deciding(self) -> DataRequest:
        """The same, assessed, in the hands of the decider."""
        request = self._act(self.assessing(), "assess", self.road.assessor)
        return self._act(request, "no-estimate", self.road.assessor, "Rien à facturer.")

    def refused(self) -> DataRequest:
        """The same, refused."""
        return self._act(self.deciding(), "refuse", self.road.decider, "Trop peu de personnes.")

    def answering(self) -> DataRequest:
        """The same, granted: the answer is to be prepared."""
        return actions.approve(self.deciding(), 11, by=self.road.decider, now=NOW)

    def ordered(self) -> Tabulation:
        """An order signed by who prepares answers."""
        request = self.answering()
        asked = tabulations.asked(request, None, PLAN)
        return tabulations.order(request, asked, key=KEY, by=self.road.preparer, now=NOW)

    def zone_refused(self) -> Tabulation:
        """The order, refused by the secure zone."""
        made = self.ordered()
        body = Refusal("TabulationOrder", str(KEY), made.order_digest, "refused", "No table leaves")
        self.road.deliver(body, issuer=Signer.AGENT)
        return _again(made)

    def checking(self) -> Tabulation:
        """The order, answered by a receipt: the tables are being checked."""
        made = self.ordered()
        self.road.deliver(receipt(made), issuer=Signer.AGENT)
        return _again(made)

    def rejected(self) -> Tabulation:
        """The tables, refused by one of two checkers."""
        made = self.checking()
        self.road.deliver(rejection(made), issuer=Signer.CHECKING_ROOM)
        return _again(made)

    def answered(self) -> ReleaseRecord:
        """The answer given, its table arrived."""
        made = self.checking()
        self.road.deliver(release(made), issuer=Signer.CHECKING_ROOM)
        blobs.take(canonical.digest(BY_SEX), [BY_SEX])
        return ReleaseRecord.objects.get(tabulation=made)

    def _act(self, request: DataRequest, action: str, by: User, reason: str = "") -> DataRequest:
        perform(request.item, action, by=by, now=NOW, content=Content(reason=reason))
        return DataRequest.objects.select_related("item__case").get(pk=request.pk)


def sent(answers: dict[str, object]) -> QueryDict:
    """What a browser sends, as the site reads it."""
    data = QueryDict(mutable=True)
    for name, value in answers.items():
        data.setlist(name, value if isinstance(value, list) else [str(value)])
    return data


def receipt(made: Tabulation) -> TabulationReceipt:
    """What the agent answers to an order it obeyed."""
    order = made.order()
    return TabulationReceipt(
        order_number=order.order_number,
        order_digest=made.order_digest,
        request_number=order.request_number,
        dataset=order.dataset,
        snapshot=order.snapshot,
        opt_out_list_digest=order.opt_out_list_digest,
        plan_digest=plan_digest(order.plan),
        policy=order.policy,
        answer_digest="c" * 64,
        table_count=1,
        cell_count=4,
        primary_count=1,
        secondary_count=0,
        rounding_base=1,
        epsilon_thousandths=0,
        files=(OutputFile("by_sex.csv", len(BY_SEX), canonical.digest(BY_SEX)),),
        started_at=NOW,
        finished_at=NOW + timedelta(seconds=2),
    )


def release(made: Tabulation, **changes: object) -> Release:
    """What the checking room sends once two checkers approved the table."""
    body = Release(
        request_number=f"{made.number}-R1",
        job_number=made.number,
        permit_number=made.request.number,
        requested_by=made.ordered_by.subject,
        request_digest="sha256:" + "5" * 64,
        check_report_digest="sha256:" + "6" * 64,
        files=receipt(made).files,
        votes=(vote(SARAH), vote(MARC)),
    )
    return replace(body, **changes)  # type: ignore[arg-type]


def rejection(made: Tabulation, *votes: Vote) -> Rejection:
    """What the checking room sends once one of two checkers refused."""
    told = votes or (vote(SARAH), vote(MARC, Ballot.REJECT))
    digest = "sha256:" + "5" * 64
    return Rejection(f"{made.number}-R1", made.number, made.request.number, digest, told)


def _again(made: Tabulation) -> Tabulation:
    return Tabulation.objects.select_related("request__item__case").get(pk=made.pk)


@pytest.fixture
def requests(road: Road) -> Requests:
    """The road of data requests, over the people of the road of applications."""
    return Requests(road)
