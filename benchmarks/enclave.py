"""What the sandbox adds to a job, and whether a queue is fair.

    python -m benchmarks.enclave [rounds]

The same command bare and in the sandbox, in turn, in one run: the difference of the medians is what
a job pays, that of the shortest runs what it pays on a machine at rest. Then a study of two
actions, first run and sent again. Then two hundred jobs that wait: whose turn comes when, and how
long choosing takes.
"""

import statistics
import subprocess
import sys
import tempfile
import time
import zipfile
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

from ecluse.data.enclave import interpreter
from ecluse.data.enclave.isolation import isolation_report, require_isolation
from ecluse.data.enclave.jobs import run_job
from ecluse.data.enclave.limits import Limits
from ecluse.data.enclave.sandbox import run, uid_for
from ecluse.domain.workflows import Usage, Waiting, next_job

ROUNDS = 21
PAUSE = 0.3
"""The agent signs, journals and delivers between two jobs; the next stage gets ready meanwhile."""
JOBS = 200
NOW = datetime(2026, 3, 2, tzinfo=UTC)
COMMANDS = {"an empty script": "pass", "import duckdb, numpy": "import duckdb, numpy"}
STUDY = {
    "study.toml": """
[study]
title = "Benchmark"
[actions.rows]
sql = "rows.sql"
outputs.persons = ["rows.parquet"]
[actions.counts]
python = "counts.py"
needs = ["rows"]
outputs.results = ["counts.csv"]
""",
    "rows.sql": "CREATE TABLE rows AS SELECT range AS person FROM range(100000);",
    "counts.py": """
import duckdb
count = duckdb.sql("SELECT count(*) FROM '/inputs/rows/rows.parquet'").fetchall()[0][0]
open("/outputs/counts.csv", "w").write(f"persons\\n{count}\\n")
""",
}


def main() -> None:
    """Print the three tables."""
    rounds = int(sys.argv[1]) if sys.argv[1:] else ROUNDS
    require_isolation()
    print("command                  bare ms sandbox ms   added ms     least")
    for name, code in COMMANDS.items():
        bare, boxed = _both(code, rounds)
        middle = [statistics.median(one) * 1000 for one in (bare, boxed)]
        least = (min(boxed) - min(bare)) * 1000  # what is left of it on a machine at rest
        figures = (*middle, middle[1] - middle[0], least)
        print(f"{name:<22}" + "".join(f"{one:>11.1f}" for one in figures))
    print(f"\nself-test: {_timed(isolation_report) * 1000:.0f} ms")
    with tempfile.TemporaryDirectory() as name:
        first, again = _study(Path(name))
    print(f"study of two actions: {first * 1000:.0f} ms, sent again {again * 1000:.0f} ms")
    _queue()


def _both(code: str, rounds: int) -> tuple[list[float], list[float]]:
    bare, boxed = [], []
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        folder.chmod(0o755)
        for part in ("data", "code"):
            (folder / part).mkdir()
        for number in range(rounds):
            bare.append(_timed(lambda: _bare(code)))
            time.sleep(PAUSE)
            boxed.append(_timed(lambda number=number: _boxed(code, folder, number)))
    return bare, boxed


def _bare(code: str) -> None:
    subprocess.run([sys.executable, "-c", code], check=True)


def _boxed(code: str, folder: Path, number: int) -> None:
    result = run(
        [interpreter.PYTHON, "-c", code],
        data=folder / "data",
        code=folder / "code",
        limits=Limits(),
        uid=uid_for(number),
        work=folder / f"work-{number}",
    )
    if result.exit_code:
        raise SystemExit("The job failed.")


def _study(folder: Path) -> tuple[float, float]:
    (folder / "data").mkdir()
    with zipfile.ZipFile(folder / "study.zip", "w") as bundle:
        for name, text in STUDY.items():
            bundle.writestr(name, text)

    def once() -> None:
        result = run_job(
            job_number="J-1",
            code_zip=folder / "study.zip",
            entry="study.toml",
            data=folder / "data",
            work=folder / "job",
            kept=folder / "kept",
            limits=Limits(),
            uid=uid_for(1),
        )
        if result.exit_code:
            raise SystemExit(result.log_summary)

    return _timed(once), _timed(once)


def _queue() -> None:
    """Ten projects send 190 jobs, one after the other; an eleventh then sends ten."""
    waiting = [Waiting(f"J{n}", f"P{n // 19}", "one", n) for n in range(JOBS - 10)]
    waiting += [Waiting(f"J{n}", "late", "two", n) for n in range(JOBS - 10, JOBS)]
    usage: list[Usage] = []
    places: dict[str, list[int]] = {}
    began = time.perf_counter()
    for place in range(JOBS):
        chosen = next_job(waiting, usage, now=NOW + timedelta(minutes=place))
        waiting.remove(chosen)
        usage.append(Usage(chosen.project, chosen.person, 60.0, NOW + timedelta(minutes=place)))
        places.setdefault(chosen.project, []).append(place)
    spent = time.perf_counter() - began
    firsts = {project: found[0] for project, found in places.items()}
    tenth = {project: found[9] for project, found in places.items()}
    print(
        f"\n{JOBS} jobs of {len(places)} projects: choosing takes {spent / JOBS * 1e6:.0f} µs a job"
    )
    print(f"first job of each project: places {min(firsts.values())} to {max(firsts.values())}")
    print(f"tenth job of each project: places {min(tenth.values())} to {max(tenth.values())}")


def _timed(work: Callable[[], object]) -> float:
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


if __name__ == "__main__":
    main()
