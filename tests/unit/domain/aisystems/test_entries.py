"""Entries refuse what cannot be true; an establishment tells its region."""

from dataclasses import replace
from datetime import date

import pytest

from ecluse.domain.aisystems.places import region_of
from ecluse.domain.aisystems.states import Side, State, move
from ecluse.domain.errors import InvalidInput, NotAllowed
from tests.unit.domain.aisystems.build import CLAIM, READING, RUNNING, STUDY


@pytest.mark.parametrize(
    ("entry", "change"),
    [
        (CLAIM, {"value": "0,9"}),
        (CLAIM, {"value": "NaN"}),
        (STUDY, {"low": "0.9"}),
        (STUDY, {"high": "0.8"}),
        (STUDY, {"artefact": "sha256:12"}),
        (RUNNING, {"finess": "75071218"}),
        (RUNNING, {"ended_on": date(2025, 12, 31)}),
        (RUNNING, {"monthly_volume": -1}),
        (READING, {"most": ""}),
        (READING, {"every_days": 0}),
    ],
)
def test_an_entry_that_cannot_be_true_is_refused(entry: object, change: dict[str, object]) -> None:
    with pytest.raises(InvalidInput):
        replace(entry, **change)  # type: ignore[type-var]


@pytest.mark.parametrize(
    ("finess", "region"),
    [
        ("750712184", "FR1"),
        ("2A0000014", "FRM"),
        ("690781810", "FRK"),
        ("970100228", "FRY1"),
        ("980500003", "FRY5"),
        ("999999999", ""),
    ],
)
def test_the_number_of_an_establishment_tells_its_region(finess: str, region: str) -> None:
    assert region_of(finess) == region


@pytest.mark.parametrize(
    ("state", "action", "side"),
    [
        (State.DRAFT, "publish", Side.HUB),
        (State.SUBMITTED, "publish", Side.PROVIDER),
        (State.REMOVED, "revise", Side.PROVIDER),
        (State.DRAFT, "erase", Side.HUB),
    ],
)
def test_an_act_out_of_its_place_is_refused(state: State, action: str, side: Side) -> None:
    with pytest.raises(NotAllowed):
        move(state, action, side=side)


def test_a_record_is_returned_with_a_reason_alone() -> None:
    with pytest.raises(InvalidInput):
        move(State.SUBMITTED, "return", side=Side.HUB, reason=" ")

    assert move(State.SUBMITTED, "return", side=Side.HUB, reason="Notice ?") is State.RETURNED
