"""The main base of the SNDS, described with every table and variable of the project's schemas."""

from datetime import UTC, datetime

from django.test import Client

from ecluse.data.schemas import model
from ecluse.portal.catalogue import actions
from ecluse.portal.catalogue.packaged import packaged
from tests.sites import Signers

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)


def test_every_table_and_column_of_the_model_is_a_variable() -> None:
    tables = model("snds").tables.values()

    described = {
        (table, variable.name.words)
        for table, variable in packaged("snds").every_variable()
        if variable.name
    }

    assert described == {(table.name, column.name) for table in tables for column in table.columns}


def test_a_column_keeps_its_titles_and_gets_a_type() -> None:
    by_name = {
        variable.name.words: variable
        for table, variable in packaged("snds").every_variable()
        if table == "IR_PHA_R" and variable.name
    }

    column = by_name["PHA_CIP_C13"]
    assert [title.words for title in column.titles] == [
        "Code CIP à 13 chiffres",
        "Drug code (CIP, 13 digits)",
    ]
    assert column.datatype is not None
    assert column.datatype.words == "integer"


def test_its_page_lists_its_tables_and_its_json_every_variable(
    signers: Signers, client: Client
) -> None:
    actions.publish("snds", packaged("snds"), by="set-up", now=NOW)

    page = client.get("/catalogue/snds/").content.decode()
    json = client.get("/catalogue/snds.json").json()

    assert "ER_PHA_F" in page
    assert "Caisse nationale de l’assurance maladie" in page
    assert sum(len(group["tables"]) for group in json["description"]["variables"]) == 228
