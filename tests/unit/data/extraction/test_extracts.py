import os
import stat
import subprocess
import sys
from dataclasses import replace
from datetime import date
from pathlib import Path

import pyarrow.parquet as pq
import pyreadstat
import pytest

from ecluse.data.extraction import extract, read_receipt
from ecluse.data.pseudonyms import Label, PseudonymKeys
from ecluse.domain.cohorts import AtLeast, Events, cohort_of
from ecluse.domain.documents import (
    DataFormat,
    ExtractionReceipt,
    FileFormat,
    FilterState,
    FilterSwitch,
    Removal,
    RemovedRows,
    TableScope,
)
from ecluse.domain.errors import (
    InvalidInput,
    NotFound,
    OutOfScope,
    Replayed,
    SnapshotDamaged,
    StaleOptOuts,
)
from ecluse.trust import canonical
from ecluse.trust.pseudonyms.keys import FIRST, SECOND, FileKey
from tests.unit.data import studies
from tests.unit.data.lakes import diagnosis, publish
from tests.unit.data.studies import CELECOXIB, KEY, NOW, PERMIT, Study


@pytest.fixture
def study(tmp_path: Path) -> Study:
    return Study(tmp_path)


def run(study: Study, target: Path | None = None, **changes: object) -> ExtractionReceipt:
    return extract(
        studies.warrant(studies.order(study.snapshot, **changes)),
        lake=study.lake,
        key=KEY,
        target=target or study.target,
        clock=lambda: NOW,
    )


def rows(study: Study, table: str) -> list[dict[str, object]]:
    found: list[dict[str, object]] = pq.read_table(study.target / f"{table}.parquet").to_pylist()
    return found


def pseudonym(label: Label, value: str) -> str:
    return KEY.project(PERMIT.permit_number).of(label, [value])[0]


def test_only_rows_of_persons_kept_and_of_the_care_period_are_delivered(study: Study) -> None:
    run(study)

    delivered = sorted((row["event_date"], row["PHA_PRS_C13"]) for row in rows(study, "ER_PHA_F"))
    assert delivered == [(date(2022, 3, 1), CELECOXIB), (date(2022, 4, 1), CELECOXIB)]


def test_the_receipt_counts_persons_after_each_step(study: Study) -> None:
    receipt = run(study)

    assert [(step.step, step.person_count) for step in receipt.attrition] == [
        ("persons-of-dataset", 4),
        ("Critères de la cohorte", 3),
        ("known-to-the-opt-out-register", 3),
        ("not-opted-out", 2),
        ("with-rows-in-care-period", 2),
    ]


def test_a_person_whom_the_register_cannot_name_is_left_out_and_counted(study: Study) -> None:
    receipt = run(study, cohort=cohort_of(AtLeast(Events("drug_atc", ("M01A", "A10")))))

    assert [step.person_count for step in receipt.attrition] == [4, 4, 3, 2, 2]
    assert pseudonym(Label.PERSON, "IDENTITY-OF-4") not in {
        row["person_pseudonym"] for row in rows(study, "IR_BEN_R")
    }


def test_a_person_is_named_by_the_projects_pseudonym_alone(study: Study) -> None:
    run(study)

    persons = {row["person_pseudonym"] for row in rows(study, "IR_BEN_R")}
    assert persons == {
        pseudonym(Label.PERSON, "IDENTITY-OF-1"),
        pseudonym(Label.PERSON, "IDENTITY-OF-2"),
    }


def test_person_and_identifier_columns_are_never_delivered(study: Study) -> None:
    receipt = run(study)

    register = next(table for table in receipt.tables if table.table == "IR_BEN_R")
    assert register.columns == ("person_pseudonym", "BEN_SEX_COD")
    assert register.columns_dropped == ("BEN_NIR_PSA", "ASS_NIR_ANO")


def test_link_values_become_pseudonyms_that_still_join_tables(study: Study) -> None:
    run(study)

    acts = {row["DCT_ORD_NUM"] for row in rows(study, "ER_PRS_F")}
    drugs = {row["DCT_ORD_NUM"] for row in rows(study, "ER_PHA_F")}
    assert acts == drugs == {pseudonym(Label.LINK, "101"), pseudonym(Label.LINK, "103")}


def test_professionals_become_pseudonyms(study: Study) -> None:
    run(study)

    assert {row["PFS_EXE_NUM"] for row in rows(study, "ER_PRS_F")} == {
        pseudonym(Label.PROFESSIONAL, "GP-77")
    }


def test_reference_tables_are_delivered_whole(study: Study) -> None:
    run(study)

    assert len(rows(study, "IR_PHA_R")) == 2


def test_no_byte_of_an_identity_is_in_the_extract(study: Study) -> None:
    run(study)

    content = b"".join(path.read_bytes() for path in study.target.iterdir())
    text = content + repr([rows(study, table) for table in studies.TABLES]).encode()
    assert b"PSA-OF" not in text
    assert b"IDENTITY" not in text
    assert b"INSURED" not in text
    assert bytes(range(32)).hex().encode() not in text


def test_the_same_order_gives_the_same_digests(study: Study, tmp_path: Path) -> None:
    first = run(study)
    second = run(study, target=tmp_path / "projects" / "again")

    assert [table.digest for table in first.tables] == [table.digest for table in second.tables]


def test_the_receipt_says_why_each_row_was_left_out(study: Study) -> None:
    receipt = run(study)

    # Of six lines: persons 3 and 4 are not kept, one line came too late, one is of 2021.
    assert receipt.tables[0].removed == (
        RemovedRows(Removal.OUTSIDE_COHORT, 2),
        RemovedRows(Removal.AFTER_CUT_OFF, 1),
        RemovedRows(Removal.OUTSIDE_PERIOD, 1),
    )
    assert (receipt.tables[0].row_count_in, receipt.tables[0].row_count_out) == (6, 2)


def test_the_receipt_names_every_file_but_itself_by_its_digest(study: Study) -> None:
    receipt = run(study)

    files = [path for path in study.target.iterdir() if path.name != "receipt.json"]
    assert {(one.name, one.digest) for one in receipt.files} == {
        (path.name, canonical.digest_file(path)) for path in files
    }


def test_the_receipt_gives_the_state_of_every_filter(study: Study) -> None:
    receipt = run(study, filters=(FilterSwitch("regularisations", FilterState.OFF),))

    states = {one.filter: one.state for one in receipt.filters}
    assert states["regularisations"] is FilterState.OFF
    assert FilterState.ON in states.values()


def test_a_filter_that_does_not_exist_is_refused(study: Study) -> None:
    with pytest.raises(InvalidInput, match="horoscope"):
        run(study, filters=(FilterSwitch("horoscope", FilterState.OFF),))

    assert not study.target.exists()


def test_rows_leave_in_the_order_of_the_pseudonyms(study: Study) -> None:
    run(study)

    named = [row["person_pseudonym"] for row in rows(study, "ER_PRS_F")]
    assert named == sorted(named, key=str)


def test_a_table_also_leaves_as_csv_and_for_sas_when_the_order_asks(study: Study) -> None:
    run(study, formats=(FileFormat.CSV, FileFormat.XPORT))

    parquet = rows(study, "IR_BEN_R")
    comma = (study.target / "IR_BEN_R.csv").read_text().splitlines()
    sas, _ = pyreadstat.read_xport(study.target / "IR_BEN_R.xpt", output_format="dict")
    assert comma[0] == '"person_pseudonym","BEN_SEX_COD"'
    assert comma[1] == f'"{parquet[0]["person_pseudonym"]}",{parquet[0]["BEN_SEX_COD"]}'
    assert list(sas["PERSON_1"]) == [row["person_pseudonym"] for row in parquet]
    assert list(sas["BEN_SEX2"]) == [row["BEN_SEX_COD"] for row in parquet]


def test_another_key_gives_other_digests(study: Study, tmp_path: Path) -> None:
    first = run(study)
    second = extract(
        studies.warrant(studies.order(study.snapshot)),
        lake=study.lake,
        key=PseudonymKeys(FileKey(FIRST, bytes(32)), FileKey(SECOND, bytes(range(32, 64)))),
        target=tmp_path / "projects" / "again",
        clock=lambda: NOW,
    )

    assert first.tables[0].digest != second.tables[0].digest


def test_files_are_read_only_and_closed_by_the_folder_above(study: Study) -> None:
    run(study)

    modes = {stat.S_IMODE(path.stat().st_mode) for path in study.target.iterdir()}
    assert modes == {0o444}
    assert stat.S_IMODE(study.target.stat().st_mode) == 0o555
    assert stat.S_IMODE(study.target.parent.stat().st_mode) == 0o700


def test_the_folder_holds_tables_dictionary_readme_and_receipt(study: Study) -> None:
    receipt = run(study)

    assert sorted(path.name for path in study.target.iterdir()) == [
        "ER_PHA_F.parquet",
        "ER_PRS_F.parquet",
        "IR_BEN_R.parquet",
        "IR_PHA_R.parquet",
        "LISEZMOI.md",
        "README.md",
        "codebook.csv",
        "datapackage.json",
        "dictionary.csv",
        "receipt.json",
    ]
    assert read_receipt(study.target) == receipt


def test_the_dictionary_says_which_columns_hold_pseudonyms(study: Study) -> None:
    run(study)

    lines = (study.target / "dictionary.csv").read_text().splitlines()
    assert lines[0] == "table,column,type,role,content,title_fr,title_en,nomenclature,sas_name"
    assert any(line.startswith("ER_PHA_F,DCT_ORD_NUM,text,link,pseudonym,") for line in lines)
    assert any(line.startswith("ER_PHA_F,PHA_ACT_QSN,integer,quantity,value,") for line in lines)


def test_the_opt_out_exception_keeps_persons_who_opted_out(study: Study) -> None:
    permit = replace(PERMIT, applies_opt_out_exception=True, opt_out_exception_reason="art. 71(4)")

    receipt = extract(
        studies.warrant(studies.order(study.snapshot), permit),
        lake=study.lake,
        key=KEY,
        target=study.target,
        clock=lambda: NOW,
    )

    assert receipt.attrition[2].step == "opt-out-exception-applied"
    assert receipt.attrition[2].person_count == 3


def test_a_cohort_without_anybody_delivers_empty_tables(study: Study) -> None:
    receipt = run(study, cohort=cohort_of(AtLeast(Events("drug_atc", ("Z99",)))))

    assert [table.row_count_out for table in receipt.tables] == [0, 0, 0, 2]


def test_an_order_without_dated_table_keeps_everybody_of_the_cohort(study: Study) -> None:
    receipt = run(study, tables=(TableScope("IR_BEN_R", ("BEN_SEX_COD",)),))

    assert receipt.attrition[3].person_count == 2


def test_a_second_extraction_into_the_same_folder_is_refused(study: Study) -> None:
    run(study)

    with pytest.raises(Replayed):
        run(study)


def test_a_cohort_on_a_column_outside_the_permit_is_refused(study: Study) -> None:
    stays = {"T_MCOaaB": [diagnosis(1, date(2022, 5, 1), "B20")]}
    study.snapshot = publish(
        study.lake.path, studies.DATASET, {**studies.TABLES, **stays}, studies.PERSONS
    )

    with pytest.raises(OutOfScope, match="T_MCOaaB"):
        run(study, cohort=cohort_of(AtLeast(Events("stay_main_diagnosis", ("B20",)))))

    assert not study.target.exists()


def test_a_cohort_on_days_outside_the_permit_is_refused(study: Study) -> None:
    early = cohort_of(AtLeast(Events("drug_atc", ("M01A",)).during(date(2021, 1, 1), None)))

    with pytest.raises(OutOfScope, match="2021-01-01"):
        run(study, cohort=early)


def test_an_event_source_that_does_not_exist_is_refused(study: Study) -> None:
    with pytest.raises(OutOfScope, match="horoscope"):
        run(study, cohort=cohort_of(AtLeast(Events("horoscope", ("M01A",)))))


def test_a_column_that_the_snapshot_lacks_is_refused(study: Study) -> None:
    scope = TableScope("ER_PHA_F", ("PHA_DEC_TOP",))
    datasets = (replace(PERMIT.datasets[0], tables=(*studies.SCOPE[:1], scope)),)
    permit = replace(PERMIT, datasets=datasets)
    order = studies.order(study.snapshot, tables=(scope,), cohort=_any_act())

    with pytest.raises(OutOfScope, match="PHA_DEC_TOP"):
        extract(
            studies.warrant(order, permit),
            lake=study.lake,
            key=KEY,
            target=study.target,
            clock=lambda: NOW,
        )


def _any_act() -> AtLeast:
    return cohort_of(AtLeast(Events("act_nature", ("33",))))


def test_anonymised_data_are_never_extracted_as_rows(study: Study) -> None:
    permit = replace(PERMIT, data_format=DataFormat.ANONYMISED)

    with pytest.raises(OutOfScope, match="anonymised"):
        studies.warrant(studies.order(study.snapshot), permit).check(now=NOW)


def test_a_missing_snapshot_is_named(study: Study) -> None:
    with pytest.raises(NotFound, match="20200101T000000Z-00000000"):
        run(study, snapshot="20200101T000000Z-00000000")


def test_a_damaged_snapshot_is_not_extracted(study: Study) -> None:
    file = study.snapshot.paths(study.snapshot.table("ER_PHA_F"))[0]
    file.write_bytes(file.read_bytes()[:-1] + b"?")

    with pytest.raises(SnapshotDamaged):
        run(study)

    assert not study.target.parent.exists()


def test_the_opt_out_list_must_be_the_one_that_the_order_names(study: Study) -> None:
    with pytest.raises(StaleOptOuts):
        run(study, opt_out_list_digest="sha256:" + "9" * 64)


def test_what_a_killed_extraction_left_is_replaced(study: Study) -> None:
    staging = study.target.parent / ".staging-E1"
    staging.mkdir(parents=True)
    (staging / "ER_PHA_F.parquet").write_text("half a file")
    (staging / ".spill-1").mkdir()

    run(study)

    assert [path.name for path in study.target.parent.iterdir()] == ["E1"]


FULL_DISK = """
import resource, sys
from pathlib import Path
from ecluse.domain.errors import StorageFull
from tests.unit.data import studies
from ecluse.data.extraction import extract
study = studies.Study(Path(sys.argv[1]))
resource.setrlimit(resource.RLIMIT_FSIZE, (600, 600))
import signal
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
try:
    extract(studies.warrant(studies.order(study.snapshot)), lake=study.lake, key=studies.KEY,
            target=study.target, clock=lambda: studies.NOW)
except StorageFull as error:
    print(error.code)
"""


def test_a_full_disk_leaves_nothing_behind(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-c", FULL_DISK, str(tmp_path)],
        capture_output=True,
        text=True,
        check=True,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(["src", "."])},
    )

    assert done.stdout.strip() == "storage-full"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["lake"]
