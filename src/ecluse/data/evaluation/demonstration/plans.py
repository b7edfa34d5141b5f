"""The protocols of the two demonstrations: written as for real ones, before any case is drawn."""

from collections.abc import Sequence
from datetime import date
from typing import Final, TypedDict

from ecluse.data.evaluation import sample_size
from ecluse.domain.evaluations import analysis, parts
from ecluse.domain.evaluations.analysis import Axis
from ecluse.domain.evaluations.measures import Direction, OutcomeKind
from ecluse.domain.evaluations.protocols import Guideline, Protocol
from ecluse.domain.evaluations.secrecy import Level

SEED: Final = 20_260_105
DRAWS: Final = 2_000
WIDTH: Final = 0.1
"""Width of the interval of the area that both studies are sized for."""


def risk_protocol(
    *, artefact: str, code: str, expected: int, features: tuple[str, ...] = ()
) -> Protocol:
    """Return the protocol of the risk of a complication of diabetes.

    `features`: what the model reads, where it is an ONNX file; none where it is a table.
    """
    return Protocol(
        identity=parts.Identity(
            number="EVAL-DEMO-1",
            system_number="IA-DEMO-1",
            version="1.0.0",
            title="Risque de complication du diabète à trois ans",
            sponsor="Hub de démonstration",
            is_submitter=False,
            interests="Aucun lien d'intérêts.",
        ),
        intended_use=parts.IntendedUse(
            purpose=parts.Purpose.PROGNOSTIC,
            stage=parts.Stage.OFFLINE,
            claim="Repère, parmi les personnes diabétiques, celles dont le risque de complication "
            "du cœur, du rein ou des vaisseaux à trois ans justifie un bilan.",
            users="Médecins traitants",
            pathway="Suivi annuel du diabète",
            decision="Proposer un bilan spécialisé",
            alternative="Bilan selon l'âge seul",
        ),
        population=parts.Population(
            inclusion="Personnes diabétiques sans complication connue au 1er janvier",
            exclusion="Complication déjà connue",
            setting="Pays synthétique, toutes régions",
            from_on=date(2018, 1, 1),
            until_on=date(2024, 12, 31),
            sites=("Nord", "Est", "Sud", "Ouest"),
            sampling=parts.Sampling.CONSECUTIVE,
            unit="person",
        ),
        index_test=_index_test(artefact, (("bilan", "0.04"),), is_file=bool(features)),
        reference_standard=_reference("Première complication inscrite dans le pays synthétique"),
        outcome=parts.Outcome(
            kind=OutcomeKind.BINARY,
            definition="Insuffisance cardiaque ou rénale, maladie coronaire, artérite ou accident "
            "vasculaire cérébral dans les trois ans",
        ),
        metrics=_metrics("0.62", "bilan"),
        subgroups=(
            *_subgroups(("site", Axis.SITE)),
            *_subgroups(("sex", Axis.SEX), ("age_band", Axis.AGE), ("period", Axis.PERIOD)),
        ),
        left_out=(
            analysis.LeftOut(axis=Axis.SOURCE, reason="Une seule source : les remboursements."),
        ),
        calibration=_calibration(),
        utility=analysis.Utility(
            low="0.02", high="0.1", justification="Un bilan pour 10 à 50 personnes est acceptable."
        ),
        robustness=(
            analysis.Perturbation(
                kind=analysis.PerturbationKind.MISSING,
                tolerated_loss="0.05",
                columns=("hypertension", "type_1"),
                amount="0.3",
            ),
        ),
        drift=analysis.Drift(
            reference_from_on=date(2018, 1, 1),
            reference_until_on=date(2018, 12, 31),
            indicators=("stability-index", "observed-expected"),
            alarm="Indice de stabilité supérieur à 0,25",
        ),
        sample_size=_size(concordance=0.68, prevalence=0.03, expected=expected),
        **_shared(code, features),
    )


def notes_protocol(*, artefact: str, code: str, expected: int) -> Protocol:
    """Return the protocol of the text model that looks for pneumonia in reports."""
    return Protocol(
        identity=parts.Identity(
            number="EVAL-DEMO-2",
            system_number="IA-DEMO-2",
            version="1.0.0",
            title="Pneumopathie dans les comptes rendus",
            sponsor="Éditeur de démonstration",
            is_submitter=True,
            interests="Le promoteur vend le système.",
        ),
        intended_use=parts.IntendedUse(
            purpose=parts.Purpose.EXTRACTION,
            stage=parts.Stage.OFFLINE,
            claim="Reconnaît dans un compte rendu les patients atteints de pneumopathie, dans "
            "tout établissement.",
            users="Départements d'information médicale",
            pathway="Codage après la sortie",
            decision="Coder une pneumopathie",
            alternative="Lecture par une technicienne",
        ),
        population=parts.Population(
            inclusion="Comptes rendus fabriqués à partir de modèles de phrases",
            exclusion="Aucune",
            setting="Quatre établissements fictifs",
            from_on=date(2023, 1, 1),
            until_on=date(2024, 12, 31),
            sites=("A", "B", "C", "D"),
            sampling=parts.Sampling.CONSECUTIVE,
            unit="report",
        ),
        index_test=_index_test(artefact, (("codage", "0.5"),)),
        reference_standard=_reference("Étiquette du modèle de phrases"),
        outcome=parts.Outcome(
            kind=OutcomeKind.BINARY, definition="Le compte rendu est celui d'une pneumopathie"
        ),
        metrics=_metrics("0.85", "codage"),
        subgroups=_subgroups(
            ("site", Axis.SITE),
            ("sex", Axis.SEX),
            ("age_band", Axis.AGE),
            ("source", Axis.SOURCE),
            ("period", Axis.PERIOD),
        ),
        left_out=(),
        calibration=_calibration(),
        utility=analysis.Utility(
            low="0.2", high="0.7", justification="Relire deux comptes rendus pour un de trouvé."
        ),
        robustness=tuple(
            analysis.Perturbation(kind=kind, tolerated_loss="0.02", columns=("text",))
            for kind in (
                analysis.PerturbationKind.NO_ACCENTS,
                analysis.PerturbationKind.OPTICAL_NOISE,
            )
        ),
        drift=analysis.Drift(
            reference_from_on=date(2023, 1, 1),
            reference_until_on=date(2023, 12, 31),
            indicators=("stability-index",),
            alarm="Indice de stabilité supérieur à 0,25",
        ),
        sample_size=_size(concordance=0.85, prevalence=0.3, expected=expected),
        **_shared(code),
    )


def _index_test(
    artefact: str, thresholds: Sequence[tuple[str, str]], *, is_file: bool = False
) -> parts.IndexTest:
    table = "Table de prédictions, une ligne par cas"
    return parts.IndexTest(
        artefact=artefact,
        format=parts.ModelFormat.ONNX if is_file else parts.ModelFormat.PREDICTIONS,
        runtime="onnxruntime, en bac à sable sans réseau" if is_file else table,
        preprocessing="Âge en dizaines d'années, et son carré" if is_file else "Aucun",
        thresholds=tuple(parts.Threshold(name=name, value=value) for name, value in thresholds),
    )


def _reference(definition: str) -> parts.ReferenceStandard:
    return parts.ReferenceStandard(
        definition=definition, is_blinded=True, readers=0, adjudication="", window_days=0
    )


def _metrics(acceptable: str, threshold: str) -> analysis.Metrics:
    area = analysis.Metric(measure="auroc", method="delong-logit")
    return analysis.Metrics(
        primary=analysis.Primary(metric=area, acceptable=acceptable, direction=Direction.AT_LEAST),
        secondaries=(
            analysis.Metric(measure="sensitivity", method="wilson", threshold=threshold),
            analysis.Metric(measure="specificity", method="wilson", threshold=threshold),
            analysis.Metric(
                measure="ppv-at-target", method="logit", threshold=threshold, prevalence="0.05"
            ),
        ),
    )


def _subgroups(*axes: tuple[str, Axis]) -> tuple[analysis.Subgroup, ...]:
    return tuple(
        analysis.Subgroup(axis=axis, column=column, source="étiquettes", least_cases=100)
        for column, axis in axes
    )


def _calibration() -> analysis.Calibration:
    return analysis.Calibration(
        measures=("observed-expected", "calibration-slope"), slope_low="0.75", slope_high="1.25"
    )


def _size(*, concordance: float, prevalence: float, expected: int) -> analysis.SampleSize:
    inputs = {"concordance": concordance, "prevalence": prevalence, "width": WIDTH}
    needed = sample_size.validation_concordance(**inputs)
    criterion = analysis.Criterion(
        name="concordance",
        inputs=tuple(
            analysis.Figure(name=name, value=f"{value:g}") for name, value in inputs.items()
        ),
        needed=needed,
    )
    return analysis.SampleSize(
        criteria=(criterion,), expected=expected, reason="Démonstration à l'échelle choisie."
    )


class _Shared(TypedDict):
    missing_data: parts.MissingData
    privacy: analysis.Privacy
    analysis: analysis.Analysis
    access: analysis.Access
    guidelines: tuple[Guideline, ...]
    run: parts.Columns


def _shared(code: str, features: tuple[str, ...] = ()) -> _Shared:
    """Return the parts of a protocol that both demonstrations have."""
    return _Shared(
        missing_data=parts.MissingData(
            largest_share="0",
            handling=parts.Handling.MODEL,
            explanation="Aucune donnée ne manque : tout est fabriqué.",
        ),
        privacy=analysis.Privacy(attacks=(), least_cell=11),
        analysis=analysis.Analysis(
            package="ecluse.data.evaluation", code=code, seed=SEED, draws=DRAWS
        ),
        access=analysis.Access(
            runs_by="Hub de démonstration",
            secrecy=Level.INPUTS_PUBLIC,
            scores=analysis.Scores.BANDS,
            submissions=1,
            period_days=365,
        ),
        guidelines=(Guideline.TRIPOD_AI,),
        run=parts.Columns(features=features),
    )
