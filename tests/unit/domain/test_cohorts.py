"""A cohort tree that is invalid cannot be built."""

from datetime import date
from functools import reduce

import pytest

from ecluse.domain.cohorts import AllOf, AnyOf, AtLeast, Cohort, Events, Not, depth, sources

A10 = AtLeast(Events("drug_atc", ("A10",)), distinct_dates=3)
E11 = AtLeast(Events("stay_diagnosis", ("E11",)))


def test_a_tree_knows_its_sources_and_its_depth() -> None:
    cohort = AllOf((AnyOf((A10, E11)), Not(A10)))

    assert sources(cohort) == {"drug_atc", "stay_diagnosis"}
    assert depth(cohort) == 3


@pytest.mark.parametrize(
    "code", ["", "A10'; DROP TABLE persons; --", "A%", "A10 ", "é", "A" * 33, ".A"]
)
def test_a_code_is_letters_digits_and_dots(code: str) -> None:
    with pytest.raises(ValueError, match="not a code"):
        Events("drug_atc", (code,))


@pytest.mark.parametrize("codes", [(), ("A10",) * 2001])
def test_a_code_list_is_neither_empty_nor_endless(codes: tuple[str, ...]) -> None:
    with pytest.raises(ValueError, match="1 to 2000"):
        Events("drug_atc", codes)


def test_a_source_is_a_plain_name() -> None:
    with pytest.raises(ValueError, match="event source"):
        Events("../persons", ("A10",))


def test_an_empty_window_is_refused() -> None:
    with pytest.raises(ValueError, match="window"):
        AtLeast(A10.events, 1, date(2022, 2, 1), date(2022, 1, 1))


def test_zero_dates_is_refused() -> None:
    with pytest.raises(ValueError, match="At least 1"):
        AtLeast(A10.events, 0)


@pytest.mark.parametrize("build", [AllOf, AnyOf])
def test_a_combination_of_nothing_is_refused(build: type[AllOf | AnyOf]) -> None:
    with pytest.raises(ValueError, match="at least one part"):
        build(())


def test_a_tree_too_deep_to_be_read_is_refused() -> None:
    start: Cohort = A10

    with pytest.raises(ValueError, match="12 levels"):
        reduce(lambda cohort, _: Not(cohort), range(12), start)
