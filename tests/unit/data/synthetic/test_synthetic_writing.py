"""Same seed, same bytes, however many work; renderings; what is refused."""

import json
from pathlib import Path

import pytest

from ecluse.data.synthetic import Country, generate, write_country
from ecluse.data.synthetic.generation import orders_of
from ecluse.domain.errors import InvalidInput
from tests.unit.data.synthetic.countries import KEY, contents, write

SMALL = Country(persons=300, years=(2022,), seed=3)


def test_the_same_seed_gives_the_same_bytes(tmp_path: Path) -> None:
    write(tmp_path / "a", SMALL)
    write(tmp_path / "b", SMALL)

    assert contents(tmp_path / "a") == contents(tmp_path / "b")


def test_two_workers_write_what_one_writes(tmp_path: Path) -> None:
    country = Country(persons=1200, years=tuple(range(2006, 2024)), seed=3, intensity=0.1)
    assert len(orders_of(country, KEY, folder=tmp_path)) == 2
    write(tmp_path / "one", country, workers=1)
    write(tmp_path / "two", country, workers=2)

    assert contents(tmp_path / "one") == contents(tmp_path / "two")


def test_another_seed_gives_another_country(tmp_path: Path) -> None:
    write(tmp_path / "a", SMALL)
    write(tmp_path / "b", Country(persons=300, years=(2022,), seed=4))

    assert contents(tmp_path / "a") != contents(tmp_path / "b")


def test_blocks_share_all_the_persons(tmp_path: Path) -> None:
    blocks = orders_of(Country(persons=25_001, years=(2022,)), KEY, folder=tmp_path)

    assert [(block.first, block.persons) for block in blocks] == [(0, 12_500), (12_500, 12_501)]


def test_the_portal_has_one_folder_a_month_of_flux_and_its_own_names(tmp_path: Path) -> None:
    country = Country(persons=300, years=(2022,), seed=3, rendering="portal")
    made = write_country(country, tmp_path, national_key=KEY)

    header = (made.delivery_path / "2022-03" / "ER_PRS_F.csv").read_text().split("\n")[0]
    assert "BEN_NIR_PSA" in header.split(";")
    assert made.claim_lines > 0


def test_both_renderings_tell_the_same_world(tmp_path: Path) -> None:
    portal = write(tmp_path / "a", Country(persons=300, years=(2022,), seed=3, rendering="portal"))
    delivery = write(tmp_path / "b", SMALL)
    question = (
        "SELECT count(*), sum(CAST(PRS_ACT_QTE AS INTEGER)), min(EXE_SOI_AMD), max(PFS_EXE_NUM) "
        "FROM ER_PRS_F"
    )

    assert portal.ask(question) == delivery.ask(question)
    assert portal.made.traps == delivery.made.traps


def test_the_truth_lies_apart_from_the_delivery(tmp_path: Path) -> None:
    made = write(tmp_path, SMALL).made
    counts = json.loads((made.truth_path / "truth_counts.json").read_text())

    assert counts["traps"] == made.traps
    assert {file.name for file in made.truth_path.iterdir()} == {
        "casts.parquet",
        "persons.parquet",
        "registrations.parquet",
        "stays.parquet",
        "report.html",
        "traps",
        "traps.json",
        "truth_counts.json",
    }
    assert not list(made.delivery_path.rglob("*.parquet"))


def test_nothing_is_left_of_the_pieces(tmp_path: Path) -> None:
    write(tmp_path, SMALL)

    assert {path.name for path in tmp_path.iterdir()} == {"delivery", "truth"}


def test_progress_is_told_block_by_block(tmp_path: Path) -> None:
    told: list[tuple[str, int, int]] = []
    generate(
        tmp_path,
        persons=50,
        years=(2022,),
        national_key=KEY,
        on_progress=lambda step, done, total: told.append((step, done, total)),
    )

    assert told == [("persons", 1, 1)]


@pytest.mark.parametrize(
    ("persons", "years"),
    [(3, (2022,)), (2_400_001, (2022,)), (100, ()), (100, (2020, 2022)), (100, (2004, 2005))],
)
def test_a_country_that_makes_no_sense_is_refused(
    tmp_path: Path, persons: int, years: tuple[int, ...]
) -> None:
    with pytest.raises(InvalidInput):
        generate(tmp_path, persons=persons, years=years, national_key=KEY)


@pytest.mark.parametrize("intensity", [0, 11, float("nan")])
def test_an_intensity_out_of_bounds_is_refused(tmp_path: Path, intensity: float) -> None:
    with pytest.raises(InvalidInput, match=r"ask for 0\.1 to 10"):
        write(tmp_path, Country(persons=100, years=(2022,), intensity=intensity))
