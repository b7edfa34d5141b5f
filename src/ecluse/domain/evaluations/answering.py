"""A protocol from the answers to its form (`evaluation-protocol`), field by field."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Final

from ecluse.domain.errors import InvalidInput
from ecluse.domain.evaluations import analysis, parts
from ecluse.domain.evaluations.measures import Aim, Direction, OutcomeKind, measure
from ecluse.domain.evaluations.protocols import Guideline, Protocol
from ecluse.domain.evaluations.secrecy import Level

Answers = Mapping[str, object]
FORM: Final = "evaluation-protocol"


@dataclass(frozen=True, slots=True)
class Numbers:
    """What the hub gives, not the form: of the evaluation, of the system, of the version."""

    number: str
    system_number: str
    version: str


def protocol_from(answers: Answers, numbers: Numbers) -> Protocol:
    """The protocol that complete answers make. Raises InvalidInput for what cannot be true."""
    try:
        return Protocol(
            identity=_identity(answers, numbers),
            intended_use=_intended_use(answers),
            population=_population(answers),
            index_test=_index_test(answers),
            reference_standard=_reference(answers),
            outcome=_outcome(answers),
            metrics=_metrics(answers),
            subgroups=tuple(_subgroups(answers)),
            left_out=tuple(_left_out(answers)),
            calibration=_calibration(answers),
            utility=_utility(answers),
            robustness=tuple(_robustness(answers)),
            drift=_drift(answers),
            missing_data=_missing(answers),
            sample_size=_sample_size(answers),
            privacy=_privacy(answers),
            analysis=_analysis(answers),
            access=_access(answers),
            guidelines=tuple(Guideline(one) for one in _several(answers, "guidelines")),
            run=_columns(answers),
        )
    except ValueError:
        # An answer of no known word: the form is checked before, so its version is another's.
        raise InvalidInput("An answer is not one that this form offers: open it again.") from None


def _identity(answers: Answers, numbers: Numbers) -> parts.Identity:
    return parts.Identity(
        number=numbers.number,
        system_number=numbers.system_number,
        version=numbers.version,
        title=_text(answers, "title"),
        sponsor=_text(answers, "sponsor"),
        is_submitter=answers.get("is_submitter") is True,
        interests=_text(answers, "interests"),
    )


def _intended_use(answers: Answers) -> parts.IntendedUse:
    return parts.IntendedUse(
        purpose=parts.Purpose(_text(answers, "purpose")),
        stage=parts.Stage(_text(answers, "stage")),
        claim=_text(answers, "claim"),
        users=_text(answers, "users"),
        pathway=_text(answers, "pathway"),
        decision=_text(answers, "decision"),
        alternative=_text(answers, "alternative"),
    )


def _population(answers: Answers) -> parts.Population:
    from_on, until_on = _period(answers, "period")
    return parts.Population(
        inclusion=_text(answers, "inclusion"),
        exclusion=_text(answers, "exclusion"),
        setting=_text(answers, "setting"),
        from_on=from_on,
        until_on=until_on,
        sites=_lines(answers, "sites"),
        sampling=parts.Sampling(_text(answers, "sampling")),
        unit=_text(answers, "unit"),
        cluster=_text(answers, "cluster"),
        cohort=_text(answers, "cohort"),
        permit_number=_text(answers, "permit_number"),
    )


def _index_test(answers: Answers) -> parts.IndexTest:
    return parts.IndexTest(
        artefact=_text(answers, "artefact"),
        format=parts.ModelFormat(_text(answers, "format")),
        runtime=_text(answers, "runtime"),
        preprocessing=_text(answers, "preprocessing"),
        thresholds=tuple(
            parts.Threshold(
                name=_text(one, "threshold_name"), value=_decimal(one, "threshold_value")
            )
            for one in _items(answers, "thresholds")
        ),
        failures=parts.FailurePolicy(_text(answers, "failures")),
        trained_on=_text(answers, "trained_on"),
    )


def _reference(answers: Answers) -> parts.ReferenceStandard:
    return parts.ReferenceStandard(
        definition=_text(answers, "reference"),
        is_blinded=answers.get("is_blinded") is True,
        readers=_whole(answers, "readers"),
        adjudication=_text(answers, "adjudication"),
        window_days=_whole(answers, "window_days"),
        correction=parts.Correction(_text(answers, "correction")),
        sensitivity=_decimal(answers, "reference_sensitivity"),
        specificity=_decimal(answers, "reference_specificity"),
    )


def _outcome(answers: Answers) -> parts.Outcome:
    kind = OutcomeKind(_text(answers, "outcome_kind"))
    is_timed = kind in parts.TIMED
    return parts.Outcome(
        kind=kind,
        definition=_text(answers, "outcome_definition"),
        horizon_days=_whole(answers, "horizon_days") if is_timed else None,
        censoring=_text(answers, "censoring") if is_timed else "",
        competing=_lines(answers, "competing") if is_timed else (),
        classes=_lines(answers, "classes") if kind is OutcomeKind.CLASSES else (),
    )


def _metrics(answers: Answers) -> analysis.Metrics:
    primary = _metric(answers, "primary")
    is_low = measure(primary.measure).aim is Aim.LOW
    return analysis.Metrics(
        primary=analysis.Primary(
            metric=primary,
            acceptable=_decimal(answers, "acceptable"),
            direction=Direction.AT_MOST if is_low else Direction.AT_LEAST,
        ),
        secondaries=tuple(_metric(one, "secondary") for one in _items(answers, "secondaries")),
        multiplicity=analysis.Multiplicity(_text(answers, "multiplicity")),
    )


def _metric(answers: Answers, prefix: str) -> analysis.Metric:
    found = measure(_text(answers, f"{prefix}_measure"))
    return analysis.Metric(
        measure=found.name,
        method=_text(answers, f"{prefix}_method"),
        threshold=_text(answers, f"{prefix}_threshold") if found.is_cut else "",
        prevalence=_decimal(answers, f"{prefix}_prevalence"),
    )


def _subgroups(answers: Answers) -> Iterator[analysis.Subgroup]:
    for one in _items(answers, "subgroups"):
        yield analysis.Subgroup(
            axis=analysis.Axis(_text(one, "subgroup_axis")),
            column=_text(one, "subgroup_column"),
            source=_text(one, "subgroup_source"),
            least_cases=_whole(one, "subgroup_least"),
            categories=_listed(one, "subgroup_categories"),
        )


def _left_out(answers: Answers) -> Iterator[analysis.LeftOut]:
    for one in _items(answers, "left_out"):
        axis, reason = _text(one, "left_out_axis"), _text(one, "left_out_reason")
        yield analysis.LeftOut(axis=analysis.Axis(axis), reason=reason)


def _calibration(answers: Answers) -> analysis.Calibration:
    return analysis.Calibration(
        measures=_several(answers, "calibration_measures"),
        slope_low=_decimal(answers, "slope_low"),
        slope_high=_decimal(answers, "slope_high"),
    )


def _utility(answers: Answers) -> analysis.Utility | None:
    low, high = _decimal(answers, "utility_low"), _decimal(answers, "utility_high")
    if not (low or high):
        return None
    why = _text(answers, "utility_why")
    return analysis.Utility(low=low, high=high, justification=why)


def _robustness(answers: Answers) -> Iterator[analysis.Perturbation]:
    for one in _items(answers, "perturbations"):
        yield analysis.Perturbation(
            kind=analysis.PerturbationKind(_text(one, "perturbation_kind")),
            columns=_listed(one, "perturbation_columns"),
            amount=_decimal(one, "perturbation_amount"),
            tolerated_loss=_decimal(one, "tolerated_loss"),
        )


def _drift(answers: Answers) -> analysis.Drift | None:
    if answers.get("watches_drift") is not True:
        return None
    from_on, until_on = _period(answers, "drift_window")
    return analysis.Drift(
        reference_from_on=from_on,
        reference_until_on=until_on,
        indicators=_listed(answers, "drift_indicators"),
        alarm=_text(answers, "drift_alarm"),
    )


def _missing(answers: Answers) -> parts.MissingData:
    return parts.MissingData(
        largest_share=_decimal(answers, "missing_share"),
        handling=parts.Handling(_text(answers, "missing_handling")),
        explanation=_text(answers, "missing_explanation"),
    )


def _sample_size(answers: Answers) -> analysis.SampleSize:
    criteria = tuple(
        analysis.Criterion(
            name=_text(one, "criterion"),
            inputs=tuple(_inputs(one)),
            needed=_whole(one, "criterion_needed"),
        )
        for one in _items(answers, "criteria")
    )
    expected, reason = _whole(answers, "expected"), _text(answers, "size_reason")
    return analysis.SampleSize(criteria=criteria, expected=expected, reason=reason)


def _inputs(one: Answers) -> Iterator[analysis.Figure]:
    for text in _listed(one, "criterion_inputs"):
        name, equals, value = text.partition("=")
        if not equals:
            raise InvalidInput(f"{text[:40]!r} is no input like prevalence=0.22: write it so.")
        yield analysis.Figure(name=name.strip(), value=value.strip())


def _privacy(answers: Answers) -> analysis.Privacy:
    return analysis.Privacy(
        attacks=tuple(analysis.Attack(one) for one in _several(answers, "attacks")),
        least_cell=_whole(answers, "least_cell"),
        epsilon=_decimal(answers, "epsilon"),
    )


def _analysis(answers: Answers) -> analysis.Analysis:
    return analysis.Analysis(
        package=_text(answers, "package"),
        code=_text(answers, "code"),
        seed=_whole(answers, "seed"),
        draws=_whole(answers, "draws"),
    )


def _access(answers: Answers) -> analysis.Access:
    embargo = _text(answers, "embargo")
    return analysis.Access(
        runs_by=_text(answers, "runs_by"),
        secrecy=Level(_text(answers, "secrecy")),
        scores=analysis.Scores(_text(answers, "scores")),
        submissions=_whole(answers, "submissions"),
        period_days=_whole(answers, "period_days"),
        embargo_until_on=date.fromisoformat(embargo) if embargo else None,
    )


def _columns(answers: Answers) -> parts.Columns:
    return parts.Columns(
        case=_text(answers, "column_case"),
        prediction=_text(answers, "column_prediction"),
        outcome=_text(answers, "column_outcome"),
        abstained=_text(answers, "column_abstained"),
        cluster=_text(answers, "cluster"),
        time=_text(answers, "column_time"),
        event=_text(answers, "column_event"),
        features=_lines(answers, "features"),
    )


def _text(answers: Answers, name: str) -> str:
    value = answers.get(name)
    return value.strip() if isinstance(value, str) else ""


def _decimal(answers: Answers, name: str) -> str:
    """A number as typed, its comma turned into the point that documents spell."""
    return _text(answers, name).replace(",", ".")


def _whole(answers: Answers, name: str) -> int:
    value = answers.get(name)
    if not isinstance(value, int) or isinstance(value, bool):
        raise InvalidInput(f"{name} is no whole number: write it.")
    return value


def _several(answers: Answers, name: str) -> tuple[str, ...]:
    value = answers.get(name)
    return tuple(str(one) for one in value) if isinstance(value, list | tuple) else ()


def _lines(answers: Answers, name: str) -> tuple[str, ...]:
    return tuple(line.strip() for line in _text(answers, name).splitlines() if line.strip())


def _listed(answers: Answers, name: str) -> tuple[str, ...]:
    return tuple(one.strip() for one in _text(answers, name).split(",") if one.strip())


def _items(answers: Answers, name: str) -> tuple[Answers, ...]:
    value = answers.get(name)
    items = value if isinstance(value, list) else []
    return tuple(one for one in items if isinstance(one, Mapping))


def _period(answers: Answers, name: str) -> tuple[date, date]:
    value = answers.get(name)
    days = value if isinstance(value, Mapping) else {}
    try:
        return date.fromisoformat(str(days["from"])), date.fromisoformat(str(days["to"]))
    except (KeyError, ValueError):
        raise InvalidInput(f"{name} needs its first and its last day: write both.") from None
