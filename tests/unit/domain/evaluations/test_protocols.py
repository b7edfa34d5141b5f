"""What a protocol refuses to say, and that it is read as it was written."""

from dataclasses import replace
from datetime import date

import pytest

from ecluse.domain.errors import InvalidInput, Malformed
from ecluse.domain.evaluations import protocols
from ecluse.domain.evaluations.analysis import (
    Access,
    Axis,
    Criterion,
    LeftOut,
    Metric,
    Metrics,
    SampleSize,
    Scores,
)
from ecluse.domain.evaluations.guidelines import GUIDELINES
from ecluse.domain.evaluations.measures import MEASURES, METHODS, Direction, OutcomeKind
from ecluse.domain.evaluations.parts import (
    Correction,
    Outcome,
    Purpose,
    Sampling,
    Threshold,
)
from ecluse.domain.evaluations.protocols import Guideline
from ecluse.domain.evaluations.secrecy import Level
from ecluse.trust import protocols as spelled
from tests.unit.domain.evaluations.protocolling import PROTOCOL, protocol, with_primary


def test_a_protocol_is_read_as_it_was_written() -> None:
    assert protocols.from_json(protocols.to_json(PROTOCOL)) == PROTOCOL


def test_a_protocol_has_one_spelling_and_one_digest() -> None:
    data = spelled.encode(PROTOCOL)

    assert spelled.encode(spelled.decode(data)) == data
    assert spelled.digest(PROTOCOL) == spelled.digest(spelled.decode(data))


def test_another_word_gives_another_digest() -> None:
    other = protocol(identity=replace(PROTOCOL.identity, interests="Un lien"))

    assert spelled.digest(other) != spelled.digest(PROTOCOL)


def test_bytes_that_are_not_canonical_are_refused() -> None:
    with pytest.raises(Malformed, match="canonically"):
        spelled.decode(spelled.encode(PROTOCOL).replace(b'":', b'": ', 1))


def test_an_unknown_member_is_refused() -> None:
    value = dict(protocols.to_json(PROTOCOL))  # type: ignore[arg-type]

    with pytest.raises(Malformed, match="unknown members"):
        protocols.from_json({**value, "note": "x"})


def test_a_raw_predictive_value_is_refused_in_a_case_control_sample() -> None:
    population = replace(PROTOCOL.population, sampling=Sampling.CASE_CONTROL)
    metrics = replace(
        PROTOCOL.metrics, secondaries=(Metric(measure="ppv", method="wilson", threshold="refer"),)
    )

    with pytest.raises(InvalidInput, match="ppv-at-target"):
        protocol(population=population, metrics=metrics)


def test_a_predictive_value_at_the_target_prevalence_is_taken_there() -> None:
    population = replace(PROTOCOL.population, sampling=Sampling.CASE_CONTROL)
    metric = Metric(measure="ppv-at-target", method="logit", threshold="refer", prevalence="0.05")

    made = protocol(population=population, metrics=replace(PROTOCOL.metrics, secondaries=(metric,)))

    assert made.metrics.all[1].name == "ppv-at-target@refer"


def test_the_primary_measure_keeps_the_direction_that_is_good() -> None:
    with pytest.raises(InvalidInput, match="good when high"):
        with_primary(direction=Direction.AT_MOST)


def test_a_measure_that_is_good_near_a_target_is_no_primary() -> None:
    slope = Metric(measure="calibration-slope", method="wald")

    with pytest.raises(InvalidInput, match="secondary"):
        with_primary(metric=slope, acceptable="1")


def test_an_acceptable_value_out_of_bounds_is_refused() -> None:
    with pytest.raises(InvalidInput, match="no value that auroc can take"):
        with_primary(acceptable="1.2")


def test_a_method_that_the_core_does_not_know_is_refused() -> None:
    with pytest.raises(InvalidInput, match="no interval by 'jackknife'"):
        Metric(measure="auroc", method="jackknife")


def test_every_method_of_a_measure_is_one_of_the_core() -> None:
    assert {method for one in MEASURES.values() for method in one.methods} == METHODS


def test_a_measure_of_another_outcome_is_refused() -> None:
    with pytest.raises(InvalidInput, match="does not tell anything"):
        protocol(outcome=Outcome(kind=OutcomeKind.SPANS, definition="Noms"))


def test_a_threshold_that_was_not_fixed_is_refused() -> None:
    metric = Metric(measure="sensitivity", method="wilson", threshold="rule-out")

    with pytest.raises(InvalidInput, match="'rule-out'"):
        protocol(metrics=replace(PROTOCOL.metrics, secondaries=(metric,)))


def test_two_thresholds_of_one_value_are_refused() -> None:
    twice = (Threshold(name="a", value="0.2"), Threshold(name="b", value="0.20"))

    with pytest.raises(InvalidInput, match="one name or one value"):
        replace(PROTOCOL.index_test, thresholds=twice)


def test_each_mandatory_subgroup_is_compared_or_excused() -> None:
    with pytest.raises(InvalidInput, match="site, source"):
        protocol(left_out=())


def test_a_subgroup_is_not_both_compared_and_excused() -> None:
    excused = (*PROTOCOL.left_out, LeftOut(axis=Axis.SEX, reason="Non"))

    with pytest.raises(InvalidInput, match="choose"):
        protocol(left_out=excused)


def test_clustered_cases_need_an_interval_that_knows_it() -> None:
    population = replace(PROTOCOL.population, cluster="hospital")
    run = replace(PROTOCOL.run, cluster="hospital")

    with pytest.raises(InvalidInput, match="too narrow"):
        protocol(population=population, run=run)


def test_clustered_cases_take_a_bootstrap_by_cluster() -> None:
    metrics = Metrics(
        primary=replace(
            PROTOCOL.metrics.primary, metric=Metric(measure="auroc", method="obuchowski-logit")
        ),
        secondaries=(Metric(measure="sensitivity", method="bca", threshold="refer"),),
    )

    made = protocol(
        population=replace(PROTOCOL.population, cluster="hospital"),
        run=replace(PROTOCOL.run, cluster="hospital"),
        metrics=metrics,
    )

    assert made.run.cluster == "hospital"


def test_a_time_to_an_event_names_its_two_columns() -> None:
    timed = Outcome(
        kind=OutcomeKind.TIME_TO_EVENT,
        definition="Décès",
        horizon_days=365,
        censoring="Fin des données",
    )
    metrics = replace(
        PROTOCOL.metrics,
        primary=replace(PROTOCOL.metrics.primary, metric=Metric(measure="uno-c", method="bca")),
        secondaries=(),
    )

    with pytest.raises(InvalidInput, match="name time and event"):
        protocol(outcome=timed, metrics=metrics)


def test_a_sample_that_is_too_small_says_why_it_goes_on() -> None:
    criteria = (Criterion(name="slope", inputs=(), needed=2411),)

    with pytest.raises(InvalidInput, match="1000 cases are expected and 2411 needed"):
        SampleSize(criteria=criteria, expected=1000)


def test_the_largest_criterion_decides_the_sample_size() -> None:
    size = SampleSize(
        criteria=(
            Criterion(name="ratio", inputs=(), needed=1364),
            Criterion(name="slope", inputs=(), needed=2411),
            Criterion(name="C", inputs=(), needed=400),
        ),
        expected=2500,
    )

    assert size.needed == 2411
    assert size.lacking(2000) == ("slope",)


def test_full_scores_of_a_secret_set_are_shown_once_at_most() -> None:
    with pytest.raises(InvalidInput, match="give it away"):
        Access(
            runs_by="Hub",
            secrecy=Level("L2"),
            scores=Scores.FULL,
            submissions=2,
            period_days=30,
        )


def test_a_period_does_not_end_before_it_begins() -> None:
    with pytest.raises(InvalidInput, match="ends before"):
        replace(PROTOCOL.population, until_on=date(2020, 1, 1))


def test_rogan_gladen_asks_the_accuracy_of_the_reference() -> None:
    with pytest.raises(InvalidInput, match="Rogan"):
        replace(PROTOCOL.reference_standard, correction=Correction.ROGAN_GLADEN)


def test_a_segmentation_is_reported_by_claim() -> None:
    use = replace(PROTOCOL.intended_use, purpose=Purpose.SEGMENTATION)

    with pytest.raises(InvalidInput, match="CLAIM"):
        protocol(intended_use=use)


def test_a_protocol_names_a_guideline_at_least() -> None:
    with pytest.raises(InvalidInput, match="guidelines"):
        protocol(guidelines=())


def test_a_version_is_three_numbers() -> None:
    with pytest.raises(InvalidInput, match="three numbers"):
        replace(PROTOCOL.identity, version="1.0")


def test_a_guideline_has_the_number_of_items_published() -> None:

    main = {
        name: len({item.id.rstrip("abcdefg") for item in items if not item.id.startswith("AI")})
        for name, items in GUIDELINES.items()
    }

    assert main == {
        Guideline.TRIPOD_AI: 27,
        Guideline.STARD_AI: 30,
        Guideline.CLAIM: 44,
        Guideline.DECIDE_AI: 27,
    }
