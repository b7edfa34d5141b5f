"""A model on its way out: attacked in the sandbox, judged, and let to the checkers or blocked.

The order of four models on Wisconsin's breast cancer data with 20 % of outcomes turned is that
which was published for SACRO-ML's attacks: a logistic regression and a pruned forest tell little, a
full tree more, a full forest most.
"""

import hashlib
from pathlib import Path

import numpy as np
import pytest

from ecluse.data.disclosure import check_outputs
from ecluse.data.evaluation.privacy import structure
from ecluse.data.evaluation.privacy.trials import Persons, attack_model, keep, kept
from ecluse.data.evaluation.running.plans import RunPlan
from ecluse.domain.disclosure import DisclosurePolicy, ModelKind
from ecluse.domain.disclosure.model_trials import (
    ModelTrial,
    ModelVerdict,
    Tried,
    judged,
    not_tried,
)
from ecluse.domain.documents import FileVerdict, Verdict
from ecluse.domain.errors import InvalidInput
from ecluse.domain.evaluations.analysis import Attack
from ecluse.domain.evaluations.parts import ModelFormat
from tests.attacks.sandboxes import needs_bubblewrap
from tests.model_files import PROBABILITY, UID, plan, sigmoid, table

sklearn = pytest.importorskip("sklearn", reason="the extra `evaluation` is not installed")
io = pytest.importorskip("skops.io", reason="the extra `evaluation` is not installed")
skl2onnx = pytest.importorskip("skl2onnx", reason="skl2onnx is not installed")

from sklearn.datasets import load_breast_cancer  # noqa: E402 - once it is there
from sklearn.ensemble import RandomForestClassifier  # noqa: E402
from sklearn.linear_model import LogisticRegression  # noqa: E402
from sklearn.neighbors import KNeighborsClassifier  # noqa: E402
from sklearn.pipeline import make_pipeline  # noqa: E402
from sklearn.preprocessing import StandardScaler  # noqa: E402
from sklearn.svm import SVC  # noqa: E402
from sklearn.tree import DecisionTreeClassifier  # noqa: E402

POLICY = DisclosurePolicy()
NAMES = tuple(f"f{number}" for number in range(30))
MEMBERSHIP, LIRA = Attack.MEMBERSHIP, Attack.LIRA


class Cancer:
    """569 persons, a fifth of their outcomes turned, half of them the members."""

    def __init__(self) -> None:
        rows, outcomes = load_breast_cancer(return_X_y=True)
        draw = np.random.default_rng(0)
        turned = np.where(draw.random(outcomes.size) < 0.2, 1 - outcomes, outcomes)
        order = draw.permutation(outcomes.size)
        self.members = rows[order[:285]], turned[order[:285]]
        self.others = rows[order[285:]], turned[order[285:]]

    def written(self, folder: Path) -> Persons:
        paths = []
        for name, (rows, outcomes) in (("members", self.members), ("others", self.others)):
            columns = dict(zip(NAMES, rows.T, strict=True))
            columns |= {"case": np.arange(len(rows)), "ill": outcomes}
            paths.append(table(folder / f"{name}.parquet", columns))
        return Persons(paths[0], paths[1], "ill")


CANCER = Cancer()
MODELS = {
    "logistic": make_pipeline(StandardScaler(), LogisticRegression()),
    "pruned forest": RandomForestClassifier(60, min_samples_leaf=20, random_state=0),
    "tree": DecisionTreeClassifier(random_state=0),
    "forest": RandomForestClassifier(60, random_state=0),
}


def asked(format_: ModelFormat) -> RunPlan:
    return plan(format_, features=NAMES, answer=PROBABILITY)


def tried(folder: Path, estimator: object) -> ModelTrial:
    io.dump(estimator, folder / "m.skops")
    return attack_model(
        asked(ModelFormat.SKOPS),
        model=folder / "m.skops",
        persons=CANCER.written(folder),
        policy=POLICY,
        work=folder / "work",
        uid=UID,
    )


def value(trial: ModelTrial, attack: Attack) -> float:
    (found,) = (one for one in trial.attacks if one.attack is attack)
    return float(found.value)


@needs_bubblewrap
def test_a_logistic_and_a_pruned_forest_tell_less_than_a_tree_and_a_tree_than_a_forest(
    tmp_path: Path,
) -> None:
    trials = {name: tried(tmp_path, model.fit(*CANCER.members)) for name, model in MODELS.items()}
    areas = {name: value(trial, MEMBERSHIP) for name, trial in trials.items()}

    assert areas["logistic"] < areas["pruned forest"] < areas["tree"] < areas["forest"]
    assert areas["pruned forest"] < 0.60 < areas["tree"] < 0.75 < areas["forest"]
    assert {name: trial.verdict for name, trial in trials.items()} == {
        "logistic": ModelVerdict.PASS,
        "pruned forest": ModelVerdict.PASS,
        "tree": ModelVerdict.REFUSE,
        "forest": ModelVerdict.REFUSE,
    }
    ratios = {name: value(trial, LIRA) for name, trial in trials.items()}
    assert ratios["logistic"] < ratios["pruned forest"] < ratios["tree"] < ratios["forest"]
    assert ratios["logistic"] < 0.65
    assert ratios["forest"] > 0.85


@needs_bubblewrap
def test_a_graph_is_attacked_with_the_estimator_it_was_exported_from_and_refused_without(
    tmp_path: Path,
) -> None:
    model = MODELS["logistic"].fit(*CANCER.members)
    sample = CANCER.members[0][:1].astype(np.float32)
    graph = skl2onnx.to_onnx(model, sample, target_opset=17)
    (tmp_path / "m.onnx").write_bytes(graph.SerializeToString())
    io.dump(model, tmp_path / "recipe.skops")
    other = make_pipeline(StandardScaler(), LogisticRegression(C=0.01)).fit(*CANCER.members)
    io.dump(other, tmp_path / "other.skops")
    persons = CANCER.written(tmp_path)

    def attacked(recipe: str | None) -> ModelTrial:
        return attack_model(
            asked(ModelFormat.ONNX),
            model=tmp_path / "m.onnx",
            persons=persons,
            policy=POLICY,
            work=tmp_path / "work",
            uid=UID,
            recipe=tmp_path / recipe if recipe else None,
        )

    alone, whole = attacked(None), attacked("recipe.skops")

    assert alone.verdict is ModelVerdict.REFUSE
    assert [one.attack for one in alone.attacks if not one.value and one.verdict != "pass"] == [
        Attack.LIRA,
        Attack.STRUCTURAL,
    ]
    assert (whole.verdict, whole.kind) == (ModelVerdict.PASS, ModelKind.LINEAR)
    with pytest.raises(InvalidInput, match="The recipe answers"):
        attacked("other.skops")


@pytest.mark.parametrize(
    ("estimator", "kind"),
    [
        (KNeighborsClassifier(), ModelKind.NEIGHBOURS),
        (SVC(), ModelKind.SUPPORT_VECTORS),
        (make_pipeline(StandardScaler(), SVC()), ModelKind.SUPPORT_VECTORS),
    ],
)
def test_what_keeps_rows_is_known_by_its_structure(estimator: object, kind: ModelKind) -> None:
    fitted = estimator.fit(*CANCER.members)  # type: ignore[attr-defined]  # any estimator

    assert structure.facts_of(fitted, CANCER.members[0]).kind is kind


def test_leaves_and_parameters_of_a_tree_are_counted_over_the_persons() -> None:
    """Cut at 2.5: leaves of 2 and 3 persons; one inner node (2 numbers), two leaves (1 each)."""
    rows = np.array([[1.0], [2.0], [3.0], [4.0], [5.0]])
    model = DecisionTreeClassifier(max_depth=1).fit(rows, [0, 0, 1, 1, 1])

    facts = structure.facts_of(model, rows)

    assert (sorted(facts.leaves), facts.parameters, facts.kind) == ([2, 3], 4, ModelKind.TREE)


# --- The second gate ------------------------------------------------------------------------------


def passed(attack: Attack) -> Tried:
    return Tried(attack, "0.01", "0.0", "0.02", ModelVerdict.PASS, f"{attack}: little")


def trial_of(data: bytes, *attacks: Tried) -> ModelTrial:
    digest = f"sha256:{hashlib.sha256(data).hexdigest()}"
    return ModelTrial(digest, ModelKind.LINEAR, 200, 200, attacks)


ALL = tuple(passed(attack) for attack in Attack)


def checked(folder: Path, name: str, data: bytes, *trials: ModelTrial) -> FileVerdict:
    (folder / name).write_bytes(data)
    known = {one.model: one for one in trials}
    (verdict,) = check_outputs([(name, folder / name)], {}, POLICY, trials=known)
    return verdict


def test_a_model_with_its_trial_goes_to_the_checkers_with_what_attacks_told(
    tmp_path: Path,
) -> None:
    found = checked(tmp_path, "m.onnx", sigmoid(), trial_of(sigmoid(), *ALL))

    assert found.verdict is Verdict.REVIEW
    assert [one.rule for one in found.findings] == ["M2"]
    assert "membership: little" in found.findings[0].explanation


def test_one_byte_more_and_the_trial_is_of_another_model(tmp_path: Path) -> None:
    found = checked(tmp_path, "m.onnx", sigmoid() + b"\0", trial_of(sigmoid(), *ALL))

    assert found.verdict is Verdict.BLOCKED


@pytest.mark.parametrize(
    "attacks",
    [
        ALL[:3],
        (),
        (*ALL[:3], not_tried(Attack.STRUCTURAL, "no recipe")),
        (
            *ALL[1:],
            judged(MEMBERSHIP, value="0.69", low="0.6", high="0.8", members=285, others=284),
        ),
    ],
)
def test_a_model_that_an_attack_tells_of_or_that_was_not_attacked_by_all_is_blocked(
    tmp_path: Path, attacks: tuple[Tried, ...]
) -> None:
    found = checked(tmp_path, "m.onnx", sigmoid(), trial_of(sigmoid(), *attacks))

    assert found.verdict is Verdict.BLOCKED
    assert {one.rule for one in found.findings} == {"R18"}


def test_a_trial_lets_no_other_type_of_file_out(tmp_path: Path) -> None:
    data = b"weights"

    assert checked(tmp_path, "m.pkl", data, trial_of(data, *ALL)).verdict is Verdict.BLOCKED
    assert checked(tmp_path, "m.h5", data, trial_of(data, *ALL)).verdict is Verdict.BLOCKED


def test_an_attack_on_few_persons_proves_nothing() -> None:
    few = judged(MEMBERSHIP, value="0.5", low="0.4", high="0.6", members=40, others=300)

    assert few.verdict is ModelVerdict.REFUSE


def test_limits_are_those_named_and_lira_must_be_proven() -> None:
    sizes = {"members": 500, "others": 1000}

    found = [
        judged(MEMBERSHIP, value=value, low="0.4", high="0.9", **sizes).verdict
        for value in ("0.60", "0.61", "0.70", "0.71")
    ]
    area = judged(LIRA, value="0.7", low="0.66", high="0.8", members=500, others=999)
    proven = [
        judged(LIRA, value="0.02", low=low, high="0.9", **sizes).verdict
        for low in ("0.01", "0.02", "0.06")
    ]

    assert found == [
        ModelVerdict.PASS,
        ModelVerdict.NEEDS_PROTECTION,
        ModelVerdict.NEEDS_PROTECTION,
        ModelVerdict.REFUSE,
    ]
    assert area.verdict is ModelVerdict.NEEDS_PROTECTION
    assert proven == [ModelVerdict.PASS, ModelVerdict.NEEDS_PROTECTION, ModelVerdict.REFUSE]


def test_a_trial_is_kept_under_the_digest_of_its_model_and_a_moved_or_cut_one_is_none(
    tmp_path: Path,
) -> None:
    first, second = trial_of(b"1", *ALL), trial_of(b"2", *ALL)
    path = keep(first, tmp_path)
    moved = keep(second, tmp_path)
    moved.rename(tmp_path / f"{'0' * 64}.json")
    assert kept(tmp_path) == {first.model: first}
    path.write_bytes(path.read_bytes()[:-9])

    assert kept(tmp_path) == {}
