"""EHDS art. 58(3), 61(5): a significant finding goes from the user to the hub, to the holder."""

from datetime import date

import pytest

from ecluse.domain.actors import Actor
from ecluse.domain.clocks.clock import due_on
from ecluse.domain.clocks.ehds import EHDS
from ecluse.domain.clocks.rules import Force
from ecluse.domain.errors import InvalidInput, NotAllowed
from ecluse.domain.machines import MACHINES, Kind, actions_for
from ecluse.domain.machines.letters import MESSAGES
from ecluse.domain.parameters import FINDING_CHECK_DAYS, FINDING_TOLD_MONTHS
from tests.unit.domain.machines_walk import Walk, draft

USER, TEAM, HUB = Actor.DATA_USER, Actor.PROJECT_MEMBER, Actor.ASSESSOR
HOLDER, ZONE = Actor.DATA_HOLDER, Actor.SYSTEM
REPORTED = date(2030, 3, 4)  # a Monday
SENT = date(2030, 3, 11)
ROAD = (
    ("report-finding", USER),
    ("qualify", HUB),
    ("send-finding", HUB),
    ("record-search", ZONE),
    ("close-finding", ZONE),
)


def found(steps: int = 0) -> Walk:
    """A finding after so many steps of its road, all on Monday 4 March 2030."""
    walk = draft(kind=Kind.FINDING)
    for action, actor in ROAD[:steps]:
        walk.do("file", action, actor, REPORTED)
    return walk


def reported() -> Walk:
    return found(1)


def due(walk: Walk, rule: str) -> date | None:
    return due_on(walk["file"].clocks[rule])


@pytest.mark.parametrize("user", [USER, TEAM])
def test_article_61_5_every_person_of_the_project_reports_what_they_find(user: Actor) -> None:
    walk = found().do("file", "report-finding", user, REPORTED)

    assert walk["file"].state == "reported"
    assert walk.messages == ["finding-reported"]


@pytest.mark.parametrize("other", [HUB, HOLDER, Actor.CHECKER, Actor.CITIZEN, Actor.AUDITOR])
def test_article_61_5_nobody_else_does(other: Actor) -> None:
    with pytest.raises(NotAllowed):
        found().do("file", "report-finding", other, REPORTED)


def test_article_58_3_the_hub_tells_the_holder_of_what_is_significant() -> None:
    walk = found(4)

    assert walk["file"].state == "with-holder"
    assert walk.messages == ["finding-reported", "finding-qualified", "finding-sent"]
    assert MESSAGES["finding-sent"].to == (HOLDER,)


def test_article_58_3_the_holder_tells_what_it_did_and_the_file_rests() -> None:
    walk = found(4).do("file", "tell-outcome", HOLDER, SENT)
    walk.do("file", "close-finding", ZONE, SENT)

    assert walk["file"].state == "done"
    assert walk["file"].running() == ()
    assert walk.messages[-1] == "finding-done"


def test_article_58_3_a_finding_that_is_not_significant_goes_to_nobody() -> None:
    walk = reported().do("file", "set-aside", HUB, SENT)

    assert walk["file"].state == "set-aside"
    assert "finding-sent" not in walk.messages
    assert HOLDER not in {actor for one in walk.messages for actor in MESSAGES[one].to}


def test_article_58_3_the_hub_may_think_again_before_it_sends() -> None:
    walk = found(2).do("file", "set-aside", HUB, SENT)

    assert walk["file"].state == "set-aside"


@pytest.mark.parametrize("action", ["ask-precision", "qualify", "set-aside"])
def test_article_58_3_the_hub_says_why(action: str) -> None:
    with pytest.raises(InvalidInput):
        reported().do("file", action, HUB, SENT, reason="")


@pytest.mark.parametrize("action", ["ask-precision", "qualify", "set-aside"])
@pytest.mark.parametrize("other", [USER, HOLDER, Actor.DECIDER, Actor.PREPARER, Actor.CHECKER])
def test_article_58_3_only_the_named_office_judges(action: str, other: Actor) -> None:
    with pytest.raises(NotAllowed):
        reported().do("file", action, other, SENT)


def test_article_58_3_what_was_not_judged_is_not_sent() -> None:
    with pytest.raises(NotAllowed):
        reported().do("file", "send-finding", HUB, SENT)


def test_article_55_3_who_reported_does_not_judge() -> None:
    walk = found().do("file", "report-finding", USER, REPORTED, person="camille")

    with pytest.raises(NotAllowed):
        walk.do("file", "qualify", HUB, SENT, person="camille")


def test_article_61_6_a_question_comes_back_to_the_project_and_its_clock_begins_anew() -> None:
    walk = reported().do("file", "ask-precision", HUB, date(2030, 3, 8))
    stopped = walk["file"].running()
    walk.do("file", "give-precision", TEAM, SENT)

    assert stopped == ()
    assert due(walk, "finding-check") == date(2030, 3, 25)


@pytest.mark.parametrize("steps", [0, 1])
def test_article_61_5_what_proves_wrong_is_taken_back(steps: int) -> None:
    walk = found(steps).do("file", "withdraw", USER, SENT)

    assert walk["file"].state == "withdrawn"
    assert walk["file"].running() == ()


def test_what_is_with_the_holder_is_not_taken_back() -> None:
    with pytest.raises(NotAllowed):
        found(4).do("file", "withdraw", USER, SENT)


def test_a_search_that_the_zone_refused_is_the_hubs_again() -> None:
    walk = found(3).do("file", "record-refusal", ZONE, SENT, reason="No list was left.")

    assert walk["file"].state == "qualified"
    assert walk.messages[-1] == "finding-refused"
    assert due(walk, "finding-check") == date(2030, 3, 25)


def test_the_law_gives_no_figure_so_the_hub_sets_its_own_and_says_so() -> None:
    # Ten working days after Monday 4 March; the month of the holder ends on a Thursday.
    assert due(reported(), "finding-check") == date(2030, 3, 18)
    assert due(found(4), "finding-told") == date(2030, 4, 4)
    assert {EHDS.rule(one).force for one in ("finding-check", "finding-told")} == {Force.TARGET}
    assert "no figure" in FINDING_CHECK_DAYS.source
    assert "national law" in FINDING_TOLD_MONTHS.source


def test_nobody_at_the_hub_or_in_the_project_can_do_anything_once_the_holder_has_it() -> None:
    machine = MACHINES[Kind.FINDING]
    left = {actor: actions_for(machine, "with-holder", actor) for actor in (USER, TEAM, HUB)}

    assert left == {USER: ("read",), TEAM: ("read",), HUB: ("read",)}


def test_a_holder_reads_nothing_before_it_is_sent() -> None:
    machine = MACHINES[Kind.FINDING]
    states = [state for state in machine.states if actions_for(machine, state, HOLDER)]

    assert states == ["with-holder", "done"]
