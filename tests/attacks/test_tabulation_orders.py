"""Orders to tabulate that ask for what they may not have: refused, journalled, nothing kept."""

from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import pytest

from ecluse.domain import data_requests
from ecluse.domain.cohorts import (
    AtLeast,
    CodeAt,
    Events,
    Variable,
    cohort_of,
)
from ecluse.domain.documents import Refusal, Revocation, Signer, TabulationReceipt
from ecluse.domain.tabulation import Noise
from ecluse.trust import canonical, keys
from ecluse.trust.journal import files
from ecluse.trust.journal.entries import Entry
from tests.unit.data.agent.requests import (
    DECIDED_AT,
    DIABETES,
    OPT_OUTS,
    PREPARER,
    REQUEST,
    REQUESTER,
    Requests,
    asked,
)
from tests.unit.data.agent.worlds import MADE_AT, SENT_AT
from tests.unit.data.studies import NOW
from tests.unit.domain import build

TELLING = replace(
    DIABETES,
    variables=(Variable("code", CodeAt(Events("condition_concept", ("201826",))), "Code"),),
)


@pytest.fixture
def world(tmp_path: Path) -> Requests:
    return Requests(tmp_path)


def attacked(world: Requests) -> list[str]:
    """Let the agent meet the attack; nothing is kept nor written; return its refusals' codes."""
    world.step()
    assert not list(world.zone.path.glob("answers/clinic/*.json"))
    assert not list(world.zone.path.glob("tabulations/*"))
    assert world.bodies(world.public, TabulationReceipt) == []
    lines = files.read(world.zone.journal / files.ENTRIES).lines
    entries = [Entry.parse(line) for line in lines]
    codes = [e.details["code"] for e in entries if e.action == "document.refused"]
    bodies = [*world.bodies(world.public, Refusal), *world.bodies(world.checking, Refusal)]
    assert [body.code for body in bodies if isinstance(body, Refusal)] == codes
    return [str(code) for code in codes]


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"dataset": "hospital"}, "not-found"),
        ({"dataset": "../clinic"}, "invalid-input"),
        ({"snapshot": "20200101T000000Z-00000000"}, "not-found"),
        ({"valid_until": date(2026, 1, 31)}, "expired"),
        ({"decided_at": NOW + timedelta(days=1)}, "not-yet-valid"),
        ({"decided_at": DECIDED_AT + timedelta(hours=1)}, "stale-opt-outs"),
        ({"opt_out_list_digest": "sha256:" + "0" * 64}, "stale-opt-outs"),
        ({"minimum_count": 10}, "out-of-scope"),
        ({"minimum_count": 20}, "out-of-scope"),
        ({"policy": "SNDS-2019"}, "out-of-scope"),
        ({"plan": asked("DR-2026-00002")}, "out-of-scope"),
        ({"plan": asked(population="Diabetics")}, "out-of-scope"),
        ({"cohort": DIABETES}, "out-of-scope"),
        ({"order_number": "../../evil"}, "malformed"),
        ({"plan": asked(protection=Noise(1001))}, "refused"),
    ],
    ids=lambda value: next(iter(value)) if isinstance(value, dict) else str(value),
)
def test_an_order_so_changed_is_refused(
    world: Requests, changes: dict[str, object], code: str
) -> None:
    pytest.importorskip("opendp")
    world.send(world.order(**changes))  # type: ignore[arg-type]

    assert attacked(world) == [code]


@pytest.mark.parametrize(
    "changes",
    [
        {"ordered_by": REQUESTER},
        {"ordered_by": build.ASSESSOR},
        {"ordered_by": build.DECIDER},
        {"decided_by": build.ASSESSOR},
        {"decided_by": REQUESTER},
        {"assessed_by": (REQUESTER,)},
        {"assessed_by": ()},
        {"persons": ()},
        {"persons": (REQUESTER, PREPARER)},
    ],
)
def test_one_person_in_two_offices_orders_nothing(
    world: Requests, changes: dict[str, object]
) -> None:
    world.send(world.order(**changes))  # type: ignore[arg-type]

    assert attacked(world) == ["out-of-scope"]


def test_a_cohort_that_tells_of_its_persons_is_no_population(world: Requests) -> None:
    plan = asked(population=data_requests.population(TELLING))
    world.send(world.order(cohort=TELLING, plan=plan))

    assert attacked(world) == ["out-of-scope"]


def test_a_plan_changed_after_the_signature_is_refused(world: Requests) -> None:
    order = world.sign(world.order())
    world.post(order.replace(b'"by_sex"', b'"by_age"'), world.public)

    assert attacked(world) == ["bad-signature"]


def test_an_order_for_another_agent_is_refused(world: Requests) -> None:
    world.post(world.sign(world.order(), audience=("agent:zone-2",)), world.public)

    assert attacked(world) == ["out-of-scope"]


def test_an_order_signed_by_the_checking_room_is_refused(world: Requests) -> None:
    key = world.keys[Signer.CHECKING_ROOM]
    order = world.sign(world.order(), key=key, issuer=Signer.CHECKING_ROOM)
    world.post(order, world.public)

    assert attacked(world) == ["wrong-signer"]


def test_an_order_signed_by_an_unknown_key_is_refused(world: Requests, tmp_path: Path) -> None:
    stranger = keys.create_key(tmp_path / "stranger", Signer.PORTAL, now=MADE_AT)
    world.post(world.sign(world.order(), key=stranger), world.public)

    assert attacked(world) == ["unknown-key"]


@pytest.mark.parametrize(
    "opt_outs",
    [
        replace(OPT_OUTS, as_of=DECIDED_AT - timedelta(days=1), opt_out_ids=()),
        replace(OPT_OUTS, permit_number="DR-2026-00002", opt_out_ids=()),
    ],
    ids=["older", "of another request"],
)
def test_another_list_than_that_of_the_decision_counts_nobody(
    world: Requests, opt_outs: object
) -> None:
    world.send(world.order(opt_outs))  # type: ignore[arg-type]

    assert attacked(world) == ["stale-opt-outs"]


class TestReplay:
    """The same order again, and another under the same number."""

    def codes_after(self, world: Requests, again: bytes) -> list[str]:
        before = {path.name: path.read_bytes() for path in world.zone.blobs.iterdir()}
        world.post(again, world.public)
        world.step()
        assert world.kept() == 1
        assert {path.name: path.read_bytes() for path in world.zone.blobs.iterdir()} == before
        bodies = world.bodies(world.public, Refusal)
        return [body.code for body in bodies if isinstance(body, Refusal)]

    def test_the_same_order_again_is_refused(self, world: Requests) -> None:
        data = world.sign(world.order())
        world.post(data, world.public)
        world.step()

        assert self.codes_after(world, data) == ["replayed"]

    def test_another_plan_under_the_same_number_is_refused(self, world: Requests) -> None:
        order = world.order()
        world.send(order)
        world.step()
        other = replace(order, plan=replace(order.plan, title="Another"))

        assert self.codes_after(world, world.sign(other)) == ["replayed"]


def test_a_second_request_without_one_person_does_not_tell_of_that_person(
    world: Requests,
) -> None:
    world.send(world.order())
    world.step()
    number, out = "DR-2026-00002", ("N00", "N01", "N30", "N31")
    later = replace(OPT_OUTS, permit_number=number, opt_out_ids=out)
    plan = asked(number)
    world.send(world.order(later, order_number=f"{number}-T1", request_number=number, plan=plan))
    world.step()

    assert world.tables()["by_sex.csv"].splitlines()[1:] == ["_T,s", "M,18", "F,s", "_O,0"]


def test_a_request_for_all_but_a_few_does_not_tell_of_them(world: Requests) -> None:
    few = cohort_of(AtLeast(Events("condition_concept", ("201826",))))
    world.send(world.order(cohort=few, plan=asked(population=data_requests.population(few))))
    world.step()
    number = "DR-2026-00002"
    later = replace(OPT_OUTS, permit_number=number, opt_out_ids=("N00", "N01"))
    plan = asked(number, population=data_requests.population(few))
    world.send(
        world.order(
            later, order_number=f"{number}-T1", request_number=number, cohort=few, plan=plan
        )
    )
    world.step()

    assert "F,14" not in world.tables()["by_sex.csv"]
    assert "F,13" not in world.tables()["by_sex.csv"]


def test_after_a_revocation_no_answer_leaves(world: Requests) -> None:
    world.send(world.order())
    world.step()
    world.send(Revocation(REQUEST, SENT_AT, "An appeal was upheld."))

    world.release(build.vote(build.SARAH), build.vote(build.MARC))

    assert list((world.public.path / "blobs").iterdir()) == []


def test_refusals_and_journal_never_hold_a_value_of_a_row(world: Requests) -> None:
    world.send(world.order(dataset="hospital"))
    world.step()

    journal = (world.zone.journal / files.ENTRIES).read_bytes()
    answers = b"".join(path.read_bytes() for path in (world.public.path / "out").glob("*.json"))
    assert [name for name in (b'"N30"', b'"N31"', b"201826") if name in journal + answers] == []


def test_a_file_altered_in_the_zone_does_not_leave(world: Requests) -> None:
    world.send(world.order())
    world.step()
    (file,) = [one for one in world.report().files if one.name == "by_sex.csv"]
    blob = world.zone.blob(file.digest)
    blob.write_bytes(blob.read_bytes().replace(b"18", b"17"))

    world.release(build.vote(build.SARAH), build.vote(build.MARC))

    assert canonical.digest(blob.read_bytes()) != file.digest
    assert list((world.public.path / "blobs").iterdir()) == []
