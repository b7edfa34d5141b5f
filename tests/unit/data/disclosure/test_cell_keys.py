"""R10: noise by cell keys is unbiased, of a known spread, and the same for the same persons."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from ecluse.data.disclosure import Population, decide, policy
from ecluse.data.disclosure.cell_keys import WHOLE, cell_key, noise_table, person_keys
from ecluse.data.results import Results
from ecluse.domain.errors import InvalidInput, NotFound
from tests.unit.data.disclosure.results import frame

NOISY = policy("SNDS-noise-2026")
SECRET = b"s" * 32
TABLE = noise_table("1")


def made(folder: Path, *, name: str, secret: bytes = SECRET, shift: int = 0) -> list[str]:
    """The lines of a table of 40 women and 35 men, whose pseudonyms are moved by `shift`."""
    sex = ["F"] * 40 + ["M"] * 35
    Results(folder).tabulate(frame(range(1 + shift, 76 + shift), sex=sex), name=name, by=["sex"])
    numbers = np.arange(1, 2001, dtype=np.uint64)
    population = Population.of(numbers + np.uint64(shift), numbers.astype(np.int32), secret=secret)
    data = (folder / f"{name}.result").read_bytes()
    decided = decide(data, NOISY, project="P-1", population=population)
    return decided.files[0][1].decode().splitlines()


@pytest.mark.parametrize("persons", [1, 2, 3, 4, 5, 1000])
def test_over_all_keys_noise_has_mean_0_and_variance_2(persons: int) -> None:
    noises = np.array([TABLE.noise(persons, place << 48) for place in range(WHOLE)])

    assert noises.sum() == 0
    assert noises.var() == pytest.approx(2, rel=0.001)
    assert noises.min() == max(-persons, -5)
    assert noises.max() <= 5


def test_nobody_stays_nobody() -> None:
    assert [TABLE.noise(0, key) for key in (0, 1 << 63, (1 << 64) - 1)] == [0, 0, 0]


def test_keys_of_random_cells_are_spread_evenly() -> None:
    keys = person_keys(np.arange(100_000, dtype=np.int32), SECRET)
    groups = np.random.default_rng(1).integers(0, 100_000, (20_000, 30))
    sums = np.array([cell_key(keys[group]) >> 60 for group in groups])
    counts = np.bincount(sums, minlength=16)

    # Chi-squared of 15 degrees of freedom: 37.7 is passed once in a thousand.
    assert ((counts - 1250) ** 2 / 1250).sum() < 37.7


def test_noise_of_real_cells_is_unbiased() -> None:
    keys = person_keys(np.arange(100_000, dtype=np.int32), SECRET)
    groups = np.random.default_rng(2).integers(0, 100_000, (20_000, 30))
    noises = np.array([TABLE.noise(30, cell_key(keys[group])) for group in groups])

    # Standard error of the mean: sqrt(2 / 20,000) = 0.01.
    assert abs(noises.mean()) < 0.04
    assert noises.var() == pytest.approx(2, rel=0.05)


def test_a_person_more_changes_the_noise_beyond_the_person() -> None:
    keys = person_keys(np.arange(10_000, dtype=np.int32), SECRET)
    shown = [30 + TABLE.noise(30, cell_key(keys[one : one + 30])) for one in range(5000)]
    beside = [31 + TABLE.noise(31, cell_key(keys[one : one + 31])) for one in range(5000)]
    differences = np.array(beside) - np.array(shown)

    assert differences.var() == pytest.approx(4, rel=0.1)
    assert np.mean(differences == 1) < 0.25


def test_the_key_of_a_person_is_the_same_in_any_company() -> None:
    alone = person_keys(np.array([70_000], np.int32), SECRET)
    among = person_keys(np.array([5, 70_000, 900_000], np.int32), SECRET)

    assert alone[0] == among[1]
    assert len(set(among.tolist())) == 3


def test_the_same_cell_has_the_same_noise_in_any_project_and_under_any_name(
    tmp_path: Path,
) -> None:
    first = made(tmp_path, name="one")

    assert first == made(tmp_path, name="two", shift=5000)
    assert first[2:] == [f"F,{40 + (int(first[2][2:]) - 40)}", first[3]]


def test_another_secret_gives_another_noise(tmp_path: Path) -> None:
    tables = {tuple(made(tmp_path, name=f"t{n}", secret=bytes([n]) * 32)) for n in range(8)}

    assert len(tables) > 3


def test_no_amount_stands_beside_numbers_with_noise(tmp_path: Path) -> None:
    columns = frame(range(1, 41), sex=["F"] * 40, cost=[1.0] * 40)
    Results(tmp_path).tabulate(columns, name="t", by=["sex"], amount="cost")

    with pytest.raises(InvalidInput, match="ask for persons alone"):
        decide((tmp_path / "t.result").read_bytes(), NOISY, project="P-1")


def test_a_table_of_noise_that_is_not_there_is_named(tmp_path: Path) -> None:
    Results(tmp_path).tabulate(frame(range(1, 41), sex=["F"] * 40), name="t", by=["sex"])
    data = (tmp_path / "t.result").read_bytes()

    with pytest.raises(NotFound, match="nowhere"):
        decide(data, replace(NOISY, cell_keys="nowhere"), project="P-1")
