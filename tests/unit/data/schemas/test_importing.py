"""Table Schema JSON becomes a model; columns get a role by written rules."""

import json
from pathlib import Path
from typing import Any

import pytest

from ecluse.data.schemas import model
from ecluse.data.schemas.importing import ModelDraft, import_model
from ecluse.data.schemas.roles import role_of, rules
from ecluse.domain.errors import InvalidInput

DRAFT = ModelDraft("clinic", "Clinique", "Clinic", "patients", ("patient",))
PATIENTS = {
    "name": "patients",
    "title": "Patients  suivis",
    "primaryKey": "patient",
    "fields": [
        {"name": "patient", "type": "integer", "length": "12"},
        {"name": "prenom", "type": "string", "description": "Prénom"},
    ],
}
VISITS = {
    "name": "visits",
    "title": "Visites",
    "history": {"dateCreated": "2015", "dateDeleted": "", "dateMissing": []},
    "primaryKey": ["patient", "seen_on"],
    "foreignKeys": [
        {"fields": "patient", "reference": {"resource": "patients", "fields": "patient"}},
        {"fields": ["patient"], "reference": {"resource": "", "fields": ["patient"]}},
    ],
    "fields": [
        {"name": "patient", "type": "integer", "length": "12"},
        {"name": "seen_on", "type": "date", "description": "Jour de la visite"},
        {"name": "month", "type": "date", "format": "%m", "description": "Mois"},
        {"name": "insulin", "type": "boolean", "description": "Sous insuline"},
        {"name": "glucose", "type": "number", "length": "5,2", "description": "Glycémie"},
        {
            "name": "disease",
            "type": "string",
            "nomenclature": "MS_CIM_V",
            "dateCreated": "2016",
            "dateDeleted": "2020",
            "dateMissing": ["2018"],
            "description": "Diagnostic",
        },
    ],
}


def written(folder: Path, name: str, content: object) -> Path:
    folder.mkdir(exist_ok=True)
    (folder / name).write_text(json.dumps(content), encoding="utf-8")
    return folder


@pytest.fixture
def source(tmp_path: Path) -> Path:
    written(tmp_path / "source", "patients.json", PATIENTS)
    return written(tmp_path / "source", "visits.json", VISITS)


def test_tables_become_a_model_that_reads_back(source: Path, tmp_path: Path) -> None:
    made = import_model(source, tmp_path / "out", DRAFT)
    clinic = model(tmp_path / "out")

    assert (made.tables, made.columns) == (("patients", "visits"), 8)
    assert clinic.register.table == "patients"
    assert clinic.table("patients").title_fr == "Patients suivis"
    assert clinic.table("patients").key == ("patient",)
    assert clinic.table("visits").first_year == 2015


def test_tables_that_have_the_person_are_about_persons(source: Path, tmp_path: Path) -> None:
    made = import_model(source, tmp_path / "out", DRAFT)
    visits = model(tmp_path / "out").table("visits")

    assert (visits.person, visits.person_by) == (("patient",), "identity")
    assert visits.column("patient") is not None
    assert made.undated == ("visits",)


@pytest.mark.parametrize(
    ("column", "kind", "role"),
    [
        ("patient", "bigint", "person"),
        ("seen_on", "date", "date"),
        ("month", "text", "attribute"),
        ("insulin", "text", "attribute"),
        ("glucose", "number", "quantity"),
        ("disease", "text", "code"),
    ],
)
def test_types_and_roles_come_from_the_schema(
    source: Path, tmp_path: Path, column: str, kind: str, role: str
) -> None:
    import_model(source, tmp_path / "out", DRAFT)
    found = model(tmp_path / "out").table("visits").column(column)

    assert found is not None
    assert (found.type, found.role) == (kind, role)


def test_a_column_has_the_years_of_its_history(source: Path, tmp_path: Path) -> None:
    import_model(source, tmp_path / "out", DRAFT)
    disease = model(tmp_path / "out").table("visits").column("disease")

    assert disease is not None
    assert [disease.is_in(year) for year in range(2015, 2022)] == [
        False, True, True, False, True, True, False,
    ]  # fmt: skip


def test_foreign_keys_become_joins_and_an_empty_name_is_the_table_itself(
    source: Path, tmp_path: Path
) -> None:
    import_model(source, tmp_path / "out", DRAFT)
    joins = model(tmp_path / "out").table("visits").joins

    assert [(join.columns, join.table) for join in joins] == [
        (("patient",), "patients"),
        (("patient",), "visits"),
    ]


def test_a_data_package_holds_several_tables(tmp_path: Path) -> None:
    resources: list[dict[str, Any]] = [
        {"name": "patients", "schema": PATIENTS},
        {"name": "visits", "title": "Visites", "schema": VISITS},
    ]
    source = written(tmp_path / "source", "datapackage.json", {"resources": resources})

    made = import_model(source, tmp_path / "out", DRAFT)

    assert made.tables == ("patients", "visits")


def test_a_folder_without_table_schema_is_refused(tmp_path: Path) -> None:
    source = written(tmp_path / "source", "readme.json", {"hello": "world"})

    with pytest.raises(InvalidInput, match="Table Schema"):
        import_model(source, tmp_path / "out", DRAFT)


def test_text_that_is_not_json_is_refused(tmp_path: Path) -> None:
    source = written(tmp_path / "source", "patients.json", PATIENTS)
    (source / "broken.json").write_text("{", encoding="utf-8")

    with pytest.raises(InvalidInput, match=r"broken\.json"):
        import_model(source, tmp_path / "out", DRAFT)


def test_a_model_is_never_written_over_another(source: Path, tmp_path: Path) -> None:
    import_model(source, tmp_path / "out", DRAFT)

    with pytest.raises(InvalidInput, match="already holds a model"):
        import_model(source, tmp_path / "out", DRAFT)


@pytest.mark.parametrize(
    ("name", "title", "kind", "role"),
    [
        ("first_name", "", "text", "identifier"),
        ("home_address", "", "text", "identifier"),
        ("contact", "Numéro de téléphone", "text", "identifier"),
        ("born", "Date de naissance", "date", "identifier"),
        ("chart_num", "Dossier", "text", "identifier"),
        ("weight", "Poids en kg", "number", "quantity"),
        ("paid", "Montant remboursé", "number", "amount"),
        ("stay_type", "Type de séjour", "text", "code"),
        ("smoker", "Fumeur", "text", "attribute"),
        ("seen_on", "Jour", "date", "date"),
        ("BEN_NIR_PSA", "Pseudonyme", "text", "person"),
        ("PFS_EXE_NUM", "N° du professionnel de santé", "text", "professional"),
        ("NIR_RET", "Code retour « n° sécurité sociale »", "text", "attribute"),
    ],
)
def test_rules_err_on_the_side_of_the_identifier(
    name: str, title: str, kind: str, role: str
) -> None:
    assert role_of({"name": name, "title": title, "type": kind, "table": "t"}) == role


def test_every_rule_says_why() -> None:
    assert [rule.role for rule in rules() if not rule.why] == []
