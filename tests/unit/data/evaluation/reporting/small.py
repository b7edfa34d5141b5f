"""A study small enough to be worked out by hand: four scores, a hundred persons each.

    score       .1   .3   .6   .8
    cases       20   40   60   80
    controls    80   60   40   20

At .5: 140 true and 60 false positives of 200 and 200. Area: .75. Observed 200, expected 180.
"""

import dataclasses
from datetime import UTC, datetime

import numpy as np

from ecluse.data.evaluation.demonstration import plans
from ecluse.data.evaluation.reporting import building, bundling
from ecluse.data.evaluation.reporting.attesting import Sample
from ecluse.data.evaluation.reporting.steps import Cases
from ecluse.domain.disclosure.policy import DisclosurePolicy
from ecluse.domain.documents import AGENT, Signer
from ecluse.domain.evaluations import locks
from ecluse.domain.evaluations.analysis import (
    Axis,
    LeftOut,
    Perturbation,
    PerturbationKind,
    Utility,
)
from ecluse.domain.evaluations.parts import Threshold
from ecluse.domain.evaluations.protocols import Protocol
from ecluse.domain.evaluations.reports import Digests, EvaluationReport
from ecluse.trust import canonical, documents, keys, protocols
from ecluse.trust.keys import SigningKey

NOW = datetime(2026, 1, 5, 10, tzinfo=UTC)
LATER = datetime(2026, 1, 6, 10, tzinfo=UTC)
POLICY = DisclosurePolicy()
SCORES = (0.1, 0.3, 0.6, 0.8)
CASES = (20, 40, 60, 80)
CONTROLS = (80, 60, 40, 20)
MANIFEST = canonical.encode({"files": [], "cases": 400})


def protocol(**changes: object) -> Protocol:
    """Return the plan of the small study: threshold .5, acceptable area .65, groups by sex."""
    return protocol_of(
        artefact=canonical.digest(b"model"), code=canonical.digest(b"code"), **changes
    )


def protocol_of(*, artefact: str, code: str, **changes: object) -> Protocol:
    """Return that plan of another model, computed by another program."""
    whole = plans.risk_protocol(artefact=artefact, code=code, expected=400)
    left_out = tuple(
        LeftOut(axis=axis, reason="small")
        for axis in (Axis.SITE, Axis.AGE, Axis.SOURCE, Axis.PERIOD)
    )
    return dataclasses.replace(
        whole,
        index_test=dataclasses.replace(
            whole.index_test, thresholds=(Threshold(name="bilan", value="0.5"),)
        ),
        subgroups=tuple(one for one in whole.subgroups if one.axis is Axis.SEX),
        left_out=left_out,
        utility=Utility(low="0.3", high="0.6", justification="small"),
        robustness=(),
        drift=None,
        **changes,  # type: ignore[arg-type]
    )


def missing() -> Perturbation:
    """Return a perturbation by missing values."""
    return Perturbation(kind=PerturbationKind.MISSING, tolerated_loss="0.1", amount="0.3")


def cases() -> Cases:
    """Return the four hundred, by rising score, cases before controls."""
    scores = np.repeat(SCORES, [one + other for one, other in zip(CASES, CONTROLS, strict=True)])
    parts = [np.repeat([1, 0], pair) for pair in zip(CASES, CONTROLS, strict=True)]
    return Cases.of(np.concatenate(parts), scores)


def sample(*, clusters: bool = False) -> Sample:
    """Return them with a sex, every other person; in clusters of four where asked."""
    found = cases()
    size = found.outcomes.size
    groups = {"sex": np.where(np.arange(size) % 2, "women", "men")}
    return Sample(found, np.arange(size) // 4 if clusters else None, groups, {})


def hub_key() -> SigningKey:
    """Return a key of a hub."""
    return keys.draw_key(Signer.PORTAL, now=NOW)


def zone_key() -> SigningKey:
    """Return a key of a zone."""
    return keys.draw_key(Signer.AGENT, now=NOW)


def lock(plan: Protocol, key: SigningKey) -> bytes:
    """Return the signed lock of a plan on the manifest."""
    made = locks.lock_of(
        plan,
        digest=protocols.digest(plan),
        dataset=canonical.digest(MANIFEST),
        by="hub",
        now=NOW,
    )
    document = documents.new_document(made, issuer=Signer.PORTAL, audience=(AGENT,), now=NOW)
    return documents.sign(document, key)


def digests(plan: Protocol, locked: bytes) -> Digests:
    """Return the digests of what the lock fixed."""
    return Digests(
        protocol=protocols.digest(plan),
        lock=canonical.digest(locked),
        model=plan.index_test.artefact,
        data=canonical.digest(MANIFEST),
        code=plan.analysis.code,
    )


def report(plan: Protocol, locked: bytes, *, of: Sample | None = None) -> EvaluationReport:
    """Return the report of the small study."""
    given = building.Given(digests=digests(plan, locked))
    return building.build(of or sample(), plan, given, policy=POLICY, now=LATER)


def pack(made: EvaluationReport, plan: Protocol, locked: bytes, key: SigningKey) -> bytes:
    """Return the bundle of a report."""
    return bundling.bundle(made, plan, lock=locked, manifest=MANIFEST, key=key)
