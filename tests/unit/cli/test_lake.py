import json
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from ecluse.cli.lake import lake_app
from ecluse.data.lake import Lake
from ecluse.data.lake.certificates import check
from ecluse.domain.documents import Signer
from ecluse.domain.errors import (
    InvalidInput,
    LoadFailed,
    NotAllowed,
    NotFound,
    SnapshotDamaged,
)
from ecluse.trust.keys import Keyring, create_key
from tests.unit.data.lake.worlds import TABLES, act, publish, rows, texts_under

REGISTER = """\
BEN_NIR_PSA;BEN_RNG_GEM;BEN_NIR_ANO;BEN_IDT_ANO
ANNA;1;N-ANNA;N-ANNA
BRUNO;1;N-BRUNO;N-BRUNO
"""
MORNING = datetime(2026, 1, 5, 10, tzinfo=UTC)


def run(*arguments: object, text: str = "") -> Result:
    return CliRunner().invoke(lake_app, [str(argument) for argument in arguments], input=text)


def told(*arguments: object) -> dict[str, object]:
    done = run(*arguments, "--json")
    assert done.exit_code == 0, done.output
    found: dict[str, object] = json.loads(done.stdout)
    return found


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("ECLUSE_HOME", str(tmp_path / "home"))
    return tmp_path / "home"


@pytest.fixture
def lake(tmp_path: Path) -> Path:
    publish(tmp_path / "lake", now=MORNING)
    return tmp_path / "lake"


def asked(folder: Path, *ids: str) -> Path:
    file = folder / "request.txt"
    file.write_text("\n".join(ids) + "\n")
    return file


def test_a_load_tells_its_counts_as_json(tmp_path: Path) -> None:
    source = tmp_path / "IR_BEN_R.csv"
    source.write_text(REGISTER)

    counts = told(
        *("load", source, "--dataset", "claims", "--model", "snds", "--lake", tmp_path / "lake")
    )

    assert (counts["persons"], counts["rows_read"], counts["rows_quarantined"]) == (2, 2, 0)


def test_a_delivery_that_cannot_be_loaded_raises_its_own_error(tmp_path: Path) -> None:
    source = tmp_path / "delivery"
    source.mkdir()
    (source / "README.csv").write_text("not;a;table\n")

    done = run(
        *("load", source, "--dataset", "claims", "--model", "snds", "--lake", tmp_path / "lake")
    )

    assert isinstance(done.exception, LoadFailed)


def test_the_list_names_each_dataset_with_its_persons(lake: Path) -> None:
    (found,) = told("list", "--lake", lake)["datasets"]  # type: ignore[misc]

    assert (found["dataset"], found["persons"], found["model"]) == ("claims", 4, "snds")


def test_show_gives_the_columns_and_slices_of_a_table(lake: Path) -> None:
    shown = told("show", "claims", "--table", "ER_PRS_F", "--lake", lake)

    assert shown["columns"][:2] == ["person_key", "event_date"]  # type: ignore[index]
    assert shown["slices"] == ["2005-03", "2022-06", "2022-07"]


def test_showing_a_table_that_is_absent_names_those_that_exist(lake: Path) -> None:
    shown = run("show", "claims", "--table", "ER_TIP_F", "--lake", lake)

    assert isinstance(shown.exception, NotFound)
    assert "ER_PRS_F, IR_PHA_R, T_MCOaaC" in str(shown.exception)


def test_a_dataset_is_shown_as_it_was_at_the_end_of_a_day(lake: Path) -> None:
    publish(lake, {"ER_PRS_F": TABLES["ER_PRS_F"]}, now=datetime(2026, 1, 6, 0, tzinfo=UTC))

    assert list(told("show", "claims", "--lake", lake)["tables"]) == ["ER_PRS_F"]  # type: ignore[call-overload]
    assert len(told("show", "claims", "--as-of", "2026-01-05", "--lake", lake)["tables"]) == 3  # type: ignore[arg-type]
    assert isinstance(
        run("show", "claims", "--as-of", "2026-01-04", "--lake", lake).exception, NotFound
    )


def test_a_snapshot_and_a_day_cannot_both_be_asked(lake: Path) -> None:
    name = Lake(lake).snapshot("claims").snapshot_id

    refused = run("show", "claims", "--snapshot", name, "--as-of", "2026-01-05", "--lake", lake)

    assert isinstance(refused.exception, InvalidInput)


def test_the_history_tells_which_slices_each_snapshot_replaced(lake: Path) -> None:
    again = [
        act(2, date(2022, 7, 9), "PSA-OF-BRUNO"),
        act(2, date(2022, 8, 9), "PSA-OF-BRUNO"),
    ]
    publish(lake, {"ER_PRS_F": again}, now=datetime(2026, 2, 5, tzinfo=UTC))

    first, second = told("history", "claims", "--lake", lake)["snapshots"]  # type: ignore[misc]

    assert (first["rows"], second["rows"]) == (9, 2)
    assert second["tables"][0] == {
        "table": "ER_PRS_F",
        "added": ["2022-08"],
        "replaced": ["2022-07"],
        "removed": ["2005-03", "2022-06"],
    }


def test_the_history_is_told_in_words(lake: Path) -> None:
    publish(lake, {"ER_PRS_F": TABLES["ER_PRS_F"][:1]}, now=datetime(2026, 2, 5, tzinfo=UTC))

    shown = run("history", "claims", "--lake", lake)

    told_lines = "ER_PRS_F : remplace 2005-03 ; retire 2022-06, 2022-07"
    assert told_lines in " ".join(shown.stdout.split())


def test_an_intact_dataset_verifies(lake: Path) -> None:
    verified = told("verify", "claims", "--lake", lake)

    assert (verified["ok"], verified["files"]) == (True, 3 + 7)


def test_a_changed_dataset_does_not_verify(lake: Path) -> None:
    table, *_ = lake.glob("claims/parts/ER_PRS_F/*.parquet")
    table.write_bytes(table.read_bytes()[:-1] + b"x")

    assert isinstance(run("verify", "claims", "--lake", lake).exception, SnapshotDamaged)
    assert told("verify", "claims", "--table", "T_MCOaaC", "--lake", lake)["ok"] is True


def test_a_compact_dataset_stays_as_it_is(lake: Path) -> None:
    before = Lake(lake).snapshot("claims").snapshot_id

    assert told("compact", "claims", "--lake", lake)["snapshot"] == before
    assert "Rien à réunir" in run("compact", "claims", "--lake", lake).stdout


def test_slices_are_archived_when_the_legal_time_is_over(lake: Path) -> None:
    assert told("retire", "claims", "--lake", lake)["before"] == datetime.now(UTC).year - 20


def test_slices_of_before_a_year_are_archived(lake: Path) -> None:
    done = told("retire", "claims", "--before", "2007", "--lake", lake)

    assert (done["archive"], done["rows"]) == ("claims-before-2007", 2)
    assert told("show", "claims", "--table", "ER_PRS_F", "--lake", lake)["slices"] == [
        "2022-06",
        "2022-07",
    ]


def test_the_archive_is_listed_and_verified_apart(lake: Path) -> None:
    told("retire", "claims", "--before", "2006", "--lake", lake)

    (archived,) = told("list", "--archive", "--lake", lake)["datasets"]  # type: ignore[misc]
    assert archived["dataset"] == "claims-before-2006"
    assert told("verify", "claims-before-2006", "--archive", "--lake", lake)["ok"] is True


def test_old_snapshots_are_dropped_then_swept(lake: Path) -> None:
    publish(lake, {"ER_PRS_F": TABLES["ER_PRS_F"]}, now=datetime(2026, 2, 5, tzinfo=UTC))

    dropped = told("retire", "claims", "--snapshots-before", "2026-02-01", "--lake", lake)
    waiting = told("sweep", "claims", "--lake", lake)
    swept = told("sweep", "claims", "--grace-days", "0", "--lake", lake)

    assert len(dropped["dropped"]) == 1  # type: ignore[arg-type]
    assert (waiting["deleted"], waiting["waiting"]) == (0, 2)
    assert (swept["deleted"], swept["waiting"]) == (2, 0)


def test_persons_are_erased_from_the_lake_and_from_its_archive(tmp_path: Path, lake: Path) -> None:
    told("retire", "claims", "--before", "2006", "--lake", lake)
    file = asked(tmp_path, "OPT-OUT-ANNA")

    done = told("erase", "claims", "--persons", file, "--reference", "7", "--yes", "--lake", lake)

    assert [one["dataset"] for one in done["certificates"]] == ["claims", "claims-before-2006"]  # type: ignore[attr-defined]
    assert "ANNA" not in texts_under(lake)


def test_a_certificate_is_signed_by_the_agent_s_key(tmp_path: Path, lake: Path, home: Path) -> None:
    key = create_key(home / "zone" / "keys", Signer.AGENT, now=MORNING)
    file = asked(tmp_path, "OPT-OUT-ANNA")

    done = told("erase", "claims", "--persons", file, "--reference", "7", "--yes", "--lake", lake)

    (made,) = done["certificates"]  # type: ignore[misc]
    certificate = check(Path(made["file"]).read_bytes(), Keyring([key.public()]))
    assert (certificate.reference, certificate.persons_erased) == ("7", 1)


def test_nothing_is_erased_without_a_yes(tmp_path: Path, lake: Path) -> None:
    file = asked(tmp_path, "OPT-OUT-ANNA")

    refused = run(
        *("erase", "claims", "--persons", file, "--reference", "7", "--lake", lake), text="n\n"
    )

    silent = run(
        *("erase", "claims", "--persons", file, "--reference", "7", "--json", "--lake", lake)
    )

    assert isinstance(refused.exception, NotAllowed)
    assert isinstance(silent.exception, NotAllowed)
    assert "OPT-OUT-ANNA" in texts_under(lake)


@pytest.mark.parametrize("options", [(), ("--whole-dataset", "--snapshot", "x")])
def test_an_erasure_says_what_is_erased(lake: Path, options: tuple[str, ...]) -> None:
    refused = run("erase", "claims", "--reference", "7", "--yes", *options, "--lake", lake)

    assert isinstance(refused.exception, InvalidInput)


def test_a_dataset_is_erased_with_its_archives(lake: Path) -> None:
    told("retire", "claims", "--before", "2006", "--lake", lake)

    told("erase", "claims", "--whole-dataset", "--reference", "7", "--yes", "--lake", lake)

    assert not (lake / "claims").exists()
    assert not (lake / ".archive" / "claims-before-2006").exists()


def test_a_list_of_persons_without_any_is_refused(tmp_path: Path, lake: Path) -> None:
    file = asked(tmp_path, "  ")

    refused = run(
        *("erase", "claims", "--persons", file, "--reference", "7", "--yes", "--lake", lake)
    )

    assert isinstance(refused.exception, InvalidInput)


def test_a_dataset_is_encrypted_under_a_key_made_for_it(tmp_path: Path, lake: Path) -> None:
    key = tmp_path / "safe" / "lake.key"

    told("encrypt", "claims", "--to", key, "--lake", lake)

    shown = told("show", "claims", "--lake", lake)
    assert str(shown["encryption"]).startswith("lake-")
    assert key.stat().st_mode & 0o777 == 0o600
    with pytest.raises(NotFound, match="encrypted"):
        rows(Lake(lake).snapshot("claims"), "ER_PRS_F", "person_key")


def test_an_encrypted_dataset_is_kept_with_its_key(tmp_path: Path, lake: Path) -> None:
    key = tmp_path / "safe" / "lake.key"
    told("encrypt", "claims", "--to", key, "--lake", lake)

    refused = run("compact", "claims", "--lake", lake)
    done = told("compact", "claims", "--key", key, "--lake", lake)

    assert isinstance(refused.exception, InvalidInput)
    assert done["dataset"] == "claims"


def test_encryption_says_to_which_key_or_to_none(lake: Path) -> None:
    assert isinstance(run("encrypt", "claims", "--lake", lake).exception, InvalidInput)


@pytest.mark.parametrize(
    "command",
    ["load", "list", "show", "history", "verify", "compact", "retire", "sweep", "erase", "encrypt"],
)
def test_every_command_has_help(command: str) -> None:
    helped = run(command, "--help")

    assert helped.exit_code == 0
    assert "--json" in helped.output
