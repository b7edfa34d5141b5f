"""Tariffs as data: read strictly, one a day, shown to everybody, kept for ever."""

import json
from datetime import date
from pathlib import Path

import pytest
from django.test import Client
from pytest_django import Settings

from ecluse.domain.errors import InvalidInput, NotFound
from ecluse.domain.fees import Component, Payer
from ecluse.portal.fees import tariffs

EXAMPLE = json.loads((tariffs.EXAMPLES / "tariff.2026-example-1.json").read_text("utf-8"))


def written(folder: Path, name: str, **changes: object) -> None:
    """The example tariff with some members of its prices changed, as a file."""
    changed = {**EXAMPLE, "tariff": {**EXAMPLE["tariff"], **changes}}
    (folder / f"tariff.{name}.json").write_text(json.dumps(changed), encoding="utf-8")


def test_the_example_of_the_package_is_marked_and_names_a_ground_for_each_price() -> None:
    shown = tariffs.tariff_of(date(2026, 6, 1))

    assert shown.is_example
    assert {line.component for line in shown.tariff.lines} == set(Component)
    assert [line.code for line in shown.tariff.lines if "EHDS art." not in line.ground] == []
    assert {one.payer for one in shown.tariff.reductions} == set(Payer) - {Payer.OTHER}


def test_a_hub_keeps_its_own_tariffs_and_the_one_of_the_day_holds(
    settings: Settings, tmp_path: Path
) -> None:
    settings.ECLUSE_TARIFFS = str(tmp_path)
    written(tmp_path, "a", version="2027-1", effective_on="2027-01-01")
    written(tmp_path, "b", version="2028-1", effective_on="2028-01-01")

    assert tariffs.tariff_of(date(2027, 12, 31)).tariff.version == "2027-1"
    assert tariffs.tariff_of(date(2028, 1, 1)).tariff.version == "2028-1"
    assert tariffs.tariff("2027-1").tariff.version == "2027-1"
    with pytest.raises(InvalidInput, match="No tariff holds on 2026-12-31"):
        tariffs.tariff_of(date(2026, 12, 31))
    with pytest.raises(NotFound, match="kept for ever"):
        tariffs.tariff("2026-1")


@pytest.mark.parametrize(
    "changes",
    [
        {"vat_permille": "200"},
        {"effective_on": "demain"},
        {"lines": []},
        {"reductions": [{"payer": "other", "components": [], "permille": 1, "ground": "x"}]},
        {"surprise": 1},
    ],
)
def test_a_tariff_that_is_not_of_the_shape_is_refused_by_its_file(
    settings: Settings, tmp_path: Path, changes: dict[str, object]
) -> None:
    settings.ECLUSE_TARIFFS = str(tmp_path)
    written(tmp_path, "bad", **changes)

    with pytest.raises(InvalidInput, match=r"tariff\.bad\.json cannot be used"):
        tariffs.tariffs()


def test_two_tariffs_of_one_day_are_refused(settings: Settings, tmp_path: Path) -> None:
    settings.ECLUSE_TARIFFS = str(tmp_path)
    written(tmp_path, "a", version="a")
    written(tmp_path, "b", version="b")

    with pytest.raises(InvalidInput, match="the same effective_on"):
        tariffs.tariffs()


@pytest.mark.django_db
def test_everybody_reads_the_prices_their_grounds_and_who_pays_less(client: Client) -> None:
    page = client.get("/fees/").content.decode()

    assert "Instruction d’une demande d’accès" in page
    assert "1\N{NARROW NO-BREAK SPACE}200,00" in page or "1\N{NO-BREAK SPACE}200,00" in page
    assert "EHDS art. 62(1) : appariement" not in page
    assert "Micro-entreprise" in page
    assert "Tarif d’exemple" in page


@pytest.mark.django_db
def test_programs_read_the_same_tariff(client: Client) -> None:
    answer = client.get("/fees/tariffs/2026-example-1.json")

    assert answer.json() == EXAMPLE
    assert client.get("/fees/tariffs/no-such.json").status_code == 404
