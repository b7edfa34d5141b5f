"""The decision tables written from the public texts, and every case published with them."""

import json
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from ecluse.domain.aisystems.rules import classify, rulebook_on
from ecluse.portal.aisystems.rulebook import TABLES, rule_sets

FILE = Path(__file__).parents[3].parent / "shared" / "ai" / "registers" / "ai-act-health-rules.json"
pytestmark = pytest.mark.skipif(not FILE.is_file(), reason="the published vectors are not here")

TOLD: dict[str, Any] = json.loads(FILE.read_text(encoding="utf-8")) if FILE.is_file() else {}
USES: dict[str, dict[str, Any]] = {
    "emergency call triage": {"uses": ("emergency_call_triage",)},
    "emergency patient triage device": {"uses": ("emergency_patient_triage",)},
    "de-identification of reports before secondary use": {"uses": ()},
    "chat with patients, administrative": {"talks_to_people": True},
    "health insurance pricing": {"uses": ("insurance_pricing",)},
    "nurse shift allocation from personal traits": {
        "uses": ("staff_management",),
        "profiling": True,
    },
}
"""How a provider answers the questions of the register for each use that the vectors name."""
ANNEX_III = {"5(a)": {"uses": ("care_eligibility",)}}
FLAGS = {"MDR Art 62-82 if clinical investigation": "clinical_investigation"}
RULES = rulebook_on(date(2026, 11, 23), rule_sets())


def facts(said: dict[str, Any]) -> dict[str, Any]:
    """The answers of a provider to what a vector gives."""
    plain = {name: value for name, value in said.items() if name not in {"use", "annex_iii"}}
    told = plain | USES.get(said.get("use", ""), {}) | ANNEX_III.get(said.get("annex_iii", ""), {})
    ground = {"exemption": "preparatory_task"} if told.pop("preparatory_task", False) else {}
    return told | ground


def listed(value: str | list[str] | None) -> set[str]:
    """One or several, as a set."""
    return set() if value is None else {value} if isinstance(value, str) else set(value)


@pytest.mark.parametrize("vector", TOLD.get("test_vectors", []), ids=lambda one: str(one["in"]))
def test_every_published_vector_is_classified_as_it_says(vector: dict[str, Any]) -> None:
    found = classify(facts(vector["in"]), RULES)
    expected = vector["out"]
    categories = {one.partition(":")[0] for one in listed(expected["aia"])}
    points = {one.partition(":")[2] for one in listed(expected["aia"])} - {""}

    assert set(found.of("aia")) == categories
    assert points | listed(expected.get("point")) <= set(found.of("annex_iii"))
    assert found.one("mdr_class") == expected.get("mdr", found.one("mdr_class"))
    registers = set(found.of("registers"))
    assert (
        registers - {"national"} == listed(expected.get("register")) or "register" not in expected
    )
    assert "national" in registers
    assert {FLAGS[one] for one in listed(expected.get("flag"))} <= set(found.of("flags"))


def test_all_vectors_are_there() -> None:
    assert len(TOLD["test_vectors"]) == 12


TABLE = TOLD.get("mdr_rule11_mdcg_2019_11", {}).get("table", {})
CELLS = [(s, where, cls) for s, row in TABLE.items() for where, cls in row.items()]


@pytest.mark.parametrize(("significance", "situation", "expected"), CELLS)
def test_each_cell_of_the_table_of_rule_11_is_ours(
    significance: str, situation: str, expected: str
) -> None:
    told = {"medical_purpose": True, "significance": significance, "situation": situation}

    assert classify(told, RULES).one("mdr_class") == expected


@pytest.mark.parametrize(
    "row",
    TOLD.get("aia_high_risk_by_device_class", []),
    ids=lambda row: f"{row['regime']} {row['class']} {row.get('qualifier', '')}",
)
def test_each_device_class_is_of_high_risk_where_a_notified_body_is_needed(
    row: dict[str, Any],
) -> None:
    name = f"{row['regime'].lower()}_class"
    in_house = row["class"] == "in_house_art5_5"
    device = {"in_house": True, name: "IIb"} if in_house else {name: row["class"]}
    qualifiers = row.get("qualifier", "none").split("|")

    found = [classify({"ai": True, **device, "qualifier": one}, RULES) for one in qualifiers]

    assert {one.one("notified_body") == "yes" for one in found} == {row["notified_body"]}
    assert {"high_risk_6_1" in one.of("aia") for one in found} == {row["high_risk_6_1"]}


DAYS = {
    "high-risk Annex III (Art 6(2)), original": ("ai-act@2024", "annex-iii"),
    "high-risk Annex III (Art 6(2)), amended": ("ai-act@2026", "annex-iii"),
    "high-risk Annex I products incl. MDR/IVDR (Art 6(1)), original": ("ai-act@2024", "devices"),
    "high-risk Annex I products incl. MDR/IVDR (Art 6(1)), amended": ("ai-act@2026", "devices"),
    "Art 4 literacy; Art 5 prohibitions": ("ai-act@2024", "literacy"),
    "GPAI (Ch V), governance, penalties": ("ai-act@2024", "general-purpose"),
    "general application; Art 50 transparency; AI Office powers on GPAI": (
        *("ai-act@2024", "general"),
    ),
    "Art 50(2) marking for systems already on the market; new Art 5 bans": (
        *("ai-act@2026", "marking-legacy"),
    ),
}


@pytest.mark.parametrize(
    "told",
    [one for one in TOLD.get("dates", []) if one["provision"] in DAYS],
    ids=lambda one: one["provision"],
)
def test_the_days_of_application_are_those_told_and_unsure_where_they_are(
    told: dict[str, Any],
) -> None:
    key, moment = DAYS[told["provision"]]
    table = next(one for one in rule_sets() if one.key == key)
    found = next(one for one in table.moments if one.key == moment)

    assert (found.on.isoformat(), found.is_sure) == (told["date"], told["verified"])


def test_the_tables_named_are_the_tables_read() -> None:
    assert [one.key.replace("@", "-") for one in rule_sets()] == list(TABLES)
