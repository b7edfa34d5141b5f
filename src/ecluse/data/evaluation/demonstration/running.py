"""Each demonstration from end to end: cases, protocol, lock, report, bundle, verification."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from ecluse.data.disclosure import policies
from ecluse.data.evaluation.demonstration import country, models, notes, plans
from ecluse.data.evaluation.demonstration.cases import Trial
from ecluse.data.evaluation.reporting import building, bundling, crates, reading, verifying
from ecluse.data.evaluation.reporting.code import digest_of_code
from ecluse.data.evaluation.reporting.verifying import Verification
from ecluse.data.evaluation.running.manifests import manifest_of
from ecluse.domain.documents import AGENT, Signer
from ecluse.domain.evaluations import checklists, locks
from ecluse.domain.evaluations.protocols import Protocol
from ecluse.domain.evaluations.reports import Digests, EvaluationReport, RunFacts
from ecluse.trust import canonical, documents, durable, keys, protocols
from ecluse.trust.keys import SigningKey

POLICY: Final = "SNDS-2026"
BY: Final = "demonstration"
READABLE: Final = 0o644
PREDICTIONS: Final = "predictions.parquet"
TABLE: Final = "the provider gave a table of predictions"
RUN_TAKES: Final = timedelta(minutes=1)
"""How long after the lock the demonstration says that the report was made."""


@dataclass(frozen=True, slots=True)
class Shown:
    """One demonstration: its folder, its report, its bundle, and what the bundle proves.

    `taken` says why a table of predictions was taken for a model, empty where the model was run.
    """

    name: str
    folder: Path
    bundle: Path
    report: EvaluationReport
    protocol: Protocol
    verification: Verification
    taken: str = TABLE


Write = Callable[..., Protocol]
Draw = Callable[[], Trial]
TRIALS: Final[dict[str, tuple[Draw, Write]]] = {
    "diabetes": (country.trial, plans.risk_protocol),
    "notes": (notes.trial, plans.notes_protocol),
}


def show_all(folder: Path, *, now: datetime) -> Iterator[Shown]:
    """Yield each demonstration, made under `folder` with keys of its own.

    Raises:
        StorageFull: no space is left.
    """
    hub = _key(folder / "keys", Signer.PORTAL, now=now)
    zone = _key(folder / "keys", Signer.AGENT, now=now)
    for name, (draw, write) in TRIALS.items():
        yield show(folder / name, draw(), write, keys_of=(hub, zone), now=now)


def show(
    folder: Path,
    trial: Trial,
    write: Write,
    *,
    keys_of: tuple[SigningKey, SigningKey],
    now: datetime,
) -> Shown:
    """Return one demonstration, its files written under `folder`."""
    hub, zone = keys_of
    folder.mkdir(parents=True, exist_ok=True)
    taken = models.why_not(trial.parameters, folder) if trial.inputs else TABLE
    _write_tables(folder, trial)
    protocol = write(
        artefact=canonical.digest_file(folder / (PREDICTIONS if taken else models.MODEL)),
        code=digest_of_code(),
        expected=trial.outcomes.size,
        **({} if taken else {"features": tuple(trial.inputs[""])}),
    )
    manifest = manifest_of([folder / "labels.parquet"], cases=trial.outcomes.size)
    lock = _lock(protocol, manifest, hub, now=now)
    run = None if taken else _run(folder, trial, protocol)
    report = _report(folder, protocol, (lock, manifest), run=run, now=now + RUN_TAKES)
    data = bundling.bundle(report, protocol, lock=lock, manifest=manifest, key=zone)
    _keep(folder, protocol, lock, manifest, data)
    believed = (hub.public(), zone.public())
    verification = verifying.verify(data, believed=believed, now=report.made_at)
    bundle = folder / "report.zip"
    return Shown(folder.name, folder, bundle, report, protocol, verification, taken)


def _run(folder: Path, trial: Trial, protocol: Protocol) -> RunFacts:
    """Run the model on the cases, and on each perturbation of them, in place of the tables."""
    facts = {}
    for name, columns in trial.inputs.items():
        ending = f"{name and '-'}{name}.parquet"
        inputs = folder / f"inputs{ending}"
        models.write_inputs(columns, inputs)
        facts[name] = models.run(protocol, inputs, folder, name=f"predictions{ending}")
    return facts[""]


def _key(folder: Path, signer: Signer, *, now: datetime) -> SigningKey:
    if any(folder.glob(f"{signer.value}-*.key")):
        return keys.load_signing_key(folder, signer)
    folder.mkdir(parents=True, exist_ok=True)
    return keys.create_key(folder, signer, now=now)


def _write_tables(folder: Path, trial: Trial) -> None:
    names = models.names_of(trial.outcomes.size)
    labels = {"case": names, "outcome": pa.array(trial.outcomes.astype(np.int8))}
    labels |= {name: pa.array(values.tolist()) for name, values in trial.groups.items()}
    pq.write_table(pa.table(labels), folder / "labels.parquet")
    for name, values in {"": trial.predictions, **trial.perturbed}.items():
        table = pa.table({"case": names, "prediction": pa.array(values)})
        pq.write_table(table, folder / f"{'-'.join(filter(None, ('predictions', name)))}.parquet")


def _lock(protocol: Protocol, manifest: bytes, key: SigningKey, *, now: datetime) -> bytes:
    lock = locks.lock_of(
        protocol,
        digest=protocols.digest(protocol),
        dataset=canonical.digest(manifest),
        by=BY,
        now=keys.to_milliseconds(now),
    )
    document = documents.new_document(lock, issuer=Signer.PORTAL, audience=(AGENT,), now=now)
    return documents.sign(document, key)


def _report(
    folder: Path,
    protocol: Protocol,
    locked: tuple[bytes, bytes],
    *,
    run: RunFacts | None,
    now: datetime,
) -> EvaluationReport:
    lock, manifest = locked
    planned = [one.kind.value for one in protocol.robustness]
    sample = reading.read_sample(
        folder / "labels.parquet",
        folder / "predictions.parquet",
        protocol,
        perturbed={name: folder / f"predictions-{name}.parquet" for name in planned},
    )
    digests = Digests(
        protocol=protocols.digest(protocol),
        lock=canonical.digest(lock),
        model=protocol.index_test.artefact,
        data=canonical.digest(manifest),
        code=protocol.analysis.code,
    )
    given = building.Given(digests=digests, run=run, checklist=checklists.fill(protocol))
    moment = keys.to_milliseconds(now)
    return building.build(sample, protocol, given, policy=policies.policy(POLICY), now=moment)


def _keep(folder: Path, protocol: Protocol, lock: bytes, manifest: bytes, data: bytes) -> None:
    written = {
        "protocol.json": protocols.encode(protocol),
        "lock.json": lock,
        "manifest.json": manifest,
        "report.zip": data,
    }
    # The pages lie beside the bundle too, so that they open with a click.
    pages = crates.unpack(data).files
    written |= {name: pages[name] for name in pages if name.endswith(".html")}
    for name, content in written.items():
        durable.write(folder / name, content, mode=READABLE)
