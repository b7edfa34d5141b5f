"""EHDS art. 55(3): assessing, preparing and checking one file are never the same person's work."""

from datetime import date

import pytest

from ecluse.domain.actors import CONFLICTS, Actor, check_separate
from ecluse.domain.errors import NotAllowed
from tests.unit.domain.machines_walk import complete, deciding, permitted


@pytest.mark.parametrize(
    ("actor", "other"),
    [
        (Actor.PREPARER, Actor.ASSESSOR),
        (Actor.CHECKER, Actor.ASSESSOR),
        (Actor.CHECKER, Actor.PREPARER),
        (Actor.PREPARER, Actor.DECIDER),
        (Actor.DECIDER, Actor.ASSESSOR),
        (Actor.ASSESSOR, Actor.DATA_USER),
        (Actor.APPEAL_BODY, Actor.DECIDER),
        (Actor.COMPLAINT_DESK, Actor.DECIDER),
        (Actor.TRUSTED_HOLDER, Actor.DECIDER),
    ],
)
def test_paragraph_3_these_are_two_persons_both_ways_round(actor: Actor, other: Actor) -> None:
    assert frozenset({actor, other}) in CONFLICTS
    with pytest.raises(NotAllowed, match="somebody else must"):
        check_separate(actor, {other})
    with pytest.raises(NotAllowed, match="somebody else must"):
        check_separate(other, {actor})


def test_paragraph_3_who_assessed_a_file_does_not_prepare_its_data() -> None:
    walk = permitted()

    with pytest.raises(NotAllowed, match="as assessor may not act on it as preparer"):
        walk.do("permit-1", "ask-holders", Actor.PREPARER, date(2030, 5, 2), person="assessor")


def test_paragraph_3_who_assessed_a_file_does_not_decide_it() -> None:
    with pytest.raises(NotAllowed, match="as assessor may not act on it as decider"):
        deciding().do("unit-1", "grant", Actor.DECIDER, date(2030, 4, 30), person="assessor")


def test_paragraph_4_the_applicant_does_not_assess_the_own_file() -> None:
    with pytest.raises(NotAllowed, match="as data-user may not act on it as assessor"):
        complete().do("unit-1", "assess", Actor.ASSESSOR, date(2030, 4, 2), person="data-user")


def test_paragraph_3_reading_a_file_is_no_act_on_it() -> None:
    walk = complete().do("file", "read", Actor.AUDITOR, date(2030, 4, 2), person="noor")

    assert "noor" not in walk.file.acted
