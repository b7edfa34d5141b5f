"""A hunt for the keys of pseudonyms: processes, engine logs, plans, spills, core dumps, errors.

What is looked for: both keys, the keys that they derive for the project, and the padded blocks
that HMAC makes of these, as bytes, as hexadecimal in both cases and as base64.
"""

import base64
import contextlib
import io
import os
import re
import resource
import signal
import subprocess
import sys
import tempfile
import time
import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import duckdb
import pyarrow as pa
import pytest

from ecluse.data.pseudonyms import Label, PseudonymKeys, hashing
from ecluse.domain.errors import EcluseError
from ecluse.trust.pseudonyms.keys import (
    FIRST,
    SECOND,
    draw_level_key,
    load_level_key,
    store_level_key,
)

ROOT = Path(__file__).parents[2]
NOBODY = 65_534
ZSTD_FRAME, BLOCK = b"\x28\xb5\x2f\xfd", 1 << 18
"""How a packed block of a spill file begins, and the bytes of a block."""
PURPOSE = "ecluse pseudonym\0person\0FR-2026-0001"

TRACED = """
import ctypes, os, signal, sys, time
sys.path.insert(0, {source!r})
from ecluse.trust.custody.core_dumps import forbid_core_dumps
import resource
most = resource.getrlimit(resource.RLIMIT_CORE)[1]
resource.setrlimit(resource.RLIMIT_CORE, (most, most))
os.chdir({folder!r})
if os.geteuid() == 0:
    os.setgid({nobody}); os.setuid({nobody})
# Changing the account forbids tracing by itself: take that back, so that our call is what counts.
ctypes.CDLL(None).prctl(4, 1, 0, 0, 0)
if {protected}:
    forbid_core_dumps()
secret = bytes(range(65, 97)) * 3
print("ready", flush=True)
time.sleep(60)
"""


@pytest.fixture
def keys(tmp_path: Path) -> PseudonymKeys:
    store_level_key(tmp_path / "first.key", draw_level_key(FIRST))
    store_level_key(tmp_path / "second.key", draw_level_key(SECOND), passphrase="words")
    return PseudonymKeys(
        load_level_key(tmp_path / "first.key", FIRST),
        load_level_key(tmp_path / "second.key", SECOND, passphrase="words"),
    )


def needles(keys: PseudonymKeys) -> list[bytes]:
    """Return every spelling of what must not be found."""
    secrets = [bytes(keys.first.secret), bytes(keys.second.secret)]  # type: ignore[attr-defined]
    derived = [bytes(key.derive(PURPOSE)) for key in (keys.first, keys.second)]
    pads = [
        bytes(byte ^ pad for byte in key.ljust(64, b"\0"))
        for key in derived
        for pad in (0x36, 0x5C)
    ]
    spelled = [spelling for one in (*secrets, *derived, *pads) for spelling in spellings(one)]
    return [*spelled, *(repr(one).encode()[2:-1] for one in (*secrets, *derived))]


def spellings(secret: bytes) -> Iterator[bytes]:
    # The padded blocks repeat the pad byte: half of a block is enough to know it.
    start = secret[:32]
    yield from (start, start.hex().encode(), start.hex().upper().encode())
    yield from (base64.b64encode(start)[:40], base64.urlsafe_b64encode(start)[:40])


def found(where: bytes, keys: PseudonymKeys) -> list[bytes]:
    return [needle for needle in needles(keys) if needle in where]


def of_every_process() -> bytes:
    """Return the command lines and environments of all processes, as far as they can be read."""
    return b"\n".join(
        _content(path)
        for folder in Path("/proc").glob("[0-9]*")
        for path in (folder / "cmdline", folder / "environ")
    )


def _content(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError:
        return b""


def in_spill_file(data: bytes) -> bytes:
    """Return the content of a spill file: blocks as they are, and those that are packed, opened."""
    places = [one.start() for one in re.finditer(re.escape(ZSTD_FRAME), data)]
    return data + b"".join(unpacked(data[at : at + BLOCK]) for at in places)


def unpacked(frame: bytes) -> bytes:
    """Return what the frame at the beginning of these bytes holds, up to a block."""
    opened = io.BytesIO()
    with (
        contextlib.suppress(OSError),  # what follows the frame is none, or it was not a frame
        pa.CompressedInputStream(pa.BufferReader(frame), "zstd") as stream,
    ):
        opened.write(stream.read(BLOCK))
    return opened.getvalue()


def test_the_key_is_in_no_command_line_and_no_environment(tmp_path: Path) -> None:
    """While a second process works on half of a million values."""
    keys = PseudonymKeys(draw_level_key(FIRST), draw_level_key(SECOND))
    store_level_key(tmp_path / "first.key", keys.first)  # type: ignore[arg-type]
    store_level_key(tmp_path / "second.key", keys.second)  # type: ignore[arg-type]
    script = (
        "import pyarrow as pa, sys; from pathlib import Path;"
        "from ecluse.data.pseudonyms import Label, PseudonymKeys;"
        "from ecluse.trust.pseudonyms.keys import load_level_key;"
        f"keys = [load_level_key(Path({str(tmp_path)!r}) / name, level)"
        " for level, name in ((1, 'first.key'), (2, 'second.key'))];"
        "values = pa.array([f'person {n}' for n in range(1_000_000)]);"
        "PseudonymKeys(*keys).project('FR-2026-0001').of(Label.PERSON, values)"
    )
    with subprocess.Popen([sys.executable, "-c", script]) as working:
        seen = [of_every_process()]
        while working.poll() is None:
            seen.append(of_every_process())
            time.sleep(0.02)

    everything = b"\n".join(seen)
    assert working.returncode == 0
    assert hashing.__file__.encode() in everything, "the second process was never seen"
    assert found(everything, keys) == []


def test_the_engine_that_joins_pseudonyms_never_sees_the_key(
    keys: PseudonymKeys, tmp_path: Path
) -> None:
    """Its query log, its JSON profile and its spill files, on a sort too large for its memory."""
    count = 400_000
    pseudonyms = keys.project("FR-2026-0001").of(
        Label.PERSON, pa.array([f"person {number}" for number in range(count)])
    )
    spill, profile, logs = tmp_path / "spill", tmp_path / "profile.json", tmp_path / "logs"
    engine = duckdb.connect(
        config={"memory_limit": "60MB", "threads": 1, "temp_directory": str(spill)}
    )
    engine.execute(
        "CALL enable_logging(storage = 'file', storage_config = {'path': ?}, level = 'trace')",
        [str(logs)],
    )
    engine.execute("SET enable_profiling = 'json'")
    engine.execute("SET profiling_output = ?", [str(profile)])
    named = pa.table({"key": range(count), "pseudonym": pseudonyms})
    events = pa.table({"person_key": [*range(count)] * 2})
    joined = engine.from_arrow(events).join(engine.from_arrow(named), "person_key = key")

    # Not by the pseudonym: what is sorted by is written in another alphabet.
    ordered = joined.sort("key")
    reader = ordered.to_arrow_reader(10_000)
    first = reader.read_next_batch()
    spilled = b"".join(in_spill_file(path.read_bytes()) for path in spill.iterdir())
    reader.close()
    engine.close()

    written = b"".join(path.read_bytes() for path in tmp_path.rglob("*") if path.is_file())
    told = b"".join(path.read_bytes() for path in [*logs.rglob("*"), profile] if path.is_file())
    assert first.num_rows > 0
    assert sum(one.encode() in spilled for one in pseudonyms.to_pylist()[::1000]) > 100, (
        "what was spilled cannot be read: the test proves nothing"
    )
    assert len(told) > 1_000, "nothing was logged: the test proves nothing"
    assert found(spilled + told, keys) == []
    own_file = (tmp_path / "first.key").read_bytes()
    assert found(written.replace(own_file, b""), keys) == []


@pytest.mark.skipif(
    resource.getrlimit(resource.RLIMIT_CORE)[1] == 0, reason="core dumps are forbidden here anyway"
)
@pytest.mark.parametrize(("protected", "is_dumped"), [(False, True), (True, False)])
def test_no_core_dump_is_made_of_a_process_that_holds_a_key(
    protected: bool, is_dumped: bool
) -> None:
    with traced(protected=protected) as process:
        process.send_signal(signal.SIGABRT)
        _, status = os.waitpid(process.pid, 0)
        process.returncode = status

    assert os.WTERMSIG(status) == signal.SIGABRT
    assert os.WCOREDUMP(status) == is_dumped


@pytest.mark.parametrize(("protected", "is_read"), [(False, True), (True, False)])
def test_the_same_account_cannot_read_the_memory_of_a_process_that_holds_a_key(
    protected: bool, is_read: bool
) -> None:
    """Through /proc/<pid>/mem, as gcore and debuggers do. An administrator can: nothing helps."""
    with traced(protected=protected) as process:
        reading = subprocess.run(
            ["/usr/bin/env", "python3", "-c", f"open('/proc/{process.pid}/mem', 'rb')"],
            capture_output=True,
            check=False,
            **_as_nobody(),
        )
        process.kill()

    assert (reading.returncode == 0) == is_read


@pytest.mark.parametrize("values", [pa.array([7]), pa.array([b"x"]), [7], ["\ud800"]])
def test_the_key_is_in_no_error_even_with_the_variables_of_every_call(
    keys: PseudonymKeys, values: object
) -> None:
    with pytest.raises((EcluseError, pa.ArrowException, UnicodeError)) as raised:
        keys.project("FR-2026-0001").of(Label.PERSON, values)  # type: ignore[call-overload]

    told = traceback.TracebackException.from_exception(raised.value, capture_locals=True)
    text = "".join(told.format())
    assert "keys = " in text, "the variables were not shown: the test proves nothing"
    assert found(text.encode(), keys) == []


def test_a_key_file_that_cannot_be_used_is_not_quoted(keys: PseudonymKeys, tmp_path: Path) -> None:
    path = tmp_path / "first.key"
    path.write_bytes(path.read_bytes().replace(b'"level":1', b'"level":2'))

    with pytest.raises(EcluseError) as raised:
        load_level_key(path, FIRST)

    assert found("".join(traceback.format_exception(raised.value)).encode(), keys) == []


def test_the_pseudonyms_of_two_projects_link_no_one(keys: PseudonymKeys) -> None:
    """Not as they are, nor in part: no value of one begins or ends as a value of the other."""
    persons = pa.array([f"person {number}" for number in range(20_000)])

    ours, theirs = (keys.project(name).of(Label.PERSON, persons).to_pylist() for name in ("A", "B"))

    assert not set(ours) & set(theirs)
    assert not {one[:16] for one in ours} & {other[:16] for other in theirs}
    assert not {one[-16:] for one in ours} & {other[-16:] for other in theirs}


def _as_nobody() -> dict[str, int]:
    return {"user": NOBODY, "group": NOBODY} if os.geteuid() == 0 else {}


@contextmanager
def traced(*, protected: bool) -> "Iterator[subprocess.Popen[bytes]]":
    """Give a process of an ordinary account, in a folder where it may leave a core dump."""
    with tempfile.TemporaryDirectory() as folder:
        Path(folder).chmod(0o777)
        script = TRACED.format(
            source=str(ROOT / "src"), folder=folder, nobody=NOBODY, protected=protected
        )
        with subprocess.Popen([sys.executable, "-c", script], stdout=subprocess.PIPE) as process:
            assert process.stdout is not None
            try:
                assert process.stdout.readline() == b"ready\n"
                yield process
            finally:
                process.kill()
