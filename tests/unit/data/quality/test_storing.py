from datetime import UTC, date, datetime
from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner

from ecluse.cli.quality import measure_load, quality
from ecluse.data.engines import connect
from ecluse.data.lake import Lake, Snapshot, verify
from ecluse.data.quality import Status, decode, encode, json_path, keep, store, stored
from ecluse.domain.errors import InvalidInput, JobFailed, Malformed
from ecluse.trust import canonical
from ecluse.trust.zone.lake_keys import draw_lake_key
from tests.unit.data.lakes import publish, publish_in
from tests.unit.data.quality.examined import ON, PERSONS, act, exact, found, registered

MAY = date(2022, 5, 10)


def published(folder: Path, *, now: datetime) -> Snapshot:
    acts = [act(1, MAY, key) for key in range(12)]
    tables = {"ER_PRS_F": acts, "IR_BEN_R": [registered(1), registered(2)]}
    return publish(folder, "data", tables, PERSONS, now=now)


@pytest.fixture
def snapshot(tmp_path: Path) -> Snapshot:
    return published(tmp_path, now=datetime(2026, 1, 4, tzinfo=UTC))


def test_a_report_is_kept_beside_the_snapshots_and_read_again(snapshot: Snapshot) -> None:
    with connect(readable=[snapshot.folder]) as connection:
        made = store(snapshot, connection=connection, on=ON)

    path = json_path(snapshot.folder, snapshot.snapshot_id)
    assert path == snapshot.folder / "quality" / f"{snapshot.snapshot_id}.json"
    assert path.with_suffix(".html").is_file()
    assert stored(snapshot.folder, snapshot.snapshot_id) == made
    verify(snapshot)  # what was published is as it was


def test_the_next_snapshot_is_compared_with_the_report_kept(snapshot: Snapshot) -> None:
    later = published(snapshot.folder.parent, now=datetime(2026, 2, 4, tzinfo=UTC))

    with connect(readable=[snapshot.folder]) as connection:
        store(snapshot, connection=connection, on=ON)
        made = store(later, connection=connection, on=ON)

    assert (made.former, made.changes) == (snapshot.snapshot_id, ())


def test_a_report_is_its_json_and_its_json_is_canonical(snapshot: Snapshot) -> None:
    made = exact(snapshot)

    written = canonical.encode(encode(made))

    assert decode(canonical.decode(written)) == made


def test_a_report_of_another_version_is_as_good_as_none(snapshot: Snapshot) -> None:
    keep_path = json_path(snapshot.folder, snapshot.snapshot_id)
    keep_path.parent.mkdir()
    json = encode(exact(snapshot))
    assert isinstance(json, dict)
    keep_path.write_bytes(canonical.encode({**json, "version": 99}))

    assert stored(snapshot.folder, snapshot.snapshot_id) is None
    with pytest.raises(Malformed, match="version 99"):
        decode({**json, "version": 99})


def test_a_report_that_shows_small_counts_is_never_kept(snapshot: Snapshot) -> None:
    with pytest.raises(InvalidInput, match="small counts"):
        keep(exact(snapshot), snapshot.folder)


def test_measuring_leaves_nothing_on_the_connection(snapshot: Snapshot) -> None:
    with connect(readable=[snapshot.folder]) as connection:
        store(snapshot, connection=connection, on=ON)
        left = connection.execute("SHOW TABLES").fetchall()

    assert left == []


def test_a_part_that_cannot_be_read_is_told_without_its_content(snapshot: Snapshot) -> None:
    (part,) = snapshot.paths(snapshot.tables["ER_PRS_F"])
    part.write_bytes(b"PAR1" + b"\xff" * 100)

    with pytest.raises(JobFailed, match="ecluse lake verify data"):
        exact(snapshot)


def test_an_encrypted_snapshot_is_measured_as_one_in_clear(tmp_path: Path) -> None:
    lake = Lake(tmp_path, key=draw_lake_key())
    acts = [act(1, MAY, 1, PRE_PRE_DTD=None), act(1, MAY, 1, PRE_PRE_DTD=MAY)]
    publish_in(lake, "data", {"ER_PRS_F": acts, "IR_BEN_R": [registered(1)]}, PERSONS)

    report = exact(lake.snapshot("data"))

    assert found(report, "repeated-key", "ER_PRS_F") == (1, 2, Status.FAILED)
    table = report.table("ER_PRS_F")
    assert table is not None
    missing = {column.name: column.missing for column in table.columns}
    assert (missing["PRE_PRE_DTD"], missing["EXE_SOI_DTD"]) == (1, 0)


def command() -> typer.Typer:
    app = typer.Typer()
    app.command()(quality)
    return app


def test_the_command_writes_the_page_and_tells_what_asks_for_a_look(
    snapshot: Snapshot, tmp_path: Path
) -> None:
    html = tmp_path / "page.html"

    result = CliRunner().invoke(
        command(),
        ["data", "--lake", str(snapshot.folder.parent), "--html", str(html), "--lang", "en"],
    )

    assert result.exit_code == 0
    assert "Mois écoulés depuis le dernier flux" in result.stdout
    assert '<html lang="en">' in html.read_text(encoding="utf-8")
    assert stored(snapshot.folder, snapshot.snapshot_id) is not None


def test_the_command_compares_with_the_snapshot_asked_for(snapshot: Snapshot) -> None:
    published(snapshot.folder.parent, now=datetime(2026, 2, 4, tzinfo=UTC))

    result = CliRunner().invoke(
        command(),
        [
            "data",
            "--lake",
            str(snapshot.folder.parent),
            "--against",
            snapshot.snapshot_id,
            "--json",
        ],
    )

    assert f'"former": "{snapshot.snapshot_id}"' in result.stdout


def test_an_exact_report_is_shown_and_not_kept(snapshot: Snapshot) -> None:
    result = CliRunner().invoke(
        command(), ["data", "--lake", str(snapshot.folder.parent), "--exact", "--json"]
    )

    assert '"minimum_count": 1,' in result.stdout
    assert stored(snapshot.folder, snapshot.snapshot_id) is None


def test_a_load_is_measured_and_its_report_kept(snapshot: Snapshot) -> None:
    measure_load(snapshot)

    assert stored(snapshot.folder, snapshot.snapshot_id) is not None


def test_a_measure_that_fails_does_not_undo_the_load(
    snapshot: Snapshot, capsys: pytest.CaptureFixture[str]
) -> None:
    (part,) = snapshot.paths(snapshot.tables["ER_PRS_F"])
    part.write_bytes(b"PAR1" + b"\xff" * 100)

    measure_load(snapshot)

    assert "Attention" in capsys.readouterr().err
    assert stored(snapshot.folder, snapshot.snapshot_id) is None
