from itertools import chain

import pytest

from ecluse.data.quality.rules import FOLDER, Rules, checks, rules
from ecluse.data.schemas import model


def columns_named(found: Rules, table: str) -> set[str]:
    named = found.table(table)
    return {
        *named.required,
        *chain.from_iterable((*named.order, *named.same_day, *named.together)),
        *(bounds.column for bounds in named.ranges),
        *named.allowed,
        *named.references,
        *named.concepts,
        *named.sources,
        *named.sources.values(),
        *named.quantities,
        *named.amounts,
        *named.codes,
    }


@pytest.mark.parametrize("name", ["snds", "omop"])
def test_rules_name_only_tables_and_columns_of_their_model(name: str) -> None:
    found, known = rules(name), model(name)

    assert found.tables.keys() <= known.tables.keys()
    unknown = {
        f"{table}.{column}"
        for table in found.tables
        for column in columns_named(found, table)
        if known.table(table).column(column) is None
    }
    assert unknown == set()


@pytest.mark.parametrize("name", ["snds", "omop"])
def test_references_name_columns_that_exist(name: str) -> None:
    found, known = rules(name), model(name)

    targets = {target for table in found.tables.values() for target in table.references.values()}
    assert {
        target
        for target in targets
        if known.table(target.partition(".")[0]).column(target.partition(".")[2]) is None
    } == set()


@pytest.mark.parametrize("name", ["snds", "omop"])
def test_thresholds_are_of_checks_that_exist(name: str) -> None:
    assert {check for check, _, _ in rules(name).thresholds} <= checks().keys()


def test_every_check_has_a_title_in_both_languages() -> None:
    assert [
        check.id for check in checks().values() if not (check.title_fr and check.title_en)
    ] == []


def test_a_model_of_a_holder_expects_nothing_beyond_its_tables() -> None:
    assert rules("regional-registry") == Rules()


def test_the_rules_are_data_of_the_product() -> None:
    assert (FOLDER / "checks.toml").is_file()
