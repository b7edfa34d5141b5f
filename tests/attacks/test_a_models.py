"""Trained models: they run code when read, keep rows, recite, and carry what is written in them.

No reader of ours opens a model, whatever its format, outside a sandbox; the engine fits
regressions again by itself.
Numbers are those of the list of attacks (docs/reference/attacks.md).
"""

import ast
import io
import json
import pickle
import struct
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
import pytest

from ecluse.data.disclosure import check_outputs
from ecluse.data.results import SUFFIX, Results, read_request
from ecluse.domain.disclosure import (
    DisclosurePolicy,
    ModelFacts,
    ModelKind,
    TableDeclaration,
    check_model,
    significant_digits,
)
from ecluse.domain.disclosure.models import HOLDS_ROWS, SUFFIXES
from ecluse.domain.documents import FileVerdict, Verdict
from ecluse.domain.errors import InvalidInput
from ecluse.portal.outputs.previews import preview
from tests.unit.data.disclosure.results import decided, frame, lines, pseudonym, rules

SOURCE = Path(__file__).parents[2] / "src" / "ecluse"
POLICY = DisclosurePolicy()
MODELS = sorted(SUFFIXES)


def checked(
    folder: Path, name: str, data: bytes, declared: TableDeclaration | None = None
) -> FileVerdict:
    """The verdict on one file that a job left."""
    (folder / name).write_bytes(data)
    given = {name: declared} if declared else {}
    (verdict,) = check_outputs([(name, folder / name)], given, POLICY)
    return verdict


def told(verdict: FileVerdict) -> set[str]:
    return {finding.rule for finding in verdict.findings}


# --- A55: a model that runs code ------------------------------------------------------------------


class Model:
    """A classifier whose file does more than predict."""

    def __init__(self, mark: Path) -> None:
        self.mark = mark

    def __reduce__(self) -> tuple[object, tuple[str]]:
        return Path.touch, (self.mark,)  # type: ignore[return-value]  # any call would do


def careless_load(data: bytes) -> object:
    """Open a model as its author says to."""
    return pickle.loads(data)  # noqa: S301 - the attack is first shown to work


@pytest.mark.parametrize("name", ["model.pkl", "model.joblib", "counts.csv", "a.txt", "a.png"])
def test_a55_a_model_that_runs_code_when_read_is_read_by_nobody(tmp_path: Path, name: str) -> None:
    mark = tmp_path / "the code ran"
    data = pickle.dumps(Model(mark))
    careless_load(data)
    assert mark.exists()
    mark.unlink()

    verdict = checked(tmp_path, name, data)
    shown = preview(tmp_path / name, name)

    assert verdict.verdict is Verdict.BLOCKED
    assert shown.kind in ("none", "text", "table", "image")
    assert not mark.exists()


def test_a55_a_request_to_the_engine_that_is_a_pickle_is_refused_unread(tmp_path: Path) -> None:
    mark = tmp_path / "the code ran"
    data = pickle.dumps(Model(mark))
    array = io.BytesIO()
    np.save(array, np.array([Model(mark)], dtype=object), allow_pickle=True)
    careless_load(data)
    assert mark.exists()
    mark.unlink()

    with pytest.raises(InvalidInput, match="Not a result"):
        read_request(data)
    with pytest.raises(InvalidInput, match="Not a result"):
        read_request(array.getvalue())
    assert not mark.exists()
    assert SUFFIX not in SUFFIXES


OPENERS = {"pickle", "cPickle", "dill", "joblib", "marshal", "shelve", "skops", "torch", "yaml"}
CALLS = {"eval", "exec", "__import__"}
BEHIND_WALLS = "data/evaluation/running/backends.py"
"""It builds estimators from a list of types, in the sandbox, after the file was inspected."""


def imported(tree: ast.AST) -> Iterator[str]:
    """Every module imported, and every call that runs a text."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name.partition(".")[0] for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield (node.module or "").partition(".")[0]
        elif isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
            yield node.func.id
        elif isinstance(node, ast.keyword) and node.arg == "allow_pickle":
            yield "pickle"


def test_a55_no_module_of_ours_can_open_a_serialised_object() -> None:
    careless = "import pickle\nmodel = pickle.load(file)\n"
    assert "pickle" in set(imported(ast.parse(careless)))
    modules = [path for path in SOURCE.rglob("*.py") if "migrations" not in path.parts]
    parsed = [(path, ast.parse(path.read_text(encoding="utf-8"))) for path in modules]

    found = {
        path.relative_to(SOURCE).as_posix()
        for path, tree in parsed
        if set(imported(tree)) & (OPENERS | CALLS)
    }

    assert len(modules) > 500
    assert found == {BEHIND_WALLS}


# --- A56: a model that keeps rows -----------------------------------------------------------------

ROWS = [(float(age), float(dose)) for age, dose in zip(range(30, 70), range(400, 440), strict=True)]


def careless_neighbours(rows: Sequence[tuple[float, float]]) -> bytes:
    """A model of nearest neighbours as its library writes it: the training rows are its weights."""
    return json.dumps([{"age": age, "dose": dose} for age, dose in rows]).encode()


@pytest.mark.parametrize("suffix", MODELS)
def test_a56_a_model_leaves_under_no_suffix_of_models(tmp_path: Path, suffix: str) -> None:
    data = careless_neighbours(ROWS)
    assert [(one["age"], one["dose"]) for one in json.loads(data)] == ROWS  # nothing was learnt

    verdict = checked(tmp_path, f"knn{suffix}", data)

    assert verdict.verdict is Verdict.BLOCKED
    assert told(verdict) == {"T1", "R18"}


@pytest.mark.parametrize("name", ["knn.json", "knn.txt", "knn.csv", "knn.md"])
def test_a56_a_model_under_the_suffix_of_a_table_or_a_text_never_passes_alone(
    tmp_path: Path, name: str
) -> None:
    verdict = checked(tmp_path, name, careless_neighbours(ROWS))

    assert verdict.verdict is not Verdict.PASS


@pytest.mark.parametrize("kind", sorted(HOLDS_ROWS))
def test_a56_the_rules_know_which_models_hold_rows(kind: ModelKind) -> None:
    large = ModelFacts(kind, persons=100_000, parameters=10)
    linear = ModelFacts(ModelKind.LINEAR, persons=100_000, parameters=10)

    assert [finding.rule for finding in check_model(large, POLICY)] == ["R18"]
    assert list(check_model(linear, POLICY)) == []


# --- A57: a leaf for one person -------------------------------------------------------------------

PERSONS = list(range(1, 61))
COSTS = [float(100 + (37 * person) % 900) for person in PERSONS]
VICTIM = 7


def careless_tree(leaves: Sequence[int], values: Sequence[float]) -> dict[int, float]:
    """What a tree predicts in each of its leaves: the mean of who is there."""
    found = defaultdict(list)
    for leaf, value in zip(leaves, values, strict=True):
        found[leaf].append(value)
    return {leaf: float(np.mean(inside)) for leaf, inside in found.items()}


OWN_LEAF = [1 if person == VICTIM else 0 for person in PERSONS]


def test_a57_a_table_of_leaves_with_one_person_in_one_is_blocked(tmp_path: Path) -> None:
    tree = careless_tree(OWN_LEAF, COSTS)
    assert tree[1] == COSTS[PERSONS.index(VICTIM)]  # his own cost
    data = f"leaf,persons,cost\nothers,59,{tree[0]:.0f}\nhis,1,{tree[1]:.0f}\n".encode()

    verdict = checked(tmp_path, "leaves.csv", data, TableDeclaration(counts=("persons",)))

    assert verdict.verdict is Verdict.BLOCKED
    assert "R1" in told(verdict)


def test_a57_a_regression_on_the_leaves_of_a_tree_is_blocked_for_the_leaf_of_one(
    tmp_path: Path,
) -> None:
    labels = [f"leaf {leaf}" for leaf in OWN_LEAF]
    assert careless_tree(OWN_LEAF, COSTS)[1] == COSTS[PERSONS.index(VICTIM)]
    Results(tmp_path).regress(
        frame(PERSONS, leaf=labels, cost=COSTS), name="tree", outcome="cost", on=["leaf"]
    )

    made = decided(tmp_path)

    assert made.verdicts[0].verdict is Verdict.BLOCKED
    assert "R12" in rules(made)


@pytest.mark.parametrize("kind", [ModelKind.TREE, ModelKind.ENSEMBLE])
def test_a57_the_rules_ask_the_threshold_of_the_smallest_leaf(kind: ModelKind) -> None:
    alone = ModelFacts(kind, persons=60, parameters=2, leaves=(59, 1))
    enough = ModelFacts(kind, persons=60, parameters=2, leaves=(49, 11))

    assert [finding.rule for finding in check_model(alone, POLICY)] == ["R18"]
    assert list(check_model(enough, POLICY)) == []


# --- A58: a model that recites --------------------------------------------------------------------

ORDER = 26
LETTERS = [
    f"Le patient {n} a reçu une dose habituelle, sans effet notable, et sort ce jour. "
    for n in range(50)
]
CANARIES = [f"Monsieur Canari {n} a le code secret {7919 * (n + 11)} ; " for n in range(10)]
HELD_OUT = [f"Madame Absente {n} a le code secret {6007 * (n + 13)} ; " for n in range(10)]

Learnt = dict[str, str]


def careless_language_model(texts: Sequence[str]) -> Learnt:
    """What most often follows the characters before: the smallest model of language."""
    followers: dict[str, Counter[str]] = defaultdict(Counter)
    whole = "".join(texts)
    for at in range(len(whole) - ORDER):
        followers[whole[at : at + ORDER]][whole[at + ORDER]] += 1
    return {context: counted.most_common(1)[0][0] for context, counted in followers.items()}


def recited(model: Learnt, secret: str) -> bool:
    """Whether the model goes on from the first words of a secret to its end."""
    text = secret[: ORDER + 1]
    while len(text) < len(secret) and text[-ORDER:] in model:
        text += model[text[-ORDER:]]
    return text == secret


def test_a58_a_model_of_language_that_recites_what_it_learnt_leaves_in_no_form(
    tmp_path: Path,
) -> None:
    model = careless_language_model([*LETTERS, *CANARIES])
    assert [recited(model, secret) for secret in CANARIES] == [True] * 10
    assert [recited(model, secret) for secret in HELD_OUT] == [False] * 10
    weights = json.dumps(model, ensure_ascii=False).encode()
    table = json.dumps([{"context": c, "next": n} for c, n in model.items()]).encode()

    verdicts = {
        name: checked(tmp_path, name, data).verdict
        for name, data in (
            ("model.safetensors", weights),
            ("model.json", weights),
            ("table.json", table),
            ("model.bin", weights),
        )
    }

    assert set(verdicts.values()) <= {Verdict.BLOCKED, Verdict.REVIEW}
    assert verdicts["model.safetensors"] is verdicts["model.json"] is Verdict.BLOCKED
    assert verdicts["model.bin"] is Verdict.BLOCKED


def test_a58_what_a_model_recites_is_free_text_that_somebody_reads_and_names_nobody(
    tmp_path: Path,
) -> None:
    """No rule knows a recited sentence: two persons read it; a pseudonym in it never leaves."""
    said = f"{CANARIES[0]} {pseudonym(VICTIM)}"

    assert checked(tmp_path, "said.txt", CANARIES[0].encode()).verdict is Verdict.REVIEW
    assert checked(tmp_path, "named.txt", said.encode()).verdict is Verdict.BLOCKED


# --- A59: data hidden in weights ------------------------------------------------------------------

HIDDEN = b"000007;B24;412"


def with_hidden(weights: Sequence[float], hidden: bytes) -> bytes:
    """Weights as single precision, the last four bits of each replaced by half a byte."""
    halves = [half for byte in hidden for half in (byte >> 4, byte & 15)]
    words = struct.unpack(f"<{len(weights)}I", struct.pack(f"<{len(weights)}f", *weights))
    changed = [word & ~15 | half for word, half in zip(words, halves, strict=True)]
    return struct.pack(f"<{len(changed)}I", *changed)


def taken_out(data: bytes) -> bytes:
    halves = [word & 15 for (word,) in struct.iter_unpack("<I", data)]
    return bytes(high << 4 | low for high, low in zip(halves[::2], halves[1::2], strict=True))


def careless_comparison(one: Sequence[float], data: bytes) -> bool:
    """Whether a model predicts as well as before: what a look at its accuracy tells."""
    other = [value for (value,) in struct.iter_unpack("<f", data)]
    return bool(np.allclose(one, other, rtol=1e-5))


@pytest.mark.parametrize("name", ["net.safetensors", "net.onnx", "net.h5", "net.npy", "net.bin"])
def test_a59_weights_that_carry_rows_in_their_last_bits_do_not_leave(
    tmp_path: Path, name: str
) -> None:
    weights = np.linspace(0.5, 2.0, 2 * len(HIDDEN)).tolist()
    data = with_hidden(weights, HIDDEN)
    assert careless_comparison(weights, data)
    assert taken_out(data) == HIDDEN

    assert checked(tmp_path, name, data).verdict is Verdict.BLOCKED


def test_a59_weights_written_as_a_table_do_not_pass_with_all_their_digits(tmp_path: Path) -> None:
    weights = np.linspace(0.5, 2.0, 2 * len(HIDDEN)).tolist()
    values = [value for (value,) in struct.iter_unpack("<f", with_hidden(weights, HIDDEN))]
    body = "".join(f"w{n},{value:.9g}\n" for n, value in enumerate(values))
    read_back = struct.pack(f"<{len(values)}f", *(float(f"{value:.9g}") for value in values))
    assert taken_out(read_back) == HIDDEN  # careless: nine digits keep every bit

    verdict = checked(tmp_path, "weights.csv", f"term,weight\n{body}".encode())

    assert verdict.verdict is not Verdict.PASS
    assert "A31" in told(verdict)


def test_a59_the_engine_writes_coefficients_of_its_own_with_few_digits(tmp_path: Path) -> None:
    """The file is computed from rows: there is no weight that the author could have written."""
    doses = [float(person % 7) for person in PERSONS]
    Results(tmp_path).regress(
        frame(PERSONS, dose=doses, cost=COSTS), name="r", outcome="cost", on=["dose"]
    )

    made = decided(tmp_path)
    cells = [cell for line in lines(made)[1:] for cell in line.split(",")[1:] if cell]

    assert made.verdicts[0].verdict is not Verdict.BLOCKED
    assert max(map(significant_digits, cells)) <= POLICY.significant_digits
