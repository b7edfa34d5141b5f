"""A study of several actions, run in the real sandbox."""

import shutil
import zipfile
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from ecluse.data.enclave.jobs import JobResult, run_job
from ecluse.data.enclave.limits import Limits
from ecluse.data.enclave.orders import Folder, SealedData
from ecluse.data.enclave.sandbox import uid_for
from ecluse.data.extraction import ExtractFiles
from ecluse.domain.documents import JobStatus
from ecluse.trust.zone.sealed_files import draw_data_key

pytestmark = pytest.mark.skipif(
    shutil.which("bwrap") is None, reason="bubblewrap is not installed on this machine"
)
needs_r = pytest.mark.skipif(shutil.which("Rscript") is None, reason="R is not installed here")

STUDY = """
[study]
title = "Care of adults"
[actions.cohort]
sql = "cohort.sql"
outputs.persons = ["adults.parquet"]
[actions.counts]
python = "counts.py"
needs = ["cohort"]
outputs.results = ["counts.csv"]
"""
COHORT = "CREATE TABLE adults AS SELECT person, amount FROM care WHERE age >= 18;\n"
COUNTS = """
import pyarrow.parquet as pq
rows = pq.read_table("/inputs/cohort/adults.parquet").num_rows
open("/outputs/counts.csv", "w").write(f"persons\\n{rows}\\n")
"""


class Bench:
    """An extract of three persons, two of them adults, and a way to run studies on it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.data: Folder = folder / "data"
        self.kept = folder / "kept"
        (folder / "data").mkdir()
        table = pa.table({"person": ["a", "b", "c"], "age": [17, 18, 70], "amount": [1, 2, 4]})
        pq.write_table(table, folder / "data" / "care.parquet")

    def seal(self) -> None:
        """Have the extract sealed, as in the zone."""
        sealed = SealedData(self.folder / "sealed", draw_data_key())
        sealed.folder.mkdir()
        content = (self.folder / "data" / "care.parquet").read_bytes()
        ExtractFiles(sealed.folder, sealed.key).write("care.parquet", content)
        self.data = sealed

    def run(self, *, limits: Limits | None = None, **files: str) -> JobResult:
        """Run the study of the files given (`name__py` stands for `name.py`)."""
        told = {"study__toml": STUDY, "cohort__sql": COHORT, "counts__py": COUNTS, **files}
        with zipfile.ZipFile(self.folder / "bundle.zip", "w") as bundle:
            for name, text in told.items():
                bundle.writestr(name.replace("__", "."), text)
        return run_job(
            job_number="J-1",
            code_zip=self.folder / "bundle.zip",
            entry="study.toml",
            data=self.data,
            work=self.folder / "job",
            limits=limits or Limits(wall_seconds=60),
            uid=uid_for(7),
            kept=self.kept,
        )

    def content(self, result: JobResult, name: str) -> str:
        """The text of a result."""
        digest = next(file.digest for file in result.outputs if file.name == name)
        return (result.blobs / digest.removeprefix("sha256:")).read_text()


@pytest.fixture
def bench(tmp_path: Path) -> Bench:
    return Bench(tmp_path)


def endings(result: JobResult) -> dict[str, str]:
    return {action.name: action.ending.value for action in result.actions}


def test_an_action_reads_what_the_one_it_needs_left_and_rows_of_persons_stay(bench: Bench) -> None:
    result = bench.run()

    assert result.status is JobStatus.SUCCEEDED
    assert bench.content(result, "counts.csv") == "persons\n2\n"
    assert [file.name for file in result.outputs] == ["counts.csv"]
    assert result.log_summary == "cohort: exit code 0 · counts: exit code 0"


def test_the_same_study_on_the_same_data_is_not_run_again(bench: Bench) -> None:
    first, second = bench.run(), bench.run()

    assert endings(first) == {"cohort": "ran", "counts": "ran"}
    assert endings(second) == {"cohort": "kept", "counts": "kept"}
    assert second.outputs == first.outputs
    assert bench.content(second, "counts.csv") == "persons\n2\n"


def test_only_what_a_change_touches_is_run_again(bench: Bench) -> None:
    bench.run()

    result = bench.run(counts__py=COUNTS + "# a word more\n")

    assert endings(result) == {"cohort": "kept", "counts": "ran"}


def test_a_change_that_leaves_the_same_rows_goes_no_further(bench: Bench) -> None:
    bench.run()

    result = bench.run(cohort__sql="-- a word more\n" + COHORT)

    assert endings(result) == {"cohort": "ran", "counts": "kept"}


def test_other_data_are_another_study(bench: Bench, tmp_path: Path) -> None:
    bench.run()
    table = pa.table({"person": ["a"], "age": [40], "amount": [1]})
    pq.write_table(table, tmp_path / "data" / "care.parquet")

    result = bench.run()

    assert endings(result) == {"cohort": "ran", "counts": "ran"}
    assert bench.content(result, "counts.csv") == "persons\n1\n"


def test_what_an_action_leaves_is_sealed_like_the_extract_it_comes_from(bench: Bench) -> None:
    bench.seal()

    result = bench.run()

    kept = [path for path in bench.kept.rglob("*") if path.is_file()]
    assert bench.content(result, "counts.csv") == "persons\n2\n"
    assert len(kept) == 4  # a table of persons, a result, two manifests
    assert all(path.read_bytes().startswith(b"ecluse-sealed-1\n") for path in kept)


def test_a_kept_file_that_was_altered_is_made_again(bench: Bench) -> None:
    bench.seal()
    bench.run()
    for manifest in bench.kept.rglob("manifest.json"):
        manifest.chmod(0o600)
        manifest.write_bytes(manifest.read_bytes()[:-1] + b"x")

    result = bench.run()

    assert endings(result) == {"cohort": "ran", "counts": "ran"}


def test_an_action_that_fails_stops_those_that_need_it_and_no_other(bench: Bench) -> None:
    study = STUDY + '[actions.alone]\npython = "alone.py"\n'

    result = bench.run(study__toml=study, alone__py="", cohort__sql="SELECT * FROM nowhere;")

    assert endings(result) == {"cohort": "failed", "counts": "skipped", "alone": "ran"}
    assert result.status is JobStatus.FAILED
    assert result.log_summary == (
        "cohort: exit code 1: duckdb.CatalogException at cohort.sql line 1"
        " · counts: not run: cohort failed · alone: exit code 0"
    )


def test_an_output_that_was_declared_must_be_there(bench: Bench) -> None:
    result = bench.run(counts__py="open('/outputs/count.csv', 'w').write('n')")

    assert result.actions[1].summary == "exit code 0, but it left no counts.csv"
    assert [(one.name, one.reason) for one in result.refused] == [
        ("count.csv", "study.toml declares no such output")
    ]
    assert result.outputs == ()


def test_an_action_sees_neither_the_script_of_another_nor_a_file_of_one_it_does_not_need(
    bench: Bench,
) -> None:
    study = STUDY + '[actions.alone]\npython = "alone.py"\noutputs.results = ["seen.txt"]\n'
    alone = """
import os
seen = sorted(os.listdir("/code")) + [os.path.exists("/inputs")]
open("/outputs/seen.txt", "w").write(str(seen))
"""

    result = bench.run(study__toml=study, alone__py=alone, tools__py="")

    assert bench.content(result, "seen.txt") == "['alone.py', 'tools.py', False]"


def test_an_action_gets_the_memory_and_the_time_it_asks_and_no_more_than_the_zone_gives(
    bench: Bench,
) -> None:
    study = STUDY + (
        '[actions.asks]\npython = "asks.py"\noutputs.results = ["got.txt"]\n'
        'resources = {memory = "3 GB", threads = 50, minutes = 30}\n'
    )
    asks = """
import os, resource
got = os.environ["ECLUSE_THREADS"], resource.getrlimit(resource.RLIMIT_AS)[0]
open("/outputs/got.txt", "w").write(str(got))
"""

    result = bench.run(study__toml=study, asks__py=asks, limits=Limits(threads=2))

    assert bench.content(result, "got.txt") == "('2', 3000000000)"


def test_sql_reads_csv_and_parquet_and_writes_both(bench: Bench, tmp_path: Path) -> None:
    (tmp_path / "data" / "sexes.csv").write_text("person,sex\na,1\nb,2\nc,2\n")
    study = STUDY.replace('["adults.parquet"]', '["adults.parquet", "by_sex.csv"]')
    cohort = (
        COHORT
        + """
CREATE VIEW by_sex AS
SELECT sex, count(*) AS persons FROM care JOIN sexes USING (person) GROUP BY sex ORDER BY sex;
"""
    )
    counts = """
text = open("/inputs/cohort/by_sex.csv").read()
open("/outputs/counts.csv", "w").write(text)
"""

    result = bench.run(study__toml=study, cohort__sql=cohort, counts__py=counts)

    assert bench.content(result, "counts.csv") == "sex,persons\n1,1\n2,2\n"


def test_an_error_in_sql_is_told_with_its_line_and_without_the_row(bench: Bench) -> None:
    cohort = COHORT + "\nSELECT 1;\n\nSELECT person::INTEGER FROM care;\n"

    result = bench.run(cohort__sql=cohort)

    assert (
        result.actions[0].summary == "exit code 1: duckdb.ConversionException at cohort.sql line 5"
    )


MODEL = """
rows <- read.csv("/inputs/cohort/adults.csv")
fit <- lm(amount ~ age, data = rows)
write.csv(data.frame(slope = round(coef(fit)[["age"]], 6)), "/outputs/model.csv", row.names = FALSE)
"""


@needs_r
def test_an_action_in_r_fits_a_line(bench: Bench) -> None:
    study = """
[study]
title = "Care by age"
[actions.cohort]
sql = "cohort.sql"
outputs.persons = ["adults.csv"]
[actions.model]
r = "model.R"
needs = ["cohort"]
outputs.results = ["model.csv"]
"""
    cohort = "CREATE VIEW adults AS SELECT age, amount FROM care WHERE age >= 18;"

    result = bench.run(study__toml=study, cohort__sql=cohort, model__R=MODEL)

    # Two points: (18, 2) and (70, 4); the slope is 2 / 52.
    assert bench.content(result, "model.csv") == '"slope"\n0.038462\n'


@needs_r
def test_an_error_in_r_is_told_with_its_line_and_without_its_message(bench: Bench) -> None:
    study = STUDY + '[actions.alone]\nr = "alone.R"\n'
    alone = "x <- 1\n\nstop(paste('NIR', x))\n"

    result = bench.run(study__toml=study, alone__R=alone)

    assert result.actions[2].summary == "exit code 1: R.Error at alone.R line 3"


@needs_r
def test_r_that_cannot_be_read_is_told_with_its_line(bench: Bench) -> None:
    study = STUDY + '[actions.alone]\nr = "alone.R"\n'

    result = bench.run(study__toml=study, alone__R="x <- 1\ny <- (\n}\n")

    assert result.actions[2].summary == "exit code 1: R.SyntaxError at alone.R line 3"
