"""A job tries to leave its sandbox. Each attack is first shown to work on an ordinary program.

Numbers are those of the list of attacks (docs/reference/attacks.md).
"""

import contextlib
import os
import select
import signal
import socket
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from ecluse.data.enclave import interpreter, probe, summaries
from ecluse.data.enclave.isolation import isolation_report
from ecluse.data.enclave.limits import Limits
from ecluse.data.enclave.sandbox import run, uid_for
from tests.attacks.sandboxes import UID, Inside, Outside, needs_bubblewrap, only_root

pytestmark = needs_bubblewrap

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


ASK_NAME = """
import socket, sys
try:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as asker:
        asker.sendto(b"secret.example.org", ("127.0.0.1", int(sys.argv[1])))
    print("asked")
except OSError as error:
    print(error.errno)
"""


def test_a02_a_job_asks_no_server_of_names(inside: Inside, outside: Outside) -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as server:
        server.bind(("127.0.0.1", 0))
        server.settimeout(0.5)
        address = str(server.getsockname()[1])
        assert outside(ASK_NAME, address) == "asked\n"
        assert server.recv(100) == b"secret.example.org"

        result = inside(ASK_NAME, address)

        with pytest.raises(TimeoutError):
            server.recv(100)
    assert result.stdout_path.read_text() == "97\n"


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


WRITE = """
import sys
for path in sys.argv[1:]:
    try:
        open(path, "ab").write(b"x")
        print("wrote")
    except OSError:
        print("refused")
"""


def test_a05_a_job_changes_neither_data_nor_code_nor_system(
    inside: Inside, outside: Outside, tmp_path: Path
) -> None:
    (tmp_path / "copy.csv").write_text("a row")
    assert outside(WRITE, str(tmp_path / "copy.csv")) == "wrote\n"
    places = ("/data/rows.csv", "/code/attack.py", "/etc/passwd", "/opt/python/bin/python3", "/x")

    result = inside(WRITE, *places, "/opt/ecluse/run_sql.py", "/opt/site/duckdb/__init__.py")

    assert result.stdout_path.read_text() == "refused\n" * 7
    assert (tmp_path / "data" / "rows.csv").read_text() == "person,value\n1,2\n"


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


FLAGS = """
import os
libraries = "/opt /opt/python/lib/python3.11 /opt/site/numpy /usr/lib"
for place in f"/ /data /code /etc {libraries} /outputs /tmp /dev/shm".split():
    flags = os.statvfs(place).f_flag
    told = {"ro": os.ST_RDONLY, "nosuid": os.ST_NOSUID, "nodev": os.ST_NODEV}
    print(place, *(name for name, flag in told.items() if flags & flag))
print("/dev/null", bool(os.statvfs("/dev/null").f_flag & os.ST_NODEV))
"""


def test_a05_every_place_is_mounted_read_only_but_the_three_that_a_job_writes(
    inside: Inside,
) -> None:
    result = inside(FLAGS)

    assert result.stdout_path.read_text() == (
        "/ ro nosuid nodev\n"
        "/data ro nosuid nodev\n"
        "/code ro nosuid nodev\n"
        "/etc ro nosuid nodev\n"
        "/opt ro nosuid nodev\n"
        "/opt/python/lib/python3.11 ro nosuid nodev\n"
        "/opt/site/numpy ro nosuid nodev\n"
        "/usr/lib ro nosuid nodev\n"
        "/outputs nosuid nodev\n"
        "/tmp nosuid nodev\n"
        "/dev/shm nosuid nodev\n"
        "/dev/null False\n"
    )


SETUID = """
import os, sys
open(sys.argv[1], "w").write("x")
os.chmod(sys.argv[1], 0o4755)
"""


def test_a09_a_setuid_file_left_by_a_job_loses_its_mode(
    inside: Inside, outside: Outside, tmp_path: Path
) -> None:
    outside(SETUID, str(tmp_path / "tool"))
    assert (tmp_path / "tool").stat().st_mode & 0o7777 == 0o4755

    result = inside(SETUID, "/outputs/tool")

    assert (result.outputs_path / "tool").stat().st_mode & 0o7777 == 0o600


def test_a10_every_wall_that_the_self_test_tries_holds() -> None:
    report = isolation_report()

    assert report.broken() == ()
    assert len(report.controls) == len(probe.CONTROLS)


CALLS = """
import ctypes
libc = ctypes.CDLL(None, use_errno=True)
nothing = (ctypes.c_long(-1),) * 6
for number in (425, 321, 250, 323, 298):  # io_uring_setup, bpf, keyctl, userfaultfd, perf_event
    ctypes.set_errno(0)
    libc.syscall(ctypes.c_long(number), *nothing)
    print(ctypes.get_errno() in (1, 38))
"""


@pytest.mark.skipif(os.uname().machine != "x86_64", reason="the numbers are those of x86_64")
def test_a10_a_job_reaches_no_machinery_of_the_kernel(inside: Inside, outside: Outside) -> None:
    assert "False" in outside(CALLS)  # some of them answer, if only that the request is senseless

    result = inside(CALLS)

    assert result.stdout_path.read_text() == "True\n" * 5


TYPE_IN_TERMINAL = """
import fcntl, os, termios
try:
    fcntl.ioctl(os.open("/dev/null", os.O_RDWR), termios.TIOCSTI, b"x")
except OSError as error:
    print(error.errno)
"""


def test_a11_a_job_types_nothing_in_a_terminal(inside: Inside, outside: Outside) -> None:
    assert outside(TYPE_IN_TERMINAL) == "25\n"  # the kernel was asked: this is no terminal

    result = inside(TYPE_IN_TERMINAL)

    assert result.stdout_path.read_text() == "1\n"  # the filter answered, before the kernel


ESCAPE = """
import sys
sys.stderr.write("\\x1b]0;owned\\x07")
sys.exit("\\x1b[2JTraceback\\nValueError\\x1b[31m: row 12")
"""


def test_a11_what_a_job_prints_reaches_no_terminal_of_ours(
    inside: Inside, outside: Outside, tmp_path: Path
) -> None:
    assert "\x1b" in outside(ESCAPE.replace("sys.stderr", "sys.stdout"))

    result = inside(ESCAPE)

    told = summaries.summarise(
        result.exit_code, result.stderr_path, files=("attack.py",), code_folder=tmp_path / "code"
    )
    assert b"\x1b" in result.stderr_path.read_bytes()
    assert told == "exit code 1: an error"


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


LEAVE_WORD = """
import socket, sys, time
for path in sys.argv[1:]:
    try:
        open(path, "w").write("a word")
    except OSError:
        pass
with socket.socket(socket.AF_UNIX) as server:
    server.bind("\\0ecluse-channel")
    server.listen()
    time.sleep(3)
"""
FIND_WORD = """
import os, socket, sys, time
time.sleep(1)
print(*[os.path.exists(path) for path in sys.argv[1:]])
attempt = socket.socket(socket.AF_UNIX)
try:
    attempt.connect("\\0ecluse-channel")
    print("connected")
except OSError:
    print("refused")
"""


def test_a13_two_jobs_that_run_together_share_no_channel(
    inside: Inside, outside: Outside, tmp_path: Path
) -> None:
    outer = str(tmp_path / "channel")
    with ThreadPoolExecutor() as pool:
        pool.submit(outside, LEAVE_WORD, outer)
        assert outside(FIND_WORD, outer) == "True\nconnected\n"
    places = ("/dev/shm/channel", "/tmp/channel", "/outputs/channel")  # noqa: S108 - inside
    other = {"data": tmp_path / "data", "limits": Limits(), "uid": uid_for(9)}
    (tmp_path / "other").mkdir()
    (tmp_path / "other" / "attack.py").write_text(LEAVE_WORD)
    command = [interpreter.PYTHON, "/code/attack.py", *places]

    with ThreadPoolExecutor() as pool:
        first = pool.submit(run, command, code=tmp_path / "other", work=tmp_path / "first", **other)
        found = inside(FIND_WORD, *places).stdout_path.read_text()

    assert first.result().exit_code == 0
    assert found == "False False False\nrefused\n"


ORPHAN = """
import os, sys, time
child = os.fork()
if child:
    print(child, flush=True)
    os._exit(0)
os.setsid()
os.closerange(0, 3)
time.sleep(30)
"""


def test_a14_an_ordinary_program_outlives_its_parent(outside: Outside) -> None:
    number = int(outside(ORPHAN))

    os.kill(number, 0)  # it is there: no ProcessLookupError

    os.kill(number, signal.SIGKILL)


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
    assert processes_of(UID) == []


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
