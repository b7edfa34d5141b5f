"""Indirect matching by rule, by hand on a few persons."""

from datetime import date

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ecluse.data.engines import connect
from ecluse.data.linkage import Matches, Records, Rule, match_exactly, measure
from ecluse.data.linkage.assignment import assign
from ecluse.domain.errors import InvalidInput

CARE = pa.schema([("record_id", pa.string()), ("day", pa.date32()), ("place", pa.string())])
MARCH = [date(2023, 3, day) for day in range(1, 31)]
TRAITS = ("sex", "birth_month")


def records(
    persons: list[tuple[str, str | None, str | None]],
    care: list[tuple[str, date, str | None]] | None = None,
) -> Records:
    names = ["record_id", "sex", "birth_month"]
    rows = [dict(zip(names, person, strict=True)) for person in persons]
    days = [dict(zip(CARE.names, one, strict=True)) for one in care or []]
    schema = pa.schema([(name, pa.string()) for name in names])
    return Records(pa.Table.from_pylist(rows, schema), pa.Table.from_pylist(days, CARE))


def match(first: Records, second: Records, rule: Rule) -> Matches:
    with connect(readable=[]) as connection:
        return match_exactly(first, second, rule, connection=connection)


def test_equal_traits_are_enough_when_no_day_is_asked() -> None:
    first = records([("a", "F", "01"), ("b", "M", "02")])
    second = records([("1", "F", "01"), ("2", "M", "02"), ("3", "M", "03")])

    found = match(first, second, Rule(TRAITS, least_days=0))

    assert found == Matches({"a": "1", "b": "2"}, frozenset())


def test_what_is_unknown_is_never_equal() -> None:
    first = records([("a", None, "01")])
    second = records([("1", None, "01"), ("2", "F", "01")])

    assert match(first, second, Rule(TRAITS, least_days=0)) == Matches({}, frozenset())


def test_two_candidates_as_good_are_ambiguous_and_in_no_pair() -> None:
    first = records([("a", "F", "01")])
    second = records([("1", "F", "01"), ("2", "F", "01")])

    assert match(first, second, Rule(TRAITS, least_days=0)) == Matches({}, frozenset({"a"}))


def test_of_two_records_for_one_person_neither_is_paired() -> None:
    first = records([("a", "F", "01"), ("b", "F", "01")])
    second = records([("1", "F", "01")])

    assert match(first, second, Rule(TRAITS, least_days=0)) == Matches({}, frozenset({"a", "b"}))


def test_days_of_care_tell_persons_of_equal_traits_apart() -> None:
    first = records([("a", "F", "01")], [("a", MARCH[4], None), ("a", MARCH[9], None)])
    second = records(
        [("1", "F", "01"), ("2", "F", "01")],
        [("1", MARCH[4], None), ("2", MARCH[4], None), ("2", MARCH[9], None)],
    )

    assert match(first, second, Rule(TRAITS)).pairs == {"a": "2"}
    assert match(first, second, Rule(TRAITS, least_days=3)).pairs == {}


@pytest.mark.parametrize(("tolerance", "pairs"), [(1, {}), (2, {"a": "1"})])
def test_days_agree_to_within_the_tolerance(tolerance: int, pairs: dict[str, str]) -> None:
    first = records([("a", "F", "01")], [("a", MARCH[4], None)])
    second = records([("1", "F", "01")], [("1", MARCH[6], None)])

    assert match(first, second, Rule(TRAITS, tolerance_days=tolerance)).pairs == pairs


@pytest.mark.parametrize(
    ("place", "pairs"), [("750000001", {"a": "1"}), ("750000002", {}), (None, {})]
)
def test_the_place_counts_when_asked(place: str | None, pairs: dict[str, str]) -> None:
    first = records([("a", "F", "01")], [("a", MARCH[4], "750000001")])
    second = records([("1", "F", "01")], [("1", MARCH[4], place)])

    assert match(first, second, Rule(TRAITS, same_place=True)).pairs == pairs


def test_one_day_near_two_others_counts_once() -> None:
    first = records([("a", "F", "01")], [("a", MARCH[4], None)])
    second = records([("1", "F", "01")], [("1", MARCH[3], None), ("1", MARCH[5], None)])

    assert match(first, second, Rule(TRAITS, least_days=2, tolerance_days=1)).pairs == {}


@pytest.mark.parametrize("trait", ["commune", 'x" OR 1=1 --', "sex, birth_month"])
def test_a_trait_that_a_source_lacks_is_named(trait: str) -> None:
    source = records([("a", "F", "01")])

    with pytest.raises(InvalidInput, match="need the traits"):
        match(source, source, Rule((trait,), least_days=0))


def test_a_trait_s_name_may_hold_anything_and_is_only_a_name() -> None:
    odd = 'x" = 1 OR "'
    table = pa.table({"record_id": ["a"], odd: ["1"]})
    source = Records(table, CARE.empty_table())

    assert match(source, source, Rule((odd,), least_days=0)).pairs == {"a": "a"}


@pytest.mark.parametrize("rule", [{"traits": ()}, {"traits": ("sex",), "least_days": -1}])
def test_a_rule_that_says_nothing_is_refused(rule: dict[str, object]) -> None:
    with pytest.raises(InvalidInput, match="a trait at least"):
        Rule(**rule)  # type: ignore[arg-type]


def test_records_without_their_columns_are_refused() -> None:
    with pytest.raises(InvalidInput, match="record_id"):
        Records(pa.table({"who": ["a"]}), CARE.empty_table())


def test_the_best_must_be_better_by_more_than_the_margin() -> None:
    candidates = [("a", "1", 9.0), ("a", "2", 7.0), ("b", "2", 8.0)]

    assert assign(candidates, margin=1.0).pairs == {"a": "1"}
    assert assign(candidates, margin=0.5).pairs == {"a": "1", "b": "2"}
    assert assign(candidates, margin=2.0).pairs == {}


@settings(max_examples=200)
@given(
    st.lists(
        st.tuples(st.sampled_from("abcd"), st.sampled_from("1234"), st.integers(0, 3)),
        unique_by=lambda candidate: candidate[:2],
    )
)
def test_no_record_is_ever_in_two_pairs(candidates: list[tuple[str, str, int]]) -> None:
    found = assign(((one, other, float(score)) for one, other, score in candidates), margin=0)

    assert len(set(found.pairs.values())) == len(found.pairs)
    assert not found.ambiguous & set(found.pairs)
    assert found.ambiguous | set(found.pairs) == {candidate[0] for candidate in candidates}


def test_quality_is_counted_against_who_is_who() -> None:
    matches = Matches({"a": "1", "b": "2", "c": "9"}, frozenset({"d"}))

    quality = measure(matches, records=5, truth={"a": "1", "b": "2", "c": "3", "d": "4"})

    assert (quality.linked, quality.ambiguous, quality.right) == (3, 1, 2)
    assert (quality.share, quality.precision, quality.recall) == (3 / 5, 2 / 3, 2 / 4)
    assert not quality.is_success


def test_nine_records_of_ten_linked_is_a_success() -> None:
    nine = Matches({str(number): str(number) for number in range(9)}, frozenset())

    assert measure(nine, records=10).is_success
    assert not measure(nine, records=11).is_success
    assert measure(nine, records=10).precision is None


def test_records_and_matches_are_never_printed() -> None:
    source = records([("a", "F", "01")])

    assert repr(source) == "<1 persons, 0 days of care>"
    assert repr(Matches({"a": "1"}, frozenset({"b"}))) == "<1 pairs, 1 ambiguous>"
