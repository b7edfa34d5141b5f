"""Small models and the tables that they are run on, for the tests of the runner."""

import io
import zipfile
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from ecluse.data.enclave.limits import Limits
from ecluse.data.enclave.sandbox import uid_for
from ecluse.data.evaluation.running.ended import ModelRun
from ecluse.data.evaluation.running.plans import Answer, AnswerKind, RunPlan
from ecluse.data.evaluation.running.runs import run_model
from ecluse.domain.evaluations.parts import ModelFormat

onnx = pytest.importorskip("onnx", reason="the extra `evaluation` is not installed")
pytest.importorskip("onnxruntime", reason="the extra `evaluation` is not installed")

PROBABILITY = Answer(kind=AnswerKind.PROBABILITY)
UID = uid_for(77)
LIMITS = Limits(processes=128, wall_seconds=60)


def table(path: Path, columns: Mapping[str, Sequence[object]]) -> Path:
    pq.write_table(pa.table({name: list(values) for name, values in columns.items()}), path)
    return path


def cases(folder: Path, ages: Sequence[float]) -> Path:
    """Inputs of one feature, `age`, a case a row."""
    names = [f"case-{number}" for number in range(len(ages))]
    return table(folder / "inputs.parquet", {"case": names, "age": ages})


def plan(format_: ModelFormat, **changes: object) -> RunPlan:
    told = {"features": ("age",), "answer": PROBABILITY, "seed": 5, **changes}
    return RunPlan(format=format_, **told)  # type: ignore[arg-type]  # a few fields of many


def graph(
    nodes: Sequence[onnx.NodeProto],
    *,
    weights: Sequence[onnx.TensorProto] = (),
    opsets: Sequence[tuple[str, int]] = (("", 17),),
) -> bytes:
    """A graph from `x` (rows x 1) to `y` (rows x 1)."""
    value = onnx.helper.make_tensor_value_info
    made = onnx.helper.make_graph(
        list(nodes),
        "model",
        [value("x", onnx.TensorProto.FLOAT, [None, 1])],
        [value("y", onnx.TensorProto.FLOAT, [None, 1])],
        initializer=list(weights),
    )
    ids = [onnx.helper.make_opsetid(domain, version) for domain, version in opsets]
    model = onnx.helper.make_model(made, opset_imports=ids, ir_version=9)
    return bytes(model.SerializeToString())


def node(kind: str, *inputs: str, to: str = "y", **attributes: object) -> onnx.NodeProto:
    return onnx.helper.make_node(kind, list(inputs), [to], **attributes)


def weight(name: str, values: object) -> onnx.TensorProto:
    return onnx.numpy_helper.from_array(np.asarray(values), name)


def sigmoid() -> bytes:
    """A model: 1 / (1 + exp(-age))."""
    return graph([node("Sigmoid", "x")])


def bundle(path: Path, script: str, *, command: str = "server.py", listen: str = "unix") -> Path:
    """The bundle of a service: a script, and what starts it."""
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("service.toml", f'command = ["{command}"]\nlisten = "{listen}"\n')
        archive.writestr("server.py", SERVER + script)
    return path


def archive(members: Mapping[str, bytes], *, compressed: bool = False) -> bytes:
    data = io.BytesIO()
    kind = zipfile.ZIP_DEFLATED if compressed else zipfile.ZIP_STORED
    with zipfile.ZipFile(data, "w", kind) as made:
        for name, body in members.items():
            made.writestr(name, body)
    return data.getvalue()


def run(folder: Path, model: Path, inputs: Path, asked: RunPlan) -> ModelRun:
    return run_model(
        asked, model=model, inputs=inputs, work=folder / "work", uid=UID, limits=LIMITS
    )


SERVER = """
import http.server, json, os, socketserver

class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200); self.end_headers()
    def do_POST(self):
        asked = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        body = json.dumps(answer(asked["features"])).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)
    def log_message(self, *words):
        pass

class Server(socketserver.ThreadingMixIn, socketserver.UnixStreamServer):
    daemon_threads = True
    def get_request(self):
        request, _ = super().get_request()
        return request, ("local", 0)

def serve():
    Server(os.environ["ECLUSE_SOCKET"], Handler).serve_forever()

"""
"""What a vendor writes around a model, in the standard library alone."""
