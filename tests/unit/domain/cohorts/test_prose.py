"""A cohort in words."""

import re
from datetime import date

import pytest
from hypothesis import given, settings

from ecluse.domain.cohorts import (
    Aged,
    AllOf,
    AnyOf,
    AtLeast,
    Cohort,
    Comparison,
    Count,
    DayIs,
    DaysBetween,
    DayWithin,
    DeathDay,
    Events,
    EveryEvent,
    Exposure,
    FixedDay,
    HasSex,
    IndexDay,
    LinkedEvents,
    Match,
    Matching,
    Not,
    OneOfDays,
    Pick,
    Sex,
    Step,
    Variable,
    Where,
    cohort_of,
)
from ecluse.domain.cohorts.prose import explain
from ecluse.domain.documents import SourceDescription
from tests.cohort_strategies import cohorts

DRUGS = SourceDescription(
    "drug_atc", "Médicament délivré", "Drug dispensed", "ER_PHA_F", "PHA_PRS_C13", "ATC"
)
STAYS = SourceDescription(
    "stay_main_diagnosis", "Diagnostic d’un séjour", "Stay diagnosis", "T_MCOaaB", "DGN_PAL", "CIM"
)
A10 = Events("drug_atc", ("A10",))
STAY = Events("stay_main_diagnosis", ("I63",))
DIABETES = AtLeast(A10.in_year(2022), 3)


def test_a_count_is_told_with_its_dates_its_codes_and_its_window() -> None:
    assert explain(cohort_of(DIABETES), (DRUGS,)) == (
        "Sont retenues les personnes pour lesquelles la personne a des événements à au moins 3"
        " dates distinctes : « Médicament délivré » (code commençant par A10)"
        " entre le 1er janvier 2022 et le 31 décembre 2022."
    )


def test_an_exclusion_is_told_in_english() -> None:
    type_1 = AtLeast(Events("stay_main_diagnosis", ("E100", "E101"), Match.EXACT))

    text = explain(cohort_of(AllOf((DIABETES, Not(type_1)))), (DRUGS, STAYS), "en")

    assert text == (
        "Persons are kept for whom all of these conditions are met: (1) the person has events on"
        " at least 3 distinct dates: “Drug dispensed” (code beginning with A10)"
        " between 1 January 2022 and 31 December 2022;"
        " (2) this condition is not met: [the person has at least one event “Stay diagnosis”"
        " (code E100 or E101)]."
    )


def test_a_combination_inside_another_is_between_brackets() -> None:
    text = explain(cohort_of(AllOf((AnyOf((DIABETES, AtLeast(STAY))), HasSex(Sex.MALE)))))

    assert "(1) [une au moins de ces conditions est remplie : (1) la personne a des" in text
    assert text.endswith("] ; (2) la personne est un homme.")


def test_steps_index_day_controls_and_variables_have_their_lines() -> None:
    cohort = Cohort(
        steps=(
            Step("Premier AVC", AtLeast(STAY)),
            Step("Adultes", Aged(FixedDay(date(2022, 3, 2)), 18, None)),
        ),
        index=STAY.first(),
        variables=(
            Variable("drugs", Count(A10.around(IndexDay(), from_days=-30, to_days=0)), "Avant"),
            Variable("wait", DaysBetween(IndexDay(), DeathDay()), "Survie"),
        ),
        matching=Matching(Not(AtLeast(STAY)), per_case=2, birth_years_apart=1),
    )

    assert explain(cohort, (DRUGS, STAYS)).splitlines() == [
        "Sont retenues, étape après étape, les personnes pour lesquelles :",
        "1. Premier AVC : la personne a au moins un événement « Diagnostic d’un séjour »"
        " (code commençant par I63) ;",
        "2. Adultes : la personne a 18 ans ou plus à cette date : le 2 mars 2022.",
        "Jour index : la première date de « Diagnostic d’un séjour » (code commençant par I63)."
        " Les personnes sans jour index quittent la cohorte.",
        "Témoins, 2 au plus par cas, tirés parmi les personnes pour lesquelles cette condition"
        " n’est pas remplie : [la personne a au moins un événement « Diagnostic d’un séjour »"
        " (code commençant par I63)] ; nés à 1 an(s) d’écart au plus, de même sexe.",
        "Variables :",
        "- drugs (Avant) : nombre de dates distinctes de « Médicament délivré »"
        " (code commençant par A10) entre J−30 et J (J : le jour index) ;",
        "- wait (Survie) : nombre de jours de la première à la seconde de ces dates :"
        " [le jour index ; le décès].",
    ]


@pytest.mark.parametrize(
    ("condition", "expected"),
    [
        (
            AtLeast(Events("drug_atc", ("A10",), but_not=("A10BX06",))),
            "« drug_atc » (code commençant par A10, sauf A10BX06).",
        ),
        (
            AtLeast(EveryEvent("act_nature", (Where("PRS_ACT_QTE", Comparison.AT_LEAST, ("2",)),))),
            "« act_nature » (tout code, PRS_ACT_QTE vaut au moins 2).",
        ),
        (AtLeast(A10.during(date(2022, 3, 2), None)), "à partir du 2 mars 2022."),
        (AtLeast(A10.during(None, date(2022, 3, 2))), "jusqu’au 2 mars 2022."),
        (
            AtLeast((A10 | STAY).same_record(STAY.in_year(2022))),
            "[« drug_atc » (code commençant par A10) ou « stay_main_diagnosis » (code commençant"
            " par I63)], dans le même séjour ou la même facture que [« stay_main_diagnosis »"
            " (code commençant par I63) entre le 1er janvier 2022 et le 31 décembre 2022].",
        ),
        (
            AtLeast(LinkedEvents(A10, "mother")),
            "(code commençant par A10), de la personne liée par « mother ».",
        ),
        (
            DayWithin(DeathDay(), A10.first(2), 1, None),
            "le décès : date située à partir de J+1"
            " (J : la 2e date de « drug_atc » (code commençant par A10)).",
        ),
        (
            AtLeast(A10.around(OneOfDays(Pick.LATEST, (DeathDay(), A10.last())), to_days=-1)),
            "jusqu’à J−1 (J : la plus récente de ces dates : [le décès ; la dernière date de"
            " « drug_atc » (code commençant par A10)]).",
        ),
    ],
)
def test_each_kind_of_event_and_day_has_its_words(condition: AtLeast, expected: str) -> None:
    assert explain(cohort_of(condition)).endswith(expected)


def test_an_exposure_is_told_with_its_terms() -> None:
    asked = DayIs(Exposure(A10, 2, 180, 90, 30, 15).ends())
    cohort = Cohort((Step("Traités", DIABETES),), variables=(Variable("end", asked, "Fin"),))

    assert explain(cohort).endswith(
        "le dernier jour de l’exposition à « drug_atc » (code commençant par A10)"
        " (dès le 2e achat en 180 jours au plus, effet 90 jour(s) après l’achat,"
        " 30 jour(s) couverts par achat, interruptions de 15 jour(s) au plus comprises)."
    )


def test_a_long_list_of_codes_is_cut_and_counted() -> None:
    codes = tuple(f"A{number:02}" for number in range(15))

    text = explain(cohort_of(AtLeast(Events("drug_atc", codes))))

    assert "A11 et 3 autres codes" in text
    assert "A12" not in text


@settings(max_examples=40, deadline=None)
@given(cohort=cohorts())
def test_every_cohort_has_its_words_in_both_languages(cohort: Cohort) -> None:
    french, english = explain(cohort), explain(cohort, language="en")

    assert "None" not in french + english
    assert len(french.splitlines()) == len(english.splitlines())
    assert french.count("[") == french.count("]")
    assert not re.search(r"[{}]", french + english)
