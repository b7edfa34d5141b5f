"""What a report states beside its figures: the lock, the run, deviations, attacks on the model."""

from __future__ import annotations

import json as plain
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from ecluse.cli.console import read_file
from ecluse.domain import codec
from ecluse.domain.errors import InvalidInput, Malformed

if TYPE_CHECKING:
    from ecluse.data.evaluation.reporting.building import Given
    from ecluse.domain.evaluations.deviations import Deviation
    from ecluse.domain.evaluations.protocols import Protocol
    from ecluse.domain.evaluations.reports import PrivacyFigure, RunFacts


def locked(
    plan: Protocol, *, lock: bytes, manifest: bytes, tables: tuple[Path, Path], believed: list[Path]
) -> Given:
    """Return what the report states beside figures, once the lock says that it is what was fixed.

    Raises Refused: the lock is not signed by a hub that is believed, or is on other bytes.
    """
    from ecluse.cli.home import Home
    from ecluse.cli.journal_sources import keyring_of
    from ecluse.data.evaluation.reporting.building import Given
    from ecluse.data.evaluation.reporting.code import digest_of_code
    from ecluse.data.evaluation.running.manifests import check_files
    from ecluse.domain.documents import EvaluationLock
    from ecluse.domain.evaluations import checklists, locks
    from ecluse.domain.evaluations.parts import ModelFormat
    from ecluse.domain.evaluations.reports import Digests
    from ecluse.trust import canonical, documents, protocols

    ring = keyring_of(Home.find(), believed)
    found = documents.verify(lock, ring, now=datetime.now(UTC)).document.body
    if not isinstance(found, EvaluationLock):
        raise InvalidInput("Le fichier donné n'est pas un verrou d'évaluation.")
    labels, predictions = tables
    is_table = plan.index_test.format is ModelFormat.PREDICTIONS
    seen = locks.Presented(
        protocol=protocols.digest(plan),
        # A table of predictions is its own model; another format was checked by the run.
        model=canonical.digest_file(predictions) if is_table else plan.index_test.artefact,
        dataset=canonical.digest(manifest),
        code=digest_of_code(),
    )
    locks.check_presented(found, seen)
    check_files(manifest, [labels])
    digests = Digests(
        protocol=seen.protocol,
        lock=canonical.digest(lock),
        model=seen.model,
        data=seen.dataset,
        code=seen.code,
    )
    return Given(digests=digests, checklist=checklists.fill(plan))


def facts(path: Path | None) -> RunFacts | None:
    """Return how the run went, as `ecluse evaluate run` wrote it. Raises Malformed."""
    from ecluse.domain.evaluations.reports import RunFacts

    if path is None:
        return None
    found: RunFacts = codec.decode(_json(path), RunFacts, at=path.name)
    return found


def deviations(path: Path | None) -> tuple[Deviation, ...]:
    """Return the deviations of a file. Raises Malformed, InvalidInput."""
    from ecluse.domain.evaluations.deviations import Deviation

    told = [] if path is None else _json(path)
    if not isinstance(told, list):
        raise Malformed("Les écarts au protocole sont une liste, entre crochets.")
    return tuple(codec.decode(one, Deviation, at="deviation") for one in told)


def privacy(path: Path | None, plan: Protocol) -> tuple[PrivacyFigure, ...]:
    """Return what attacks on the model told. Raises Malformed; Refused, of another model."""
    from ecluse.data.evaluation.reporting import making
    from ecluse.domain.disclosure.model_trials import ModelTrial

    told = {} if path is None else _json(path)
    if not isinstance(told, dict) or not told:
        return ()
    members = {name: value for name, value in told.items() if name != "verdict"}
    found: ModelTrial = codec.decode(members, ModelTrial, at="trial")
    return making.privacy_figures(found, plan)


def pairs(texts: list[str]) -> dict[str, Path]:
    """Return the files of perturbations, by name. Raises InvalidInput."""
    found = [text.partition("=") for text in texts]
    if any(not name or not path for name, _, path in found):
        raise InvalidInput("Écrivez --perturbed nom=fichier.")
    return {name: Path(path) for name, _, path in found}


def _json(path: Path) -> codec.JSON:
    try:
        value: codec.JSON = plain.loads(read_file(path))
    except (ValueError, RecursionError):
        raise Malformed(f"{path} n'est pas du JSON : corrigez-le.") from None
    return value
