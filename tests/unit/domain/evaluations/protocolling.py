"""A protocol that holds, for the tests that change one thing of it."""

from dataclasses import replace
from datetime import date
from typing import Any

from ecluse.domain.evaluations.analysis import (
    Access,
    Analysis,
    Attack,
    Axis,
    Calibration,
    Criterion,
    Figure,
    LeftOut,
    Metric,
    Metrics,
    Primary,
    Privacy,
    SampleSize,
    Scores,
    Subgroup,
    Utility,
)
from ecluse.domain.evaluations.measures import Direction, OutcomeKind
from ecluse.domain.evaluations.parts import (
    Columns,
    Handling,
    Identity,
    IndexTest,
    IntendedUse,
    MissingData,
    ModelFormat,
    Outcome,
    Population,
    Purpose,
    ReferenceStandard,
    Sampling,
    Stage,
    Threshold,
)
from ecluse.domain.evaluations.protocols import Guideline, Protocol
from ecluse.domain.evaluations.secrecy import Level

MODEL = "sha256:" + "a" * 64
CODE = "sha256:" + "c" * 64
TRAINED = "sha256:" + "7" * 64

PROTOCOL = Protocol(
    identity=Identity(
        number="EV-2026-00001",
        system_number="IA-2026-0001",
        version="1.0.0",
        title="Risque de complication du diabète",
        sponsor="CHU d’Exemple",
        is_submitter=False,
        interests="Aucun",
    ),
    intended_use=IntendedUse(
        purpose=Purpose.PROGNOSTIC,
        stage=Stage.OFFLINE,
        claim="Repère les diabétiques à risque à un an.",
        users="Médecins généralistes",
        pathway="Bilan annuel",
        decision="Adresser au spécialiste",
        alternative="Le jugement du médecin",
    ),
    population=Population(
        inclusion="Adultes diabétiques",
        exclusion="Grossesse",
        setting="Soins primaires",
        from_on=date(2021, 1, 1),
        until_on=date(2022, 12, 31),
        sites=("France entière",),
        sampling=Sampling.CONSECUTIVE,
        unit="Une personne",
        permit_number="P-2026-00001",
    ),
    index_test=IndexTest(
        artefact=MODEL,
        format=ModelFormat.ONNX,
        runtime="onnxruntime 1.24",
        preprocessing="Âge en années",
        thresholds=(Threshold(name="refer", value="0.20"),),
        trained_on=TRAINED,
    ),
    reference_standard=ReferenceStandard(
        definition="Hospitalisation pour complication",
        is_blinded=True,
        readers=0,
        adjudication="",
        window_days=365,
    ),
    outcome=Outcome(kind=OutcomeKind.BINARY, definition="Complication à un an"),
    metrics=Metrics(
        primary=Primary(
            metric=Metric(measure="auroc", method="delong-logit"),
            acceptable="0.75",
            direction=Direction.AT_LEAST,
        ),
        secondaries=(Metric(measure="sensitivity", method="wilson", threshold="refer"),),
    ),
    subgroups=(
        Subgroup(axis=Axis.SEX, column="sex", source="IR_BEN_R", least_cases=50),
        Subgroup(axis=Axis.AGE, column="age_band", source="IR_BEN_R", least_cases=50),
        Subgroup(axis=Axis.PERIOD, column="year", source="Année d’entrée", least_cases=50),
    ),
    left_out=(
        LeftOut(axis=Axis.SITE, reason="Une seule base nationale"),
        LeftOut(axis=Axis.SOURCE, reason="Aucun appareil"),
    ),
    calibration=Calibration(measures=("calibration-slope",), slope_low="0.8", slope_high="1.2"),
    utility=Utility(low="0.05", high="0.40", justification="Coût d’un adressage"),
    robustness=(),
    drift=None,
    missing_data=MissingData(
        largest_share="0.1", handling=Handling.MODEL, explanation="Comme en service"
    ),
    sample_size=SampleSize(
        criteria=(
            Criterion(
                name="observed over expected",
                inputs=(Figure(name="prevalence", value="0.22"), Figure(name="width", value="0.2")),
                needed=1364,
            ),
        ),
        expected=5000,
    ),
    privacy=Privacy(attacks=(Attack.MEMBERSHIP,), least_cell=11),
    analysis=Analysis(package="ecluse 0.1", code=CODE, seed=20261123, draws=2000),
    access=Access(
        runs_by="Le hub",
        secrecy=Level("L1"),
        scores=Scores.BANDS,
        submissions=3,
        period_days=90,
    ),
    guidelines=(Guideline.TRIPOD_AI,),
    run=Columns(features=("age", "sex_code")),
)


def protocol(**parts: Any) -> Protocol:
    """The protocol with whole parts replaced."""
    return replace(PROTOCOL, **parts)


def with_primary(**changes: Any) -> Protocol:
    """The protocol with another primary measure."""
    metrics = replace(PROTOCOL.metrics, primary=replace(PROTOCOL.metrics.primary, **changes))
    return protocol(metrics=metrics)
