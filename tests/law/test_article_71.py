"""EHDS art. 71(3)-(4) along the road: the register's signed list, then who is in the data.

Anna and Bruno each had one act. Bruno's opt-out is recorded one day before, at, or one day after
the instant of the decision.
"""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from pytest_django import Settings

from ecluse.data.engines import connect
from ecluse.data.extraction import extract
from ecluse.data.lake import Lake, Snapshot
from ecluse.data.optouts import Listing
from ecluse.data.tabulation import countable
from ecluse.domain import data_requests, optouts
from ecluse.domain.cohorts import AtLeast, Events, cohort_of
from ecluse.domain.documents import (
    Basis,
    DatasetScope,
    OptOutList,
    Permit,
    TableScope,
    TabulationOrder,
)
from ecluse.domain.errors import InvalidInput, OutOfScope, StaleOptOuts
from ecluse.domain.optouts import lists
from ecluse.domain.parameters import OPT_OUT_REFRESH, OptOutRefresh
from ecluse.domain.permits import check_terms
from ecluse.domain.roles import Role
from ecluse.portal.accounts.models import User
from ecluse.portal.lives import versions
from ecluse.portal.mailbox.models import OutgoingDocument
from ecluse.portal.mailbox.reading import body_of
from ecluse.portal.optouts import actions
from ecluse.portal.optouts.actions import Concerned
from ecluse.portal.requests import actions as request_actions
from ecluse.portal.requests import tabulations
from ecluse.portal.requests.models import DataRequest
from ecluse.trust.pseudonyms.national_numbers import (
    pseudonymise_national_number,
    synthetic_national_number,
)
from tests.sites import NATIONAL_KEY
from tests.unit.data import studies
from tests.unit.data.loading.deliveries import ACTS, load
from tests.unit.domain import build
from tests.unit.portal.applications.road import Road, at_now, road
from tests.unit.portal.lives.road import AMENDED, Lives, lives
from tests.unit.portal.requests.road import KEY, NOW, PLAN, Requests, requests

__all__ = ["at_now", "lives", "requests", "road"]

DECIDED_AT = datetime(2026, 1, 20, 10, tzinfo=UTC)
DAY = timedelta(days=1)
BRUNO = synthetic_national_number(8)
OWN = pseudonymise_national_number(BRUNO, NATIONAL_KEY)
REGISTER = f"""\
BEN_NIR_PSA;BEN_RNG_GEM;BEN_NIR_ANO;BEN_IDT_ANO
ANNA;1;N-ANNA;N-ANNA
BRUNO;1;{OWN};{OWN}
"""
SCOPE = DatasetScope(
    "claims", (TableScope("ER_PRS_F", ("PRS_NAT_REF",)),), date(2023, 1, 1), date(2023, 12, 31)
)
PERMIT = build.permit(datasets=(SCOPE,), decided_at=DECIDED_AT, valid_from=date(2026, 1, 20))
EXCEPTION = {"applies_opt_out_exception": True, "opt_out_exception_reason": "Épidémie."}

Create = Callable[..., User]


@pytest.fixture
def citizen(account: Create) -> User:
    """Bruno."""
    return account(Role.CITIZEN)


@pytest.fixture
def snapshot(tmp_path: Path) -> Snapshot:
    """The data: Anna and Bruno."""
    return load(tmp_path, {"IR_BEN_R.csv": REGISTER, "ER_PRS_F.csv": ACTS}).snapshot


def list_of(decided_at: datetime, *, by: User) -> OptOutList:
    """The list that the register signs for a decision."""
    sent = actions.publish_list("FR-2026-0001", as_of=decided_at, by=by, now=decided_at)
    body = sent.document.body
    assert isinstance(body, OptOutList)
    return body


def extracted(tmp_path: Path, snapshot: Snapshot, opt_outs: OptOutList, permit: Permit) -> int:
    """How many persons an extraction under this permit and list delivers."""
    order = studies.order(
        snapshot,
        dataset="claims",
        tables=SCOPE.tables,
        cohort=cohort_of(AtLeast(Events("act_nature", ("3313",)))),
        care_from=SCOPE.care_from,
        care_to=SCOPE.care_to,
    )
    receipt = extract(
        studies.warrant(order, permit, opt_outs),
        lake=Lake(tmp_path / "lake"),
        key=studies.KEY,
        target=tmp_path / "extract",
        clock=lambda: studies.NOW,
    )
    return receipt.attrition[-1].person_count or 0


@pytest.mark.parametrize(
    ("opted_out_at", "persons"),
    [(DECIDED_AT - DAY, 1), (DECIDED_AT, 1), (DECIDED_AT + DAY, 2)],
    ids=["the day before", "at the instant", "the day after"],
)
def test_paragraph_3_who_opted_out_by_the_decision_is_out_of_the_extract(
    opted_out_at: datetime, persons: int, citizen: User, snapshot: Snapshot, tmp_path: Path
) -> None:
    actions.opt_out(Concerned(BRUNO), by=citizen, now=opted_out_at)

    listed = list_of(DECIDED_AT, by=citizen)

    assert extracted(tmp_path, snapshot, listed, PERMIT) == persons


@pytest.mark.parametrize(
    ("back_in_at", "persons"),
    [(DECIDED_AT - DAY, 2), (DECIDED_AT, 2), (DECIDED_AT + DAY, 1)],
    ids=["the day before", "at the instant", "the day after"],
)
def test_paragraph_1_who_came_back_by_the_decision_is_in_the_extract(
    back_in_at: datetime, persons: int, citizen: User, snapshot: Snapshot, tmp_path: Path
) -> None:
    actions.opt_out(Concerned(BRUNO), by=citizen, now=DECIDED_AT - 9 * DAY)
    actions.opt_back_in(Concerned(BRUNO), by=citizen, now=back_in_at)

    listed = list_of(DECIDED_AT, by=citizen)

    assert extracted(tmp_path, snapshot, listed, PERMIT) == persons


def test_paragraph_3_a_list_of_the_day_before_is_refused(
    citizen: User, snapshot: Snapshot, tmp_path: Path
) -> None:
    stale = list_of(DECIDED_AT - DAY, by=citizen)

    with pytest.raises(StaleOptOuts):
        extracted(tmp_path, snapshot, stale, PERMIT)


def test_paragraph_4_the_exception_of_a_permit_keeps_who_opted_out(
    citizen: User, snapshot: Snapshot, tmp_path: Path
) -> None:
    actions.opt_out(Concerned(BRUNO), by=citizen, now=DECIDED_AT - DAY)
    listed = list_of(DECIDED_AT, by=citizen)

    assert extracted(tmp_path, snapshot, listed, replace(PERMIT, **EXCEPTION)) == 2


def test_paragraph_4_the_exception_lifts_no_opposition_to_the_national_copy(
    citizen: User, snapshot: Snapshot, tmp_path: Path
) -> None:
    actions.opt_out(Concerned(BRUNO), by=citizen, now=DECIDED_AT - DAY, basis=Basis.NATIONAL_COPY)
    listed = list_of(DECIDED_AT, by=citizen)

    assert extracted(tmp_path, snapshot, listed, replace(PERMIT, **EXCEPTION)) == 1


def test_paragraph_4_a_permit_without_a_reason_for_the_exception_is_not_issued() -> None:
    with pytest.raises(InvalidInput, match="reason"):
        check_terms(replace(PERMIT, applies_opt_out_exception=True))


@pytest.mark.parametrize(("is_exception", "persons"), [(False, 1), (True, 2)])
def test_article_69_the_anonymisation_run_of_an_answer_counts_who_opted_out_by_exception_alone(
    is_exception: bool, persons: int, citizen: User, snapshot: Snapshot
) -> None:
    actions.opt_out(Concerned(BRUNO), by=citizen, now=DECIDED_AT - DAY)
    listing = Listing(list_of(DECIDED_AT, by=citizen), is_exception)

    with connect(readable=[snapshot.folder]) as connection:
        kept = countable(connection, snapshot, listing, number="FR-2026-0001")

    assert len(kept) == persons


def test_article_69_the_order_carries_the_reason_of_the_exception(
    requests: Requests, road: Road
) -> None:
    granted = request_actions.approve(
        requests.deciding(), 11, exception_reason="Épidémie.", by=road.decider, now=NOW
    )
    what = tabulations.asked(granted, None, PLAN)
    made = tabulations.order(granted, what, key=KEY, by=road.preparer, now=NOW)

    assert made.order().opt_out_exception_reason == "Épidémie."


def test_article_69_the_exception_that_nobody_asked_is_not_granted(
    requests: Requests, road: Road
) -> None:
    deciding = requests.deciding()
    asked = {**deciding.answers, "opt_out_exception": False}
    DataRequest.objects.filter(pk=deciding.pk).update(answers=asked)

    with pytest.raises(InvalidInput, match="not asked"):
        request_actions.approve(
            deciding, 11, exception_reason="Épidémie.", by=road.decider, now=NOW
        )


def test_article_69_an_order_without_the_reason_of_its_exception_is_refused(
    requests: Requests,
) -> None:
    order: TabulationOrder = replace(requests.ordered().order(), opt_out_exception_reason=" ")

    with pytest.raises(OutOfScope, match="reason"):
        data_requests.check_order(order, now=NOW)


@pytest.mark.parametrize(("is_fresh", "is_out"), [(True, True), (False, False)])
def test_an_amended_permit_has_a_fresh_list_or_keeps_the_former_by_the_choice_of_its_country(
    is_fresh: bool, is_out: bool, lives: Lives, monkeypatch: pytest.MonkeyPatch
) -> None:
    rule = OptOutRefresh(on_extension=is_fresh, on_amendment=is_fresh)
    monkeypatch.setattr(lists, "OPT_OUT_REFRESH", {"fr": rule})
    permit = lives.road.permit()
    actions.opt_out(Concerned(BRUNO), by=lives.citizen, now=NOW)

    amendment = lives.amendment(permit)
    version = versions.grant(amendment, AMENDED, by=lives.road.decider, now=NOW + DAY)

    listed = OutgoingDocument.objects.get(kind="OptOutList", number=version.number)
    body = body_of(listed, OptOutList)
    assert optouts.check_list(body, version.terms()) is None
    assert (OWN in body.opt_out_ids) is is_out


@pytest.mark.parametrize(("country", "is_out"), [("fr", True), ("xx", False)])
def test_an_extended_permit_counts_a_later_opt_out_by_the_rule_of_the_country_of_the_site(
    country: str,
    is_out: bool,
    lives: Lives,
    settings: Settings,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    kept = {**OPT_OUT_REFRESH, "xx": OptOutRefresh(on_extension=False)}
    monkeypatch.setattr(lists, "OPT_OUT_REFRESH", kept)
    settings.ECLUSE_COUNTRY = country
    permit = lives.road.permit()
    actions.opt_out(Concerned(BRUNO), by=lives.citizen, now=NOW)
    longer = replace(AMENDED, valid_until=date(2029, 1, 4))

    version = versions.grant(lives.renewal(permit), longer, by=lives.road.decider, now=NOW + DAY)

    listed = OutgoingDocument.objects.get(kind="OptOutList", number=version.number)
    assert (OWN in body_of(listed, OptOutList).opt_out_ids) is is_out
    assert optouts.check_list(body_of(listed, OptOutList), version.terms()) is None
