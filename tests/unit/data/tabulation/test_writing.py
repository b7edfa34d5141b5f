"""An answer as files."""

import json
from pathlib import Path

import pytest

from ecluse.data.tabulation import receipt, write
from ecluse.domain.errors import InvalidInput
from tests.unit.data.tabulation.clinics import MAN, Clinic, clinic, person, plan, table


@pytest.fixture
def here(tmp_path: Path) -> Clinic:
    """20 women and 4 men: one small cell in a table of two."""
    women = [person(key) for key in range(20)]
    return clinic(tmp_path, women + [person(key, sex=MAN) for key in range(20, 24)])


def test_a_table_is_a_csv_with_a_sign_where_a_number_is_hidden(
    here: Clinic, tmp_path: Path
) -> None:
    write(here.answer(plan(table("sex", name="by_sex"))), tmp_path / "out")

    text = (tmp_path / "out" / "by_sex.csv").read_text()
    assert text.splitlines()[0] == "sex,persons"
    assert "M,s" in text.splitlines()
    assert "M,4" not in text


def test_a_table_is_a_json_stat_dataset_of_as_many_values_as_its_size(
    here: Clinic, tmp_path: Path
) -> None:
    write(here.answer(plan(table("sex", "age", name="both"))), tmp_path / "out")

    made = json.loads((tmp_path / "out" / "both.json").read_text())
    assert made["version"] == "2.0"
    assert made["id"] == ["sex", "age", "measure"]
    assert made["size"] == [4, 5, 1]
    assert len(made["value"]) == 20
    assert set(made["status"].values()) == {"s"}
    assert [made["value"][int(place)] for place in made["status"]] == [None] * len(made["status"])


def test_the_notice_is_in_both_languages_and_the_codebook_lists_every_category(
    here: Clinic, tmp_path: Path
) -> None:
    write(here.answer(plan(table("sex"))), tmp_path / "out")

    assert "from 1 to 10" not in (tmp_path / "out" / "LISEZMOI.md").read_text()
    assert "de 1 à 10 personnes" in (tmp_path / "out" / "LISEZMOI.md").read_text()
    assert "1 to 10 persons" in (tmp_path / "out" / "README.md").read_text()
    assert "sex,Sex,F,Women,_T" in (tmp_path / "out" / "codebook.csv").read_text()


def test_the_receipt_counts_cells_and_names_every_file_by_its_digest(
    here: Clinic, tmp_path: Path
) -> None:
    answer = here.answer(plan(table("sex")))

    made = receipt(answer, write(answer, tmp_path / "out"))

    assert made["cells"] == 4
    assert made["primary_suppressed"] == 1
    assert sorted(made["files"]) == sorted(path.name for path in (tmp_path / "out").iterdir())


def test_a_folder_that_exists_is_left_as_it_is(here: Clinic, tmp_path: Path) -> None:
    answer = here.answer(plan(table("sex")))
    (tmp_path / "out").mkdir()

    with pytest.raises(InvalidInput, match="exists already"):
        write(answer, tmp_path / "out")
