"""Checklists: each item once, answered from the protocol where it answers."""

from dataclasses import replace

import pytest

from ecluse.domain.evaluations import checklists
from ecluse.domain.evaluations.checklists import Answered, items_of
from ecluse.domain.evaluations.guidelines import GUIDELINES
from ecluse.domain.evaluations.protocols import Guideline
from tests.unit.domain.evaluations.protocolling import PROTOCOL, protocol


def line(item: str) -> checklists.Line:
    """One line of the TRIPOD+AI checklist of the protocol."""
    return next(one for one in checklists.fill(PROTOCOL) if one.item == item)


def test_an_item_quotes_the_protocol() -> None:
    assert line("6b").answer == "Adultes diabétiques; Grossesse"
    assert line("6b").answered is Answered.PROTOCOL


def test_an_item_of_the_results_is_left_to_the_report() -> None:
    assert (line("23a").answered, line("23a").answer) == (Answered.REPORT, "")


def test_an_item_of_development_is_not_for_an_evaluation() -> None:
    assert line("21").answered is Answered.NOT_APPLICABLE


def test_a_subgroup_left_out_is_told_with_its_reason() -> None:
    assert "site Une seule base nationale" in line("14").answer


def test_the_items_of_every_guideline_named_are_filled_in_order() -> None:
    made = protocol(guidelines=(Guideline.STARD_AI, Guideline.DECIDE_AI))

    lines = checklists.fill(made)

    wanted = [*GUIDELINES[Guideline.STARD_AI], *GUIDELINES[Guideline.DECIDE_AI]]
    assert [one.item for one in lines] == [item.id for item in wanted]


@pytest.mark.parametrize("guideline", Guideline)
def test_no_item_stands_twice(guideline: Guideline) -> None:
    ids = [item.id for item in GUIDELINES[guideline]]

    assert len(ids) == len(set(ids))


@pytest.mark.parametrize("guideline", Guideline)
def test_every_place_named_exists_in_a_protocol(guideline: Guideline) -> None:
    checklists.fill(protocol(guidelines=(guideline,)))


def test_a_part_of_the_protocol_knows_its_items() -> None:
    assert (Guideline.TRIPOD_AI, "6b") in set(items_of("population.inclusion"))


def test_a_subject_speaks_the_language_of_its_reader() -> None:
    assert (line("11").subject("fr"), line("11").subject("en")) == (
        "Données manquantes",
        "Missing data",
    )


def test_a_long_answer_is_cut() -> None:
    use = replace(PROTOCOL.intended_use, claim="x" * 1000)

    lines = checklists.fill(protocol(intended_use=use))

    assert max(len(one.answer) for one in lines) == checklists.LONGEST
