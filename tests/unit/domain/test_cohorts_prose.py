"""A cohort in words."""

from datetime import date

from ecluse.domain.cohorts import AllOf, AnyOf, AtLeast, Events, Match, Not
from ecluse.domain.cohorts.prose import explain
from ecluse.domain.documents import SourceDescription

DRUGS = SourceDescription(
    "drug_atc", "Médicament délivré", "Drug dispensed", "ER_PHA_F", "PHA_PRS_C13", "ATC"
)
STAYS = SourceDescription(
    "stay_diagnosis", "Diagnostic d’un séjour", "Stay diagnosis", "T_MCOaaB", "DGN_PAL", "CIM-10"
)
DIABETES = AtLeast(
    Events("drug_atc", ("A10",)),
    distinct_dates=3,
    on_or_after=date(2022, 1, 1),
    on_or_before=date(2022, 12, 31),
)


def test_a_count_is_told_with_its_dates_its_codes_and_its_window() -> None:
    text = explain(DIABETES, (DRUGS,))

    assert text == (
        "Sont retenues les personnes avec des événements « Médicament délivré »"
        " (un code commençant par A10)"
        " à au moins 3 dates distinctes entre le 1er janvier 2022 et le 31 décembre 2022."
    )


def test_an_exclusion_is_told_in_english() -> None:
    type_1 = AtLeast(Events("stay_diagnosis", ("E100", "E101"), Match.EXACT))

    text = explain(AllOf((DIABETES, Not(type_1))), (DRUGS, STAYS), "en")

    assert text == (
        "Persons kept: those with all of these conditions: (1) “Drug dispensed” events"
        " (a code beginning with A10) on at least 3 distinct dates"
        " between 1 January 2022 and 31 December 2022;"
        " (2) absence of this: (at least one “Stay diagnosis” event (code E100 or"
        " E101))."
    )


def test_an_alternative_is_told_as_one() -> None:
    first = AtLeast(Events("drug_atc", ("A10",)), on_or_after=date(2022, 3, 2))
    second = AtLeast(Events("drug_atc", ("B01",)), on_or_before=date(2022, 3, 2))

    text = explain(AnyOf((first, second)), (DRUGS,))

    assert "l’une au moins de ces conditions" in text
    assert "à partir du 2 mars 2022" in text
    assert "jusqu’au 2 mars 2022" in text


def test_a_source_that_nobody_described_keeps_its_name() -> None:
    assert "« drug_atc »" in explain(DIABETES)


def test_a_long_list_of_codes_is_cut_and_counted() -> None:
    codes = tuple(f"A{number:02}" for number in range(15))

    text = explain(AtLeast(Events("drug_atc", codes)))

    assert "A11 et 3 autres codes" in text
    assert "A12" not in text
