"""A model says what every table holds, year by year; a holder describes its own the same way."""

import json
from pathlib import Path
from typing import Any

from typer.testing import CliRunner

from ecluse.cli.schema import schema_app
from ecluse.data.schemas import model

CLINIC = {
    "name": "visits",
    "title": "Visites",
    "primaryKey": ["patient"],
    "fields": [
        {"name": "patient", "type": "string", "description": "Numéro du patient"},
        {"name": "seen_on", "type": "date", "description": "Jour de la visite"},
        {"name": "first_name", "type": "string", "description": "Prénom"},
    ],
}


def said(*words: str) -> dict[str, Any]:
    result = CliRunner().invoke(schema_app, [*words, "--json"], catch_exceptions=False)
    found = json.loads(result.stdout)
    assert isinstance(found, dict)
    return found


def test_a_table_is_shown_as_one_year_had_it() -> None:
    shown = said("show", "ER_DCT_F", "--year", "2023")

    names = {column["name"] for column in shown["columns"]}

    assert "DCT_EMT_IDT" not in names  # no longer delivered since 2022
    assert "DCT_REM_DTD" in names
    assert shown["slicing"] == "flow"


def test_two_years_of_a_table_are_compared() -> None:
    assert said("diff", "T_SSRaaC", "2020", "2023") == {
        "table": "T_SSRaaC",
        "first": 2020,
        "second": 2023,
        "added": ["ART_51_RET", "ART_51", "IPP_BEN_ANO_RET", "IPP_BEN_ANO"],
        "removed": ["MOI_LUN_1S", "ANN_LUN_1S"],
    }


def test_every_table_of_the_snds_and_of_omop_is_listed() -> None:
    snds, omop = said("list"), said("list", "--model", "omop")

    assert len(snds["tables"]) == 228
    assert len(omop["tables"]) == 39


def test_hospital_tables_take_the_person_and_the_day_from_the_table_c_of_their_family() -> None:
    snds = model("snds")

    parents = {
        name: parent.table
        for name in ("T_MCOaaD", "T_MCOaaFMSTC", "T_SSRaaB", "T_HADaaA", "T_RIPaaRSA")
        if (parent := snds.table(name).parent)
    }

    assert parents == {
        "T_MCOaaD": "T_MCOaaC",
        "T_MCOaaFMSTC": "T_MCOaaCSTC",
        "T_SSRaaB": "T_SSRaaC",
        "T_HADaaA": "T_HADaaC",
        "T_RIPaaRSA": "T_RIPaaC",
    }


def test_a_holder_imports_its_table_schemas_and_finds_names_protected(tmp_path: Path) -> None:
    source = tmp_path / "source"
    source.mkdir()
    (source / "visits.json").write_text(json.dumps(CLINIC), encoding="utf-8")
    out = tmp_path / "clinic"

    made = said(
        "import", str(source), "--out", str(out), "--name", "clinic", "--person", "visits.patient"
    )

    assert made == {"tables": ["visits"], "columns": 3, "undated": []}
    assert [(column.name, column.role) for column in model(out).table("visits").columns] == [
        ("patient", "person"),
        ("seen_on", "date"),
        ("first_name", "identifier"),
    ]
