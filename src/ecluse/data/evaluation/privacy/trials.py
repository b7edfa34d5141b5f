"""A model attacked in the sandbox, judged by the limits of the domain, and its trial kept.

The persons are those of the project's extract: the ones that trained the model, and others whom it
never saw. What comes back is figures; the trial names the model by the digest of its bytes.
"""

import hashlib
import json
import shutil
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import pyarrow as pa
import pyarrow.parquet as pq

from ecluse.data.enclave import interpreter
from ecluse.data.enclave.limits import Limits
from ecluse.data.enclave.sandbox import run as run_in_sandbox
from ecluse.data.evaluation.arrays import both_classes
from ecluse.data.evaluation.privacy import inside
from ecluse.data.evaluation.running import inside as running
from ecluse.data.evaluation.running.plans import RunPlan
from ecluse.data.evaluation.running.runs import PACKAGES, plain
from ecluse.data.evaluation.running.sniffing import check_content
from ecluse.data.evaluation.running.tables import read_inputs, read_table
from ecluse.domain import codec
from ecluse.domain.disclosure import DisclosurePolicy, ModelFacts, ModelKind, model_trials
from ecluse.domain.disclosure.model_trials import ModelTrial, Tried
from ecluse.domain.errors import InvalidInput, JobFailed, Malformed
from ecluse.domain.evaluations.analysis import Attack
from ecluse.domain.evaluations.parts import ModelFormat
from ecluse.trust import durable

PROGRAM: Final = "ecluse.data.evaluation.privacy.inside"
LIMITS: Final = Limits(processes=128, wall_seconds=1800, cpu_seconds=3600)
MOST_BYTES: Final = 65_536
_NO_RECIPE: Final = (
    "a file of this format cannot be trained again: give the estimator it came from (skops)"
)


@dataclass(frozen=True, slots=True)
class Persons:
    """Two tables of the same columns: who trained the model, and others, each with the outcome."""

    members: Path
    others: Path
    outcome: str


def attack_model(  # noqa: PLR0913 - the model, on whom, by which figures, where, as whom
    plan: RunPlan,
    *,
    model: Path,
    persons: Persons,
    policy: DisclosurePolicy,
    work: Path,
    uid: int,
    recipe: Path | None = None,
    limits: Limits = LIMITS,
    in_gvisor: bool = False,
    on_tick: Callable[[], None] | None = None,
) -> ModelTrial:
    """Return what attacks on a model told, each judged.

    `recipe`: the scikit-learn estimator, saved with skops, that an ONNX file was exported from;
    without it, what needs to train again or to look inside is not tried, and the model is refused.
    `on_tick` is called about twice a second; what it raises ends the attacks.

    Raises:
        InvalidInput: the model or a table cannot be used.
        JobFailed: the model ended the sandbox.
        SandboxUnavailable: isolation cannot be proved here.
    """
    if plan.format not in (ModelFormat.ONNX, ModelFormat.SKOPS):
        raise InvalidInput(f"A model of format {plan.format} does not leave: export it as ONNX.")
    check_content(model, plan.format)
    if recipe is not None:
        check_content(recipe, ModelFormat.SKOPS)
    _lay_out(plan, model, recipe, persons, work)
    result = run_in_sandbox(
        [interpreter.PYTHON, "-m", PROGRAM],
        data=work / "data",
        code=work / "code",
        limits=limits,
        uid=uid,
        work=work / "run",
        in_gvisor=in_gvisor,
        on_tick=on_tick,
        packages=PACKAGES,
    )
    found = _found(result.outputs_path / inside.FOUND)
    digest = f"sha256:{hashlib.sha256(model.read_bytes()).hexdigest()}"
    facts = _facts(found)
    return ModelTrial(
        model=digest,
        kind=facts.kind if facts else ModelKind.OTHER,
        members=int(found["members"]),
        others=int(found["others"]),
        attacks=tuple(_judged(found, facts, policy)),
    )


def _lay_out(plan: RunPlan, model: Path, recipe: Path | None, persons: Persons, work: Path) -> None:
    for name in ("code", "data", "run"):
        shutil.rmtree(work / name, ignore_errors=True)
    work.mkdir(mode=0o700, parents=True, exist_ok=True)
    code, data = work / "code", work / "data"
    for folder in (code, data):
        folder.mkdir()
        folder.chmod(0o755)
    _show(model, code / running.MODEL)
    if recipe is not None:
        _show(recipe, code / inside.RECIPE)
    (code / running.PLAN).write_text(plan.to_text(), encoding="utf-8")
    (code / running.PLAN).chmod(0o644)
    _write(plan, persons.members, persons.outcome, data / inside.MEMBERS.name)
    _write(plan, persons.others, persons.outcome, data / inside.OTHERS.name)


def _show(source: Path, place: Path) -> None:
    shutil.copyfile(source, place)
    place.chmod(0o644)


def _write(plan: RunPlan, source: Path, outcome: str, place: Path) -> None:
    """Write the features and the outcome of persons, and nothing else. Raises InvalidInput."""
    table = read_table(source)
    if outcome not in table.column_names:
        raise InvalidInput(f"{source.name} lacks the column {outcome}: it holds the outcome.")
    features = read_inputs(source, plan).features
    truth = both_classes(table[outcome].to_numpy(zero_copy_only=False), name="outcomes")
    pq.write_table(features.append_column(inside.OUTCOME, pa.array(truth.astype(float))), place)
    place.chmod(0o644)


def _found(path: Path) -> Mapping[str, Any]:
    if not path.is_file() or path.stat().st_size > MOST_BYTES:
        raise JobFailed("The attacks were not carried to their end: the model ended them.")
    told: dict[str, Any] = json.loads(path.read_bytes())
    if told.get("refused"):
        raise InvalidInput(plain(str(told["refused"])))
    return told


def _facts(found: Mapping[str, Any]) -> ModelFacts | None:
    told = found.get("structure")
    if told is None:
        return None
    leaves = tuple(int(one) for one in told["leaves"])
    return ModelFacts(ModelKind(told["kind"]), found["members"], int(told["parameters"]), leaves)


def _judged(
    found: Mapping[str, Any], facts: ModelFacts | None, policy: DisclosurePolicy
) -> Iterator[Tried]:
    sizes = {"members": int(found["members"]), "others": int(found["others"])}
    for attack in (Attack.MEMBERSHIP, Attack.LIRA, Attack.ATTRIBUTE):
        is_area = model_trials.limit_of(attack, others=sizes["others"]) is model_trials.LIRA_AREA
        told = found.get("lira_area" if is_area else attack.value, _NO_RECIPE)
        if isinstance(told, str):
            yield model_trials.not_tried(attack, plain(told).rstrip("."))
        else:
            value, low, high = told
            yield model_trials.judged(attack, value=value, low=low, high=high, **sizes)
    if facts is None:
        yield model_trials.not_tried(Attack.STRUCTURAL, _NO_RECIPE)
    else:
        yield model_trials.of_structure(facts, policy)


def keep(trial: ModelTrial, folder: Path) -> Path:
    """Keep a trial in the zone, under the digest of its model; return its file."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    path = _place(folder, trial.model)
    durable.write(path, json.dumps(codec.encode(trial), indent=2).encode())
    return path


def kept(folder: Path) -> Mapping[str, ModelTrial]:
    """Return the trials of a zone by the digest of their model; a damaged one is as none."""
    found = {}
    for path in sorted(folder.glob("*.json")):
        try:
            trial: ModelTrial = codec.decode(json.loads(path.read_bytes()), ModelTrial)
        except (Malformed, InvalidInput, ValueError):
            continue
        if path == _place(folder, trial.model):
            found[trial.model] = trial
    return found


def _place(folder: Path, digest: str) -> Path:
    return folder / f"{digest.removeprefix('sha256:')}.json"
