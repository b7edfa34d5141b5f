"""A holder's own folder: read as the product's models are, and refused where it is wrong."""

from pathlib import Path

import pytest

from ecluse.data.schemas import Join, model
from ecluse.domain.errors import InvalidInput, NotFound

MODEL = """\
name = "clinic"
title_fr = "Clinique"
title_en = "Clinic"
register = { table = "patients", by = "identity", opt_out = "national_id" }
date_formats = ["%Y-%m-%d"]
"""
TABLES = """\
[[tables]]
name = "patients"
title_fr = "Patients"
title_en = "Patients"
key = ["patient"]
person = ["patient"]
person_by = "identity"

[[tables]]
name = "visits"
title_fr = "Visites"
title_en = "Visits"
key = ["patient"]
person = ["patient"]
person_by = "identity"
event_date = ["seen_on"]
joins = [{ columns = ["patient"], table = "patients", table_columns = ["patient"] }]
"""
HEADER = (
    "table;name;type;role;length;nomenclature;first_year;last_year;missing_years;aliases;"
    "title_fr;title_en\n"
)
COLUMNS = (
    "patients;patient;bigint;person;;;;;;id_patient;Patient;Patient\n"
    "patients;national_id;text;identifier;15;;;;;;Numéro national;National number\n"
    "visits;patient;bigint;person;;;;;;;Patient;Patient\n"
    "visits;seen_on;date;date;;;;;;;Jour de la visite;\n"
    "visits;disease;text;code;4;MS_CIM_V;2018;2022;2020 2021;;Maladie;Disease\n"
)
SOURCES = """\
[[sources]]
name = "visit_disease"
title_fr = "Visites, maladie"
title_en = "Visits, disease"
table = "visits"
code_column = "disease"
code_system = "ICD-10"
nomenclature = "MS_CIM_V"
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "model.toml").write_text(MODEL, encoding="utf-8")
    (tmp_path / "clinic.toml").write_text(TABLES, encoding="utf-8")
    (tmp_path / "clinic.csv").write_text(HEADER + COLUMNS, encoding="utf-8")
    (tmp_path / "sources.toml").write_text(SOURCES, encoding="utf-8")
    return tmp_path


def rewrite(file: Path, before: str, after: str) -> None:
    file.write_text(file.read_text(encoding="utf-8").replace(before, after, 1), encoding="utf-8")


def test_a_folder_describes_a_model(folder: Path) -> None:
    clinic = model(folder)

    assert (clinic.name, tuple(clinic.tables)) == ("clinic", ("patients", "visits"))
    assert clinic.register.opt_out == "national_id"
    assert clinic.table("visits").joins == (Join(("patient",), "patients", ("patient",)),)
    assert clinic.table("visits").product == "clinic"
    assert clinic.source("visit_disease").nomenclature == "MS_CIM_V"


def test_a_folder_may_be_named_as_text(folder: Path) -> None:
    assert model(str(folder)) == model(folder)


def test_columns_keep_their_years_aliases_and_lengths(folder: Path) -> None:
    disease = model(folder).table("visits").column("disease")
    patient = model(folder).table("patients").column("ID_PATIENT")

    assert disease is not None
    assert [disease.is_in(year) for year in range(2017, 2024)] == [
        False, True, True, False, False, True, False,
    ]  # fmt: skip
    assert disease.length == "4"
    assert patient is not None
    assert patient.name == "patient"


def test_a_title_that_nobody_translated_stays_in_french(folder: Path) -> None:
    seen = model(folder).table("visits").column("seen_on")

    assert seen is not None
    assert seen.title_en == "Jour de la visite"


def test_a_model_without_sources_is_a_model(folder: Path) -> None:
    (folder / "sources.toml").unlink()

    assert model(folder).sources == {}


def test_a_folder_without_model_file_is_not_found(folder: Path) -> None:
    (folder / "model.toml").unlink()

    with pytest.raises(NotFound, match=r"model\.toml"):
        model(folder)


@pytest.mark.parametrize(
    ("file", "before", "after", "said"),
    [
        ("model.toml", '"patients"', '"people"', "people is not one of its tables"),
        ("model.toml", '"national_id"', '"card"', "no column card"),
        ("model.toml", '"identity"', '"luck"', "by is 'luck'"),
        ("model.toml", "name =", "name", "is not TOML"),
        ("clinic.toml", 'event_date = ["seen_on"]', 'event_date = ["day"]', "no column day"),
        ("clinic.toml", 'person_by = "identity"', "", "person and person_by go together"),
        ("clinic.toml", 'name = "visits"', 'name = "stays"', "columns of visits"),
        ("clinic.csv", ";bigint;person;;;;;;id", ";bigint;friend;;;;;;id", "role is 'friend'"),
        ("clinic.csv", "visits;disease;", "visits;seen_on;", "visits has seen_on twice"),
        ("clinic.csv", ";2018;", ";then;", "line 6: a year"),
        ("clinic.csv", ";2018;2022;", ";2018;", "line 6: 11 values instead of 12"),
        ("clinic.csv", "table;name", "name;table", "its first line must be"),
        ("sources.toml", '"disease"', '"illness"', "visits.illness"),
    ],
)
def test_what_is_wrong_in_a_folder_is_named(
    folder: Path, file: str, before: str, after: str, said: str
) -> None:
    rewrite(folder / file, before, after)

    with pytest.raises(InvalidInput, match=said):
        model(folder)


def test_a_group_without_its_columns_is_refused(folder: Path) -> None:
    (folder / "clinic.csv").unlink()

    with pytest.raises(InvalidInput, match=r"clinic\.csv is missing"):
        model(folder)


@pytest.mark.parametrize(
    ("parent", "said"),
    [
        ("{ table = 'nowhere', columns = ['patient'] }", "unknown parent nowhere"),
        ("{ table = 'patients', columns = ['seen_on'] }", "on seen_on, which patients lacks"),
        ("{ table = 'visits', columns = ['patient'] }", "descends from itself"),
    ],
)
def test_a_parent_that_cannot_be_joined_is_refused(folder: Path, parent: str, said: str) -> None:
    rewrite(folder / "clinic.toml", 'event_date = ["seen_on"]', f"parent = {parent}")

    with pytest.raises(InvalidInput, match=said):
        model(folder)
