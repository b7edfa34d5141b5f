"""A model brought to be evaluated attacks the machine, the data or the report.

Each attack is first shown to work where the control is not. Numbers are those of the list of
attacks (docs/reference/attacks.md).
"""

import json
import pickle
from pathlib import Path

import numpy as np
import pytest

from ecluse.data.enclave.programs import walled
from ecluse.data.evaluation.running import answers, onnx_files, skops_files
from ecluse.data.evaluation.running.answers import State
from ecluse.data.evaluation.running.plans import Answer, AnswerKind
from ecluse.data.evaluation.running.sniffing import check_content
from ecluse.domain.errors import EcluseError, InvalidInput, JobFailed
from ecluse.domain.evaluations.parts import ModelFormat
from tests.attacks.sandboxes import Outside, needs_bubblewrap
from tests.model_files import (
    archive,
    bundle,
    cases,
    graph,
    node,
    onnx,
    plan,
    run,
    sigmoid,
    weight,
)

ONNX, SKOPS, SERVICE = ModelFormat.ONNX, ModelFormat.SKOPS, ModelFormat.SERVICE


# --- A64: a pickle in disguise --------------------------------------------------------------------


class Payload:
    """An object that runs code of its author's when a pickle of it is read."""

    def __init__(self, mark: Path) -> None:
        self.mark = mark

    def __reduce__(self) -> tuple[object, tuple[object, ...]]:
        return Path.touch, (self.mark,)


def ran(data: bytes, mark: Path) -> bool:
    """Whether a careless reader of these bytes runs their author's code."""
    pickle.loads(data)  # noqa: S301 - the attack is first shown to work
    happened = mark.exists()
    mark.unlink(missing_ok=True)
    return happened


@pytest.mark.parametrize("protocol", range(6))
@pytest.mark.parametrize(("name", "format_"), [("m.onnx", ONNX), ("m.skops", SKOPS)])
def test_a64_a_pickle_named_as_a_model_is_never_read(
    tmp_path: Path, protocol: int, name: str, format_: ModelFormat
) -> None:
    mark = tmp_path / "the code ran"
    data = pickle.dumps(Payload(mark), protocol)
    assert ran(data, mark)
    (tmp_path / name).write_bytes(data)

    with pytest.raises(InvalidInput, match="is a pickle"):
        check_content(tmp_path / name, format_)
    assert not mark.exists()


def test_a64_a_pickle_inside_a_skops_archive_is_never_read(tmp_path: Path) -> None:
    mark = tmp_path / "the code ran"
    data = pickle.dumps(Payload(mark))
    assert ran(data, mark)
    path = tmp_path / "m.skops"
    path.write_bytes(archive({"schema.json": b"{}", "weights.npy": data}))

    with pytest.raises(InvalidInput, match="holds a pickle"):
        skops_files.inspect(path)
    assert not mark.exists()


def test_a64_an_array_of_objects_is_a_pickle(tmp_path: Path) -> None:
    mark = tmp_path / "the code ran"
    np.save(tmp_path / "o.npy", np.array([Payload(mark)], dtype=object), allow_pickle=True)
    np.load(tmp_path / "o.npy", allow_pickle=True)
    assert mark.exists()
    mark.unlink()
    path = tmp_path / "m.skops"
    path.write_bytes(archive({"schema.json": b"{}", "o.npy": (tmp_path / "o.npy").read_bytes()}))

    with pytest.raises(InvalidInput, match="holds objects"):
        skops_files.inspect(path)
    assert not mark.exists()


CALL = {
    "__class__": "system",
    "__module__": "os",
    "__loader__": "FunctionNode",
    "content": {"module_path": "os", "function": "system"},
}
READERS = [
    CALL,
    {"__class__": "methodcaller", "__module__": "operator", "__loader__": "OperatorFuncNode"},
    {"__class__": "partial", "__module__": "functools", "__loader__": "PartialNode"},
    {"__class__": "Popen", "__module__": "subprocess", "__loader__": "ObjectNode"},
    {"__class__": "system", "__module__": "os", "__loader__": "TypeNode"},
    {"__class__": "Path", "__module__": "pathlib", "__loader__": "ConstructorFromReduceNode"},
    # A type of the list, by a reader that calls a method of it.
    {"__class__": "Pipeline", "__module__": "sklearn.pipeline", "__loader__": "MethodNode"},
    {"__class__": "dict", "__module__": "builtins", "__loader__": "PartialNode"},
]


@pytest.mark.parametrize("node_", READERS)
def test_a64_a_schema_that_reaches_for_code_is_refused_wherever_it_hides(
    tmp_path: Path, node_: dict[str, object]
) -> None:
    outer = {
        "__class__": "Pipeline",
        "__module__": "sklearn.pipeline",
        "__loader__": "ObjectNode",
        "content": {"content": [{"steps": node_}]},
    }
    path = tmp_path / "m.skops"
    path.write_bytes(archive({"schema.json": json.dumps(outer).encode()}))

    with pytest.raises(InvalidInput, match=r"reaches for code|not on the list"):
        skops_files.inspect(path)


# --- A65: files beside the model, operators of its own --------------------------------------------


def outside_file(path: Path, target: Path) -> Path:
    """A model whose weights are the bytes of any file of the machine."""
    tensor = weight("w", np.zeros(target.stat().st_size // 4, np.float32))
    tensor.ClearField("raw_data")
    tensor.data_location = onnx.TensorProto.EXTERNAL
    tensor.external_data.add(key="location", value=target.name)
    add = node("Add", "x", "first")
    first = node("ReduceMax", "w", to="first", keepdims=0)
    path.write_bytes(graph([first, add], weights=[tensor]))
    return path


def test_a65_a_model_that_names_a_file_of_the_machine_does_not_read_it(tmp_path: Path) -> None:
    secret = tmp_path / "secret.bin"
    secret.write_bytes(np.array([41.5], np.float32).tobytes())
    path = outside_file(tmp_path / "m.onnx", secret)
    read = onnx.load(path)  # as its documentation says to
    assert onnx.numpy_helper.to_array(read.graph.initializer[0]).tolist() == [41.5]

    with pytest.raises(InvalidInput, match="names files beside it"):
        onnx_files.inspect(path)


def test_a65_external_data_in_a_constant_inside_a_branch_is_found(tmp_path: Path) -> None:
    tensor = weight("c", np.zeros(1, np.float32))
    tensor.external_data.add(key="location", value="/etc/passwd")
    inner = onnx.helper.make_graph(
        [onnx.helper.make_node("Constant", [], ["z"], value=tensor)],
        "branch",
        [],
        [onnx.helper.make_tensor_value_info("z", onnx.TensorProto.FLOAT, [1])],
    )
    branch = node("If", "x", then_branch=inner, else_branch=inner)
    (tmp_path / "m.onnx").write_bytes(graph([branch]))

    with pytest.raises(InvalidInput, match="names files beside it"):
        onnx_files.inspect(tmp_path / "m.onnx")


CUSTOM = [
    (graph([node("Shell", "x", domain="evil.ops")], opsets=[("", 17)]), "of “evil.ops”"),
    (graph([node("Sigmoid", "x")], opsets=[("", 17), ("evil.ops", 1)]), "not of the standard"),
    (graph([node("Shell", "x")]), "no operator “Shell”"),
    (graph([node("RandomNormalLike", "x")]), "draws at random"),
]


@pytest.mark.parametrize(("data", "told"), CUSTOM)
def test_a65_an_operator_of_ones_own_is_refused_by_its_name(
    tmp_path: Path, data: bytes, told: str
) -> None:
    (tmp_path / "m.onnx").write_bytes(data)

    with pytest.raises(InvalidInput, match=told):
        onnx_files.inspect(tmp_path / "m.onnx")


@needs_bubblewrap
def test_a65_what_was_refused_inside_the_sandbox_is_told_outside(tmp_path: Path) -> None:
    model = tmp_path / "m.onnx"
    model.write_bytes(CUSTOM[0][0])

    with pytest.raises(InvalidInput, match="an operator of one's own is code"):
        run(tmp_path, model, cases(tmp_path, [0.0]), plan(ONNX))


# --- A66: a model that swells ---------------------------------------------------------------------


def test_a66_an_archive_that_unpacks_a_thousand_times_larger_is_not_opened(tmp_path: Path) -> None:
    path = tmp_path / "m.skops"
    bomb = archive({"schema.json": b"{}", "w.npy": bytes(50_000_000)}, compressed=True)
    path.write_bytes(bomb)
    assert len(bomb) < 100_000

    with pytest.raises(InvalidInput, match="unpacks"):
        skops_files.inspect(path)


def test_a66_a_sparse_matrix_that_is_an_archive_inside_the_archive_is_looked_into(
    tmp_path: Path,
) -> None:
    inner = archive({"data.npy": bytes(50_000_000)}, compressed=True)
    path = tmp_path / "m.skops"
    path.write_bytes(archive({"schema.json": b"{}", "w.npz": inner}))

    with pytest.raises(InvalidInput, match="A matrix unpacks"):
        skops_files.inspect(path)


def test_a66_a_tensor_that_announces_more_than_it_holds_is_refused(tmp_path: Path) -> None:
    tensor = weight("w", np.zeros(2, np.float32))
    tensor.dims[0] = 40_000_000
    (tmp_path / "m.onnx").write_bytes(graph([node("Add", "x", "w")], weights=[tensor]))

    with pytest.raises(InvalidInput, match="announces 40000000 numbers and 2 are there"):
        onnx_files.inspect(tmp_path / "m.onnx")


SWELLING = graph(
    [node("ConstantOfShape", "shape", to="big"), node("ReduceSum", "big", to="sum", keepdims=0),
     node("Add", "x", "sum")],
    weights=[weight("shape", np.array([100_000, 100_000], np.int64))],
)  # fmt: skip


def test_a66_a_constant_shape_of_ten_billion_numbers_is_refused(tmp_path: Path) -> None:
    (tmp_path / "m.onnx").write_bytes(SWELLING)
    assert len(SWELLING) < 1000

    with pytest.raises(InvalidInput, match="out of a few bytes"):
        onnx_files.inspect(tmp_path / "m.onnx")


@needs_bubblewrap
def test_a66_a_size_that_is_computed_from_a_case_fails_that_case_alone(tmp_path: Path) -> None:
    """No inspection can know it: the walls hold, and the case is counted as failed."""
    nodes = [
        onnx.helper.make_node("Cast", ["x"], ["whole"], to=onnx.TensorProto.INT64),
        node("Squeeze", "whole", "last", to="size"),
        node("ConstantOfShape", "size", to="big"),
        node("ReduceSum", "big", to="sum", keepdims=0),
        node("Add", "x", "sum"),
    ]
    (tmp_path / "m.onnx").write_bytes(
        graph(nodes, weights=[weight("last", np.array([1], np.int64))])
    )
    onnx_files.inspect(tmp_path / "m.onnx")

    ended = run(
        tmp_path,
        tmp_path / "m.onnx",
        cases(tmp_path, [1.0, 3e9]),
        plan(ONNX, answer=Answer(kind=AnswerKind.NUMBER, high=10.0)),
    )

    assert ended.answers.states.tolist() == [State.ANSWERED, State.FAILED]
    assert ended.answers.failures() == {"failed": 1}


# --- A67: answers that carry inputs ---------------------------------------------------------------

AGES = [34.0, 61.0, 87.0, 52.0]


def test_a67_digits_under_the_precision_of_the_plan_carry_nothing() -> None:
    hidden = np.array([0.25 + age * 1e-9 for age in AGES])
    assert np.round((hidden - 0.25) * 1e9).tolist() == AGES  # careless: every digit is kept

    judged = answers.judge(hidden, np.zeros(4, np.uint8), Answer(kind=AnswerKind.PROBABILITY))

    assert judged.values.tolist() == [0.25] * 4


def test_a67_a_plan_whose_answers_could_hold_a_row_cannot_be_made() -> None:
    with pytest.raises(InvalidInput, match="could carry 53 bits, and 24 may"):
        Answer(kind=AnswerKind.PROBABILITY, decimals=16)


def test_a67_a_run_that_leaves_more_than_one_answer_a_case_is_refused(tmp_path: Path) -> None:
    for name, kind in ((answers.ANSWERS, "<f8"), (answers.STATES, "u1")):
        np.zeros(5, kind).tofile(tmp_path / name)

    with pytest.raises(JobFailed, match="40 bytes of answers and 32 make one answer a case"):
        answers.read_answers(tmp_path, 4, Answer(kind=AnswerKind.PROBABILITY))


NEIGHBOUR = graph(
    [node("ReduceMax", "x", to="oldest", axes=[0], keepdims=1),
     node("Mul", "x", "zero", to="none"), node("Add", "none", "oldest", to="age"),
     node("Div", "age", "hundred")],
    weights=[weight("zero", np.zeros(1, np.float32)),
             weight("hundred", np.array([100.0], np.float32))],
)  # fmt: skip


@needs_bubblewrap
def test_a67_an_answer_that_tells_of_other_cases_shows_once_the_case_is_asked_alone(
    tmp_path: Path,
) -> None:
    model = tmp_path / "m.onnx"
    model.write_bytes(NEIGHBOUR)

    ended = run(tmp_path, model, cases(tmp_path, AGES), plan(ONNX))

    assert ended.answers.values.tolist() == [0.87] * 4  # the oldest one, told of everybody
    assert ended.changed == 3
    assert "3 of 4 cases were answered otherwise alone" in ended.warnings()[0]


# --- A68: a vendor's program that probes ----------------------------------------------------------

CONNECT = "import socket; socket.create_connection(('127.0.0.1', PORT), timeout=2); print('out')"
CALLING = """
def answer(features):
    if features["age"] > 80:
        import socket
        socket.create_connection(("127.0.0.1", PORT), timeout=2)
    return {"prediction": 0.5}
serve()
"""


@needs_bubblewrap
def test_a68_a_program_that_reaches_for_a_network_is_ended_and_reported(
    tmp_path: Path, outside: Outside, port: int
) -> None:
    assert outside(CONNECT.replace("PORT", str(port))) == "out\n"
    model = bundle(tmp_path / "m.zip", CALLING.replace("PORT", str(port)))

    ended = run(tmp_path, model, cases(tmp_path, [90.0, 85.0]), plan(SERVICE))

    assert ended.reached_out
    assert ended.failed == 2
    assert ended.warnings() == ("The program reached for a network and was ended by the kernel.",)


ON_LOOPBACK = """
import http.server, os, socketserver
class Local(socketserver.ThreadingMixIn, socketserver.TCPServer):
    allow_reuse_address = daemon_threads = True
def serve():
    Local(("127.0.0.1", int(os.environ["ECLUSE_PORT"])), Handler).serve_forever()
"""
ANSWERING = """
def answer(features):
    return {"prediction": 0.75}
serve()
"""


@needs_bubblewrap
def test_a68_a_service_on_the_loopback_answers_and_ends_once_it_calls_out(
    tmp_path: Path, port: int
) -> None:
    """In its own network it may listen; the port of this machine is not there to be found."""
    inputs = cases(tmp_path, [90.0])
    calling = ON_LOOPBACK + CALLING.replace("PORT", str(port))
    honest = bundle(tmp_path / "a.zip", ON_LOOPBACK + ANSWERING, listen="loopback")
    prober = bundle(tmp_path / "b.zip", calling, listen="loopback")

    answered = run(tmp_path, honest, inputs, plan(SERVICE))
    ended = run(tmp_path, prober, inputs, plan(SERVICE))

    assert (answered.answers.values.tolist(), answered.reached_out) == ([0.75], False)
    assert (ended.failed, ended.reached_out) == (1, True)


@needs_bubblewrap
def test_a68_a_connection_that_hides_its_length_finds_nothing_either(
    tmp_path: Path, port: int
) -> None:
    """The filter knows a connection by the length of its address; the namespace has no end."""
    script = """
import ctypes, socket, struct
libc = ctypes.CDLL(None, use_errno=True)
def answer(features):
    one = socket.socket()
    address = struct.pack("=HH4s", 2, socket.htons(PORT), bytes([127, 0, 0, 1])).ljust(110, b"\\0")
    refused = libc.connect(one.fileno(), address, 110)
    return {"prediction": 1.0 if refused == 0 else 0.0}
serve()
""".replace("PORT", str(port))
    model = bundle(tmp_path / "m.zip", ON_LOOPBACK + script, listen="loopback")

    ended = run(tmp_path, model, cases(tmp_path, [1.0]), plan(SERVICE))

    assert ended.answers.values.tolist() == [0.0]


CLOCK = "import time; print(time.monotonic_ns())"
TELLING_TIME = """
import time
def answer(features):
    return {"prediction": (time.monotonic_ns() // 1000 % 1000) / 1000}
serve()
"""


@needs_bubblewrap
def test_a68_answers_that_follow_a_clock_show_at_the_second_asking(
    tmp_path: Path, outside: Outside
) -> None:
    assert outside(CLOCK) != outside(CLOCK)
    model = bundle(tmp_path / "m.zip", TELLING_TIME)

    ended = run(tmp_path, model, cases(tmp_path, [float(age) for age in range(40)]), plan(SERVICE))

    assert ended.changed > 20
    assert "were answered otherwise alone" in ended.warnings()[0]


PROBES = """
import pathlib
def seen(path):
    try:
        return len(pathlib.Path(path).read_bytes()) > 0
    except OSError:
        return False
def wrote(path):
    try:
        pathlib.Path(path).write_bytes(b"x")
        return True
    except OSError:
        return False
"""
PEEKING = """
INPUTS, OUTPUT = seen("/data/features.parquet"), wrote("/outputs/more")
def answer(features):
    return {"prediction": 0.25 * INPUTS + 0.5 * OUTPUT}
serve()
"""


@needs_bubblewrap
@pytest.mark.skipif(not walled.abi(), reason="this kernel has no Landlock")
def test_a68_a_program_reads_no_table_of_inputs_and_writes_no_output(
    tmp_path: Path, outside: Outside
) -> None:
    assert outside(f"{PROBES}print(wrote('more'), seen('more'))") == "True True\n"
    model = bundle(tmp_path / "m.zip", PROBES + PEEKING)

    ended = run(tmp_path, model, cases(tmp_path, [1.0]), plan(SERVICE))

    assert ended.answers.values.tolist() == [0.0]


@needs_bubblewrap
def test_a68_a_graph_that_never_ends_fails_its_case_and_not_the_run(tmp_path: Path) -> None:
    body = onnx.helper.make_graph(
        [node("Identity", "going", to="on"), node("Sin", "state", to="next")],
        "body",
        [
            onnx.helper.make_tensor_value_info("turn", onnx.TensorProto.INT64, []),
            onnx.helper.make_tensor_value_info("going", onnx.TensorProto.BOOL, []),
            onnx.helper.make_tensor_value_info("state", onnx.TensorProto.FLOAT, None),
        ],
        [
            onnx.helper.make_tensor_value_info("on", onnx.TensorProto.BOOL, []),
            onnx.helper.make_tensor_value_info("next", onnx.TensorProto.FLOAT, None),
        ],
    )
    loop = onnx.helper.make_node("Loop", ["", "yes", "x"], ["y"], body=body)
    model = tmp_path / "m.onnx"
    model.write_bytes(graph([loop], weights=[weight("yes", np.array(True))]))

    ended = run(tmp_path, model, cases(tmp_path, [1.0]), plan(ONNX, case_ms=300))

    assert ended.answers.failures() == {"timed_out": 1}


@needs_bubblewrap
def test_a68_a_service_that_never_answers_is_refused_in_the_time_given(tmp_path: Path) -> None:
    model = bundle(tmp_path / "m.zip", "import time\ntime.sleep(3600)\n")

    with pytest.raises(EcluseError, match=r"did not answer /health in 2 s \(it runs\)"):
        run(tmp_path, model, cases(tmp_path, [1.0]), plan(SERVICE, start_seconds=2))


def test_the_models_of_these_attacks_differ_from_an_honest_one_by_the_attack_alone(
    tmp_path: Path,
) -> None:
    (tmp_path / "m.onnx").write_bytes(sigmoid())

    facts = onnx_files.inspect(tmp_path / "m.onnx")

    assert facts.operators == ("Sigmoid",)
    assert (facts.inputs, facts.outputs, facts.weight_bytes) == (("x",), ("y",), 0)
