"""Loi 78-17 art. 73 and 76: a declaration of conformity to a reference methodology."""

import pytest

from ecluse.domain.errors import NotAllowed
from ecluse.portal.lives.methodologies import RULE, methodology, newest
from tests.unit.portal.applications.road import at_now, road
from tests.unit.portal.lives.road import MR_004, Lives, lives

__all__ = ["at_now", "lives", "road"]

NAMES = [f"MR-{number:03}" for number in range(1, 9)]
MR_007 = {
    **{name: value for name, value in MR_004.items() if not name.startswith(RULE)},
    "methodology": "MR-007@1",
    **{f"{RULE}{one.rule_id}": one.expected for one in methodology("MR-007@1").rules},
}


def test_article_73_the_eight_methodologies_are_rule_sets_in_both_languages() -> None:
    found = newest()

    assert [one.methodology_id for one in found] == NAMES
    assert all(set(rule.question) == {"fr", "en"} for one in found for rule in one.rules)
    assert all(set(rule.why) == {"fr", "en"} for one in found for rule in one.rules)


@pytest.mark.parametrize("broken", [name for name in MR_004 if name.startswith(RULE)])
def test_article_73_one_rule_broken_needs_the_full_procedure(lives: Lives, broken: str) -> None:
    matter = lives.declaration({**MR_004, broken: not MR_004[broken]})

    with pytest.raises(NotAllowed, match="full procedure"):
        lives.do(matter, "register", lives.road.assessor)


def test_article_76_where_the_methodology_says_so_the_committee_gives_its_opinion(
    lives: Lives,
) -> None:
    matter = lives.declaration(MR_007)
    with pytest.raises(NotAllowed, match="committee"):
        lives.do(matter, "register", lives.road.assessor)

    lives.do(matter, "ask-committee", lives.road.assessor)
    given = lives.do(matter, "give-favourable-opinion", lives.road.committee)

    assert given.state == "registered"


def test_article_73_csp_l1461_3_the_results_of_a_declaration_are_deposited(lives: Lives) -> None:
    matter = lives.declaration(MR_004)
    lives.do(matter, "register", lives.road.assessor)
    lives.do(matter, "complete", lives.road.camille)

    assert lives.do(matter, "deposit-results", lives.road.camille).state == "closed"
