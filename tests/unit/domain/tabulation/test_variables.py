"""Values put in categories."""

from datetime import date

import pytest

from ecluse.domain.errors import InvalidInput
from ecluse.domain.tabulation import AgeBands, CodeGroup, CodeGroups, Years, tree

AGE = AgeBands("age", "Age", "IR_BEN_R", "BEN_NAI_ANN", "BEN_NAI_MOI", date(2022, 7, 1), (18, 65))
AREA = CodeGroups(
    "area",
    "Area",
    "IR_BEN_R",
    "BEN_RES_DPT",
    (
        CodeGroup("ARA", "Auvergne-Rhône-Alpes"),
        CodeGroup("01", "Ain", ("001",), "ARA"),
        CodeGroup("69", "Rhône", ("069",), "ARA"),
        CodeGroup("974", "La Réunion", ("974",)),
    ),
)


@pytest.mark.parametrize(
    ("born", "band"),
    [
        (("2004", "7"), "18-64"),  # 18 this very month
        (("2004", "8"), "_O"),  # 17: before the first band
        (("2004", None), "18-64"),
        (("2004", "13"), "18-64"),
        (("1957", "07"), "65+"),
        (("1957", "08"), "18-64"),
        (("1880", "1"), "_O"),  # 142: not an age
        (("0000", "1"), "_O"),
        ((None, "1"), "_O"),
    ],
)
def test_an_age_is_in_completed_years_on_the_day(
    born: tuple[str | None, str | None], band: str
) -> None:
    assert AGE.leaf(born) == band


def test_a_band_ends_before_the_next_one_begins() -> None:
    assert [category.code for category in AGE.categories()] == ["_T", "18-64", "65+", "_O"]


def test_codes_go_to_the_group_that_they_begin_as() -> None:
    assert [AREA.leaf((code,)) for code in ("001", " 06901", "974", "075", None)] == [
        "01",
        "69",
        "974",
        "_O",
        "_O",
    ]


def test_an_exact_code_is_not_the_beginning_of_another() -> None:
    sex = CodeGroups("sex", "Sex", "t", "c", (CodeGroup("M", "Men", ("1",)),), is_exact=True)

    assert [sex.leaf((code,)) for code in ("1", "10")] == ["M", "_O"]


def test_the_tree_of_areas_has_the_way_from_each_to_the_total() -> None:
    made = tree(AREA.categories())

    assert made.codes == ("_T", "ARA", "01", "69", "974", "_O")
    assert made.paths == ((0,), (0, 1), (0, 1, 2), (0, 1, 3), (0, 4), (0, 5))
    assert made.children[0] == (1, 4, 5)
    assert made.depth == 2


def test_years_outside_the_period_are_other() -> None:
    years = Years("year", "Year", 2021, 2022)

    assert [years.leaf((day,)) for day in ("2021-01-01", "2023-01-01", None)] == [
        "2021",
        "_O",
        "_O",
    ]


@pytest.mark.parametrize("starts", [(), (40, 18), (0, 0), (-1, 4), (0, 200)])
def test_bands_out_of_order_are_refused(starts: tuple[int, ...]) -> None:
    with pytest.raises(InvalidInput):
        AgeBands("age", "Age", "t", "y", None, date(2022, 1, 1), starts)


@pytest.mark.parametrize(
    "groups",
    [
        (),
        (CodeGroup("a", "A", ("1",)), CodeGroup("a", "B", ("2",))),
        (CodeGroup("_T", "A", ("1",)),),
        (CodeGroup("a", "A"),),
        (CodeGroup("a", "A", ("",)),),
        (CodeGroup("b", "B", ("1",), "a"), CodeGroup("a", "A")),
        (CodeGroup("a", "A", ("1",)), CodeGroup("b", "B", ("12",))),
        (CodeGroup("a", "A", ("1",)), CodeGroup("b", "B", ("2",), "a")),
    ],
)
def test_groups_that_overlap_or_have_no_place_are_refused(groups: tuple[CodeGroup, ...]) -> None:
    with pytest.raises(InvalidInput):
        CodeGroups("x", "X", "t", "c", groups)


@pytest.mark.parametrize("name", ["", "a b", "1a", "é", "a" * 65, "=cmd"])
def test_a_name_that_cannot_be_a_column_is_refused(name: str) -> None:
    with pytest.raises(InvalidInput):
        Years(name, "Year", 2021, 2022)
