import pytest

from ecluse.domain import precision
from ecluse.domain.documents import Coarsening, Precision, TableScope

MONTH = Coarsening("EXE_SOI_DTD", Precision.MONTH)
YEAR = Coarsening("EXE_SOI_DTD", Precision.YEAR)
HIDDEN = Coarsening("EXE_SOI_DTD", Precision.CHOICE_ONLY)


def band(years: int) -> Coarsening:
    return Coarsening("AGE_ANN", Precision.AGE_BAND, years)


def beginning(characters: int) -> Coarsening:
    return Coarsening("DGN_PAL", Precision.FIRST_CHARACTERS, characters)


@pytest.mark.parametrize(
    ("asked", "given"),
    [
        (None, None),
        (MONTH, None),
        (MONTH, MONTH),
        (YEAR, MONTH),
        (HIDDEN, YEAR),
        (band(10), band(5)),
        (beginning(3), beginning(4)),
    ],
)
def test_less_than_the_permit_gives_may_be_asked(
    asked: Coarsening | None, given: Coarsening | None
) -> None:
    assert precision.is_within(asked, given)


@pytest.mark.parametrize(
    ("asked", "given"),
    [
        (None, MONTH),
        (MONTH, YEAR),
        (YEAR, HIDDEN),
        (band(5), band(10)),
        (band(7), band(5)),
        (beginning(4), beginning(3)),
        (band(10), beginning(3)),
    ],
)
def test_more_than_the_permit_gives_may_not_be_asked(
    asked: Coarsening | None, given: Coarsening | None
) -> None:
    assert not precision.is_within(asked, given)


def test_a_column_of_which_the_order_says_nothing_is_given_as_the_permit_gives_it() -> None:
    given = TableScope("ER_PRS_F", ("EXE_SOI_DTD", "PRS_NAT_REF"), (MONTH,))

    asked = TableScope("ER_PRS_F", ("EXE_SOI_DTD",))
    assert precision.applied(asked, given) == TableScope("ER_PRS_F", ("EXE_SOI_DTD",), (MONTH,))


def test_an_order_may_ask_less_than_the_permit_gives() -> None:
    given = TableScope("ER_PRS_F", ("EXE_SOI_DTD",), (MONTH,))

    asked = TableScope("ER_PRS_F", ("EXE_SOI_DTD",), (YEAR,))
    assert precision.applied(asked, given) == asked


@pytest.mark.parametrize(
    ("to", "step"),
    [(Precision.MONTH, 3), (Precision.AGE_BAND, None), (Precision.ROUNDED, 0)],
)
def test_a_number_stands_where_one_is_needed_alone(to: Precision, step: int | None) -> None:
    with pytest.raises(ValueError, match="number"):
        Coarsening("AGE_ANN", to, step)


def test_what_is_not_given_is_not_coarsened() -> None:
    with pytest.raises(ValueError, match="not given"):
        TableScope("ER_PRS_F", ("PRS_NAT_REF",), (MONTH,))
