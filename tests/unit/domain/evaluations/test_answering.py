"""A protocol from the answers to its form."""

import pytest

from ecluse.domain.errors import InvalidInput
from ecluse.domain.evaluations.answering import Numbers, protocol_from
from ecluse.domain.evaluations.measures import Direction, OutcomeKind
from ecluse.domain.evaluations.protocols import Protocol
from tests.unit.domain.evaluations.answered import ANSWERS

NUMBERS = Numbers("EV-2026-00001", "IA-2026-0001", "1.0.0")


def made(**changes: object) -> Protocol:
    """The protocol of the answers, some of them changed."""
    return protocol_from({**ANSWERS, **changes}, NUMBERS)


def test_a_comma_is_read_as_a_point() -> None:
    assert made(acceptable="0,8").metrics.primary.acceptable == "0.8"


def test_a_measure_of_error_is_good_when_low() -> None:
    primary = made(primary_measure="brier", primary_method="wald", acceptable="0.2")

    assert primary.metrics.primary.direction is Direction.AT_MOST


def test_a_threshold_is_kept_for_the_measures_that_are_cut_alone() -> None:
    assert made(primary_threshold="refer").metrics.primary.metric.threshold == ""


def test_a_time_to_an_event_has_its_horizon_and_competing_events() -> None:
    protocol = made(
        outcome_kind="time-to-event",
        horizon_days=365,
        censoring="Fin des données",
        competing="Décès\nDépart",
        primary_measure="uno-c",
        primary_method="bca",
        secondaries=[],
        calibration_measures=[],
        column_time="days",
        column_event="event",
    )

    assert protocol.outcome.kind is OutcomeKind.TIME_TO_EVENT
    assert protocol.outcome.competing == ("Décès", "Départ")


def test_the_horizon_of_another_outcome_is_left_out() -> None:
    assert made(horizon_days=365).outcome.horizon_days is None


def test_net_benefit_is_shown_between_two_thresholds() -> None:
    protocol = made(utility_low="0.05", utility_high="0,4", utility_why="Coût d’un adressage")

    assert protocol.utility is not None
    assert (protocol.utility.low, protocol.utility.high) == ("0.05", "0.4")


def test_half_a_range_of_net_benefit_is_refused() -> None:
    with pytest.raises(InvalidInput):
        made(utility_low="0.05")


def test_drift_is_told_against_its_window() -> None:
    protocol = made(
        watches_drift=True,
        drift_window={"from": "2021-01-01", "to": "2021-12-31"},
        drift_indicators="psi, observed-expected",
        drift_alarm="psi > 0.25",
    )

    assert protocol.drift is not None
    assert protocol.drift.indicators == ("psi", "observed-expected")


def test_an_input_of_the_sample_size_that_says_nothing_is_told() -> None:
    criteria = [{"criterion": "slope", "criterion_inputs": "prevalence", "criterion_needed": 10}]

    with pytest.raises(InvalidInput, match=r"prevalence=0\.22"):
        made(criteria=criteria)


def test_an_answer_that_the_form_does_not_offer_is_told() -> None:
    with pytest.raises(InvalidInput, match="open it again"):
        made(sampling="quota")


def test_a_number_in_words_is_told() -> None:
    with pytest.raises(InvalidInput, match="seed"):
        made(seed="douze")
