"""A country as delivered loads whole in the lake, and the lake finds its persons."""

from pathlib import Path

from ecluse.data.engines import connect
from ecluse.data.lake import read, read_persons
from ecluse.data.schemas import model
from ecluse.data.synthetic import Country
from tests.unit.data.synthetic.countries import Loaded, write


def test_the_whole_delivery_loads_without_a_warning_or_a_refused_row(small_country: Loaded) -> None:
    assert small_country.report.warnings == ()
    assert small_country.report.rows_quarantined == 0
    assert small_country.report.rows_loaded == sum(small_country.written.made.rows.values())


def persons_of(country: Loaded) -> int:
    """Return how many persons a lake can know: a fictive number stands for nobody."""
    return country.written.made.persons - country.written.made.traps["persons_with_fictive_number"]


def test_the_lake_finds_exactly_the_persons_generated(small_country: Loaded) -> None:
    traps = small_country.written.made.traps

    assert traps["persons_with_fictive_number"] > 0
    assert small_country.report.persons == persons_of(small_country)
    assert small_country.report.persons_without_opt_out_id == traps["persons_without_own_number"]


def test_every_line_has_a_key_and_nearly_all_a_person(small_country: Loaded) -> None:
    snapshot = small_country.report.snapshot
    with connect(readable=[snapshot.folder.parent]) as connection:
        lines = read(connection, snapshot, "ER_PRS_F")
        found = lines.aggregate(
            "count(*), count(DISTINCT event_key), count(*) FILTER (person_key IS NULL AND "
            "BEN_CDI_NIR IN ('00', '03', '04'))"
        ).fetchall()
        persons = read_persons(connection, snapshot).aggregate("count(*)").fetchall()

    count = small_country.written.made.claim_lines
    assert found == [(count, count, 0)]
    assert persons == [(persons_of(small_country),)]


def test_every_file_of_the_portal_is_a_table_of_the_model(tmp_path: Path) -> None:
    country = Country(persons=200, years=(2022,), seed=7, rendering="portal")
    made = write(tmp_path, country).made
    snds = model("snds")

    unknown = [file for file in made.rows if snds.recognise(Path(file).stem) is None]

    assert unknown == []
