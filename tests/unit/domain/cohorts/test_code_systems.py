"""Codes that no code of their system can be."""

import pytest

from ecluse.domain.cohorts import Events, Match
from ecluse.domain.cohorts.code_systems import misshapen


@pytest.mark.parametrize(
    ("system", "codes", "wrong"),
    [
        ("ATC", ("A10", "A10BA02", "M01AH"), ()),
        ("ATC", ("A1O", "a10", "E11", "A10BA023"), ("A1O", "a10", "E11", "A10BA023")),
        ("ICD-10", ("E11", "I63.9", "M00050"), ()),
        ("ICD-10", ("11E", "E1100000"), ("11E", "E1100000")),
        ("CCAM", ("NEKA", "NEKA020"), ()),
        ("CCAM", ("NEKAO20",), ("NEKAO20",)),
        ("CIP13", ("34009",), ()),
        ("CIP13", ("34009300000012", "3400A"), ("34009300000012", "3400A")),
        ("OMOP", ("1118084",), ()),
        ("OMOP", ("A10",), ("A10",)),
    ],
)
def test_beginnings_of_codes_are_held_against_their_system(
    system: str, codes: tuple[str, ...], wrong: tuple[str, ...]
) -> None:
    assert misshapen(Events("source", codes), system) == wrong


def test_an_exact_code_is_as_long_as_one_of_its_system() -> None:
    listed = Events("source", ("A10", "A10B", "A10BA0", "A10BA02"), Match.EXACT)

    assert misshapen(listed, "ATC") == ("A10BA0",)


def test_exceptions_are_held_against_it_too() -> None:
    assert misshapen(Events("source", ("A10",), but_not=("10A",)), "ATC") == ("10A",)


def test_a_system_of_which_nothing_is_known_finds_nothing() -> None:
    assert misshapen(Events("source", ("anything",)), "cohort-demo conditions") == ()
