"""A job tries to leave its sandbox. Where that is cheap, the attack is first shown to work outside.

Numbers A01 to A20 are those of the project's list of attacks.
"""

import contextlib
import os
import select
import shutil
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from ecluse.data.enclave import cgroups, interpreter, probe
from ecluse.data.enclave.isolation import isolation_report
from ecluse.data.enclave.limits import MIB, Limits
from ecluse.data.enclave.sandbox import SandboxResult, run, uid_for

pytestmark = pytest.mark.skipif(
    shutil.which("bwrap") is None, reason="bubblewrap is not installed on this machine"
)
only_root = pytest.mark.skipif(os.geteuid() != 0, reason="this attack needs root to begin with")

Inside = Callable[..., SandboxResult]
Outside = Callable[..., str]


@pytest.fixture
def inside(tmp_path: Path) -> Inside:
    """Run a script in the sandbox, over the folders `data` and `code` of the test."""
    (tmp_path / "data").mkdir()
    (tmp_path / "code").mkdir()
    (tmp_path / "data" / "rows.csv").write_text("person,value\n1,2\n")

    def run_inside(script: str, *arguments: str, limits: Limits | None = None) -> SandboxResult:
        (tmp_path / "code" / "attack.py").write_text(script)
        return run(
            [interpreter.PYTHON, "/code/attack.py", *arguments],
            data=tmp_path / "data",
            code=tmp_path / "code",
            limits=limits or Limits(processes=30, wall_seconds=60),
            uid=uid_for(1),
            work=tmp_path / "work",
        )

    return run_inside


@pytest.fixture
def outside(tmp_path: Path) -> Outside:
    """Run the same script as an ordinary program and return what it said."""

    def run_outside(script: str, *arguments: str, pass_fds: tuple[int, ...] = ()) -> str:
        command = [sys.executable, "-c", script, *arguments]
        return subprocess.run(
            command, capture_output=True, text=True, check=False, cwd=tmp_path, pass_fds=pass_fds
        ).stdout

    return run_outside


@pytest.fixture
def port() -> Iterator[int]:
    """A port that listens on this machine."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield server.getsockname()[1]


CONNECT = """
import socket, sys
try:
    socket.create_connection(("127.0.0.1", int(sys.argv[1])), timeout=2)
    print("connected")
except OSError as error:
    print(error.errno)
"""


def test_a01_a_job_reaches_no_port(inside: Inside, outside: Outside, port: int) -> None:
    assert outside(CONNECT, str(port)) == "connected\n"

    result = inside(CONNECT, str(port))

    assert result.stdout_path.read_text() == "97\n"  # no such family of addresses


ABSTRACT = """
import socket, sys
attempt = socket.socket(socket.AF_UNIX)
try:
    attempt.connect("\\0" + sys.argv[1])
    print("connected")
except OSError:
    print("refused")
"""


def test_a01_a_job_reaches_no_abstract_socket(inside: Inside, outside: Outside) -> None:
    with socket.socket(socket.AF_UNIX) as server:
        server.bind("\0ecluse-attack")
        server.listen()
        assert outside(ABSTRACT, "ecluse-attack") == "connected\n"

        result = inside(ABSTRACT, "ecluse-attack")

    assert result.stdout_path.read_text() == "refused\n"


def test_a02_a_job_resolves_no_name(inside: Inside) -> None:
    script = """
import socket
try:
    print(socket.getaddrinfo("example.org", 443))
except OSError as error:
    print(type(error).__name__)
"""

    result = inside(script)

    assert result.stdout_path.read_text() == "gaierror\n"


READ = """
import sys
try:
    print(open(sys.argv[1]).read())
except OSError as error:
    print(type(error).__name__)
"""


def test_a03_a_job_reads_no_file_of_the_machine(
    inside: Inside, outside: Outside, tmp_path: Path
) -> None:
    (tmp_path / "other-project.csv").write_text("a row")
    assert outside(READ, str(tmp_path / "other-project.csv")) == "a row\n"

    result = inside(READ, str(tmp_path / "other-project.csv"))

    assert result.stdout_path.read_text() == "FileNotFoundError\n"


def test_a03_a_job_sees_only_the_folders_laid_out_for_it(inside: Inside) -> None:
    script = "import os; print(*sorted(os.listdir('/')), *sorted(os.listdir('/etc')))"

    words = inside(script).stdout_path.read_text().split()

    assert set(words) <= {
        *("code", "data", "dev", "etc", "lib", "lib64", "opt", "outputs", "tmp", "usr"),
        *("group", "hosts", "nsswitch.conf", "passwd"),
    }


ENVIRONMENT = """
import os, pathlib
found = "SECRET" in str(os.environ)
for path in pathlib.Path("/proc").glob("[0-9]*/environ"):
    try:
        found = found or b"ECLUSE_ATTACK" in path.read_bytes()
    except OSError:
        pass
print(found)
"""


def test_a04_a_job_finds_nothing_of_the_agents_environment(
    inside: Inside, outside: Outside, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ECLUSE_ATTACK", "SECRET")
    assert outside(ENVIRONMENT) == "True\n"

    result = inside(ENVIRONMENT)

    assert result.stdout_path.read_text() == "False\n"


def test_a05_a_job_changes_neither_data_nor_code_nor_system(inside: Inside) -> None:
    script = """
for path in ("/data/rows.csv", "/code/attack.py", "/etc/passwd", "/opt/python/bin/python3", "/x"):
    try:
        open(path, "ab").write(b"x")
        print("wrote", path)
    except OSError:
        pass
"""

    result = inside(script)

    assert result.stdout_path.read_text() == ""
    assert result.exit_code == 0


OPEN_SETTING = """
import os
try:
    os.close(os.open("/proc/sys/kernel/core_pattern", os.O_WRONLY))
    print("opened")
except OSError as error:
    print(type(error).__name__)
"""


@only_root
def test_a06_root_given_up_only_inside_bubblewrap_still_opens_kernel_settings() -> None:
    walls = ["--unshare-all", "--ro-bind", "/", "/", "--proc", "/proc", "--uid", "65534"]
    command = ["bwrap", *walls, "--cap-drop", "ALL", sys.executable, "-c", OPEN_SETTING]

    done = subprocess.run(command, capture_output=True, text=True, check=True)

    assert done.stdout == "opened\n"


def test_a06_a_job_opens_no_kernel_setting(inside: Inside) -> None:
    result = inside(OPEN_SETTING)

    assert result.stdout_path.read_text() == "FileNotFoundError\n"


TRACE = """
import ctypes, os, signal
child = os.fork()
if child == 0:
    signal.pause()
libc = ctypes.CDLL(None)
print(libc.ptrace(16, child, None, None))
os.kill(child, signal.SIGKILL)
"""


def test_a07_a_job_traces_no_process(inside: Inside, outside: Outside) -> None:
    assert outside(TRACE) == "0\n"

    result = inside(TRACE)

    assert result.stdout_path.read_text() == "-1\n"


NEW_NAMESPACE = """
import ctypes
print(ctypes.CDLL(None).unshare(0x10000000))
"""


def test_a08_a_job_makes_no_namespace_of_its_own(inside: Inside, outside: Outside) -> None:
    assert outside(NEW_NAMESPACE) == "0\n"

    result = inside(NEW_NAMESPACE)

    assert result.stdout_path.read_text() == "-1\n"


def test_a09_a_setuid_file_left_by_a_job_loses_its_mode(inside: Inside) -> None:
    script = """
import os
open("/outputs/tool", "w").write("x")
os.chmod("/outputs/tool", 0o4755)
"""

    result = inside(script)

    assert (result.outputs_path / "tool").stat().st_mode & 0o7777 == 0o600


def test_a10_every_wall_that_the_self_test_tries_holds() -> None:
    report = isolation_report()

    assert report.broken() == ()
    assert len(report.controls) == len(probe.CONTROLS)


READ_DESCRIPTOR = """
import os, sys
try:
    print(os.read(int(sys.argv[1]), 6))
except OSError as error:
    print(error.errno)
"""


def test_a12_a_job_inherits_no_open_file(inside: Inside, outside: Outside, tmp_path: Path) -> None:
    (tmp_path / "secret").write_text("secret")
    descriptor = os.open(tmp_path / "secret", os.O_RDONLY)
    os.set_inheritable(descriptor, True)
    assert outside(READ_DESCRIPTOR, str(descriptor), pass_fds=(descriptor,)) == "b'secret'\n"

    result = inside(READ_DESCRIPTOR, str(descriptor))

    os.close(descriptor)
    assert result.stdout_path.read_text() == "9\n"


AGENT = """
import pathlib, sys
from ecluse.data.enclave.limits import Limits
from ecluse.data.enclave.sandbox import run, uid_for
folder = pathlib.Path(sys.argv[1])
run(
    ["/opt/python/bin/python3", "-c", "import time; time.sleep(300)"],
    data=folder, code=folder, limits=Limits(), uid=uid_for(2), work=folder.parent / "work",
    on_tick=lambda: print("running", flush=True),
)
"""


@only_root
def test_a14_a_job_dies_with_an_agent_that_is_killed(tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    command = [sys.executable, "-c", AGENT, str(tmp_path / "empty")]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as agent:
        assert agent.stdout is not None
        assert agent.stdout.readline() == "running\n"
        jobs = [os.pidfd_open(number) for number in processes_of(uid_for(2))]
        agent.kill()

    ended = [bool(select.select([job], [], [], 10)[0]) for job in jobs]

    assert len(jobs) >= 2
    assert all(ended)
    assert processes_of(uid_for(2)) == []


def processes_of(uid: int) -> list[int]:
    folders = Path("/proc").glob("[0-9]*")
    return [int(folder.name) for folder in folders if f"Uid:\t{uid}\t" in status(folder)]


def status(folder: Path) -> str:
    """The status of a process, empty for one that has ended, reaped or not."""
    with contextlib.suppress(OSError):
        text = (folder / "status").read_text()
        return "" if "State:\tZ" in text else text
    return ""


@only_root
def test_a14_nothing_a_job_detached_outlives_it(inside: Inside) -> None:
    script = """
import os, time
if os.fork() == 0:
    os.setsid()
    if os.fork() == 0:
        time.sleep(300)
"""

    result = inside(script)

    assert result.timed_out is False
    assert processes_of(uid_for(1)) == []


def test_a14_a_job_is_stopped_when_the_agent_changes_its_mind(tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()

    def change_mind() -> None:
        raise RuntimeError("the permit was revoked")

    with pytest.raises(RuntimeError, match="the permit was revoked"):
        run(
            [interpreter.PYTHON, "-c", "import time; time.sleep(300)"],
            data=tmp_path / "empty",
            code=tmp_path / "empty",
            limits=Limits(),
            uid=uid_for(3),
            work=tmp_path / "work",
            on_tick=change_mind,
        )


def test_a15_a_job_that_takes_too_much_memory_gets_an_error(inside: Inside) -> None:
    result = inside("bytearray(1 << 30)", limits=Limits(memory_bytes=300 * MIB))

    assert "MemoryError" in result.stderr_path.read_text()


@pytest.fixture
def _control_groups() -> None:
    """Skip where this user may set no ceiling on a whole job."""
    group = cgroups.create("test", Limits())
    group.remove()
    if group.version == "none":
        pytest.skip("control groups are not writable here")


@pytest.mark.usefixtures("_control_groups")
def test_a15_many_processes_together_do_not_pass_the_ceiling_of_one_job(inside: Inside) -> None:
    script = """
import os, signal
for _ in range(8):
    if os.fork() == 0:
        room = b"x" * (80 << 20)
        signal.pause()
print(os.wait()[1])
"""

    result = inside(script, limits=Limits(memory_bytes=200 * MIB, wall_seconds=30))

    assert result.stdout_path.read_text() == "9\n"  # one of them was killed for the whole job
    assert not result.timed_out


def test_a16_a_fork_bomb_stops_at_the_limit(inside: Inside) -> None:
    script = """
import os, signal
count = 0
try:
    while True:
        if os.fork() == 0:
            signal.pause()
        count += 1
except OSError:
    print(count)
"""

    result = inside(script, limits=Limits(processes=20))

    assert 0 < int(result.stdout_path.read_text()) < 20


def test_a17_a_job_that_spins_is_stopped(inside: Inside) -> None:
    result = inside("while True: pass", limits=Limits(cpu_seconds=1, wall_seconds=60))

    assert result.killed
    assert not result.timed_out


def test_a18_outputs_have_a_quota_of_bytes_and_of_files(inside: Inside) -> None:
    script = """
try:
    open("/outputs/large", "wb").write(bytes(2 << 20))
except OSError as error:
    print(error.errno)
import os
os.remove("/outputs/large")
count = 0
try:
    while True:
        open(f"/outputs/{count}", "w").close()
        count += 1
except OSError as error:
    print(error.errno, count)
"""

    result = inside(script, limits=Limits(output_bytes=MIB, output_files=10))

    assert result.stdout_path.read_text() == "28\n28 10\n"


def test_a18_scratch_has_a_quota(inside: Inside) -> None:
    script = """
for path in ("/tmp/large", "/dev/shm/large"):
    try:
        open(path, "wb").write(bytes(2 << 20))
    except OSError as error:
        print(error.errno)
"""

    result = inside(script, limits=Limits(scratch_bytes=MIB))

    assert result.stdout_path.read_text() == "28\n28\n"


def test_a19_a_flood_of_words_is_cut_and_says_so(inside: Inside) -> None:
    result = inside("print('x' * 5_000_000)", limits=Limits(log_bytes=1000))

    words = result.stdout_path.read_bytes()

    assert words.startswith(b"x" * 1000 + b"\n[log cut here")
    assert len(words) < 1100


def test_a20_a_job_that_sleeps_is_stopped_at_its_time(inside: Inside) -> None:
    result = inside("import time; time.sleep(300)", limits=Limits(wall_seconds=1))

    assert result.timed_out
    assert 1000 <= result.duration_ms < 6000
