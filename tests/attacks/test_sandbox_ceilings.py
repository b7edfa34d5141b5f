"""A job tries to take the whole machine, or to keep it. Each attack is first shown to work.

Numbers are those of the list of attacks (docs/reference/attacks.md).
"""

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest

from ecluse.data.enclave import cgroups
from ecluse.data.enclave.limits import MIB, Limits
from ecluse.domain.workflows import Usage, Waiting, next_job
from tests.attacks.sandboxes import Inside, Outside, needs_bubblewrap

pytestmark = needs_bubblewrap
NOW = datetime(2026, 3, 2, 12, tzinfo=UTC)


def test_a15_a_job_that_takes_too_much_memory_gets_an_error(
    inside: Inside, outside: Outside
) -> None:
    assert outside("print(len(bytearray(1 << 30)))") == f"{1 << 30}\n"

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


FORKS = """
import os, signal, sys
children = []
try:
    while len(children) < 100:
        child = os.fork()
        if child == 0:
            signal.pause()
        children.append(child)
except OSError:
    pass
print(len(children))
for child in children:
    os.kill(child, signal.SIGKILL)
"""


def test_a16_a_fork_bomb_stops_at_the_limit(inside: Inside, outside: Outside) -> None:
    assert outside(FORKS) == "100\n"

    result = inside(FORKS, limits=Limits(processes=20))

    assert 0 < int(result.stdout_path.read_text()) < 20


SPIN = """
import time
while time.process_time() < 3:
    pass
print("done")
"""


def test_a17_a_job_that_spins_is_stopped(inside: Inside, outside: Outside) -> None:
    assert outside(SPIN) == "done\n"

    result = inside(SPIN, limits=Limits(cpu_seconds=1, wall_seconds=60))

    assert result.killed
    assert not result.timed_out


FILL = """
import os, sys
folder = sys.argv[1]
try:
    open(f"{folder}/large", "wb").write(bytes(2 << 20))
    print("written")
except OSError as error:
    print(error.errno)
os.remove(f"{folder}/large")
count = 0
try:
    while count < 5000:
        open(f"{folder}/{count}", "w").close()
        count += 1
except OSError as error:
    print(error.errno)
print(count)
"""


def test_a18_outputs_have_a_quota_of_bytes_and_of_files(
    inside: Inside, outside: Outside, tmp_path: Path
) -> None:
    (tmp_path / "free").mkdir()
    assert outside(FILL, str(tmp_path / "free")) == "written\n5000\n"

    result = inside(FILL, "/outputs", limits=Limits(output_bytes=MIB, output_files=10))

    assert result.stdout_path.read_text() == "28\n28\n10\n"


def test_a21_a_million_tiny_outputs_stop_at_the_quota_and_cost_nothing_to_collect(
    inside: Inside, outside: Outside, tmp_path: Path
) -> None:
    (tmp_path / "free").mkdir()
    assert outside(FILL, str(tmp_path / "free")).endswith("5000\n")

    result = inside(FILL, "/outputs", limits=Limits(output_files=50))

    assert result.stdout_path.read_text().endswith("28\n50\n")
    assert len(result.files) == 50


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


def test_a19_a_flood_of_words_is_cut_and_says_so(inside: Inside, outside: Outside) -> None:
    assert len(outside("print('x' * 5_000_000)")) == 5_000_001

    result = inside("print('x' * 5_000_000)", limits=Limits(log_bytes=1000))

    words = result.stdout_path.read_bytes()

    assert words.startswith(b"x" * 1000 + b"\n[log cut here")
    assert len(words) < 1100


def test_a20_a_job_that_sleeps_is_stopped_at_its_time(inside: Inside, outside: Outside) -> None:
    assert outside("import time; time.sleep(2); print('woke')") == "woke\n"

    result = inside("import time; time.sleep(300)", limits=Limits(wall_seconds=1))

    assert result.timed_out
    assert 1000 <= result.duration_ms < 6000


def _waiting(job: int, project: str) -> Waiting:
    return Waiting(f"J{job}", project, "one person", job)


def _jobs_before_the_newcomer(pick: Callable[[list[Waiting], list[Usage]], Waiting]) -> int:
    """How many jobs of a flood run before the only job of somebody else, under a rule."""
    waiting = [*(_waiting(job, "flood") for job in range(10_000)), _waiting(10_000, "small")]
    usage: list[Usage] = []
    for count in range(10_001):
        chosen = pick(waiting, usage)
        waiting.remove(chosen)
        usage.append(Usage(chosen.project, chosen.person, 60.0, NOW))
        if chosen.project == "small" or count >= 20:
            return count
    return len(usage)


def test_a22_ten_thousand_jobs_of_one_person_delay_another_by_one() -> None:
    first_come = _jobs_before_the_newcomer(lambda waiting, _usage: waiting[0])
    fair = _jobs_before_the_newcomer(lambda waiting, usage: next_job(waiting, usage, now=NOW))

    assert first_come == 20  # and 9,980 more, had we gone on
    assert fair == 1
