"""Tables asked from inside a job: what is shown, what is hidden."""

from dataclasses import replace
from pathlib import Path

import pytest

from ecluse.data.results import Amount
from ecluse.domain.documents import Verdict
from ecluse.domain.errors import InvalidInput
from tests.unit.data.disclosure.results import POLICY, decided, frame, lines, rules, table

MEN_AND_WOMEN = ["F"] * 20 + ["M"] * 15


def test_persons_are_counted_once_whatever_their_rows(tmp_path: Path) -> None:
    # 12 women in 24 rows, 15 men.
    persons = [*range(1, 13), *range(1, 13), *range(21, 36)]
    table(tmp_path, frame(persons, sex=["F"] * 24 + ["M"] * 15), by=["sex"])

    made = decided(tmp_path)

    assert lines(made) == ["sex,persons", "Total,27", "F,12", "M,15"]
    assert made.verdicts[0].verdict is Verdict.PASS


@pytest.mark.parametrize(("women", "shown"), [(10, "s"), (11, "11"), (12, "12")])
def test_a_cell_is_shown_from_eleven_persons(tmp_path: Path, women: int, shown: str) -> None:
    sexes = ["F"] * women + ["M"] * 30 + ["X"] * 30
    table(tmp_path, frame(range(1, women + 61), sex=sexes), by=["sex"])

    assert f"F,{shown}" in lines(decided(tmp_path))


def test_a_cell_is_hidden_for_the_sake_of_another(tmp_path: Path) -> None:
    # 7 women alone would be 67 - 60: one of the men and the others is hidden too.
    sexes = ["F"] * 7 + ["M"] * 30 + ["X"] * 30
    table(tmp_path, frame(range(1, 68), sex=sexes), by=["sex"])

    made = lines(decided(tmp_path))

    assert made[1] == "Total,67"
    assert [line.endswith(",s") for line in made[2:]].count(True) == 2


def test_amounts_are_added_up_by_person(tmp_path: Path) -> None:
    # Each woman has 10 in two rows; men have 1 to 15, 120 in all, 8 on average.
    persons = [*range(1, 21), *range(1, 21), *range(21, 36)]
    columns = frame(
        persons,
        sex=["F"] * 40 + ["M"] * 15,
        cost=[
            *[4.0 + n / 10 for n in range(20)],
            *[6.0 - n / 10 for n in range(20)],
            *range(1, 16),
        ],
    )
    table(tmp_path, columns, by=["sex"], amount="cost")

    made = decided(tmp_path)

    # 20 x 10: the same for all women, which tells of each (R3): hidden, and the men with them.
    assert lines(made)[0] == "sex,persons,total cost,mean cost"
    assert lines(made)[2:] == ["F,s,s,s", "M,s,s,s"]


def test_an_amount_that_differs_is_shown_with_its_mean(tmp_path: Path) -> None:
    costs = [*range(1, 21), *range(1, 16)]
    table(tmp_path, frame(range(1, 36), sex=MEN_AND_WOMEN, cost=costs), by=["sex"], amount="cost")

    # 1 + ... + 20 = 210, 1 + ... + 15 = 120.
    assert lines(decided(tmp_path))[1:] == [
        "Total,35,330,9.42857",
        "F,20,210,10.5",
        "M,15,120,8",
    ]


def test_an_amount_that_one_person_makes_is_hidden(tmp_path: Path) -> None:
    costs = [1000, *[1] * 4, *range(1, 16), *range(1, 16)]
    table(tmp_path, frame(range(1, 36), sex=MEN_AND_WOMEN, cost=costs), by=["sex"], amount="cost")

    made = lines(decided(tmp_path))

    # Women: 1000 + 15 of 1124 is 90 %, over 85. All: 1030 of 1244 is 82.8 %, but 214 without the
    # two largest is over 100.
    assert made[2].startswith("F,s")


def test_amounts_that_cancel_out_count_without_their_sign(tmp_path: Path) -> None:
    # +1000 and -1000 of two persons: their sum is small, they make it all.
    costs = [1000, -1000, *[1, 2] * 9, *range(1, 16)]
    table(tmp_path, frame(range(1, 36), sex=MEN_AND_WOMEN, cost=costs), by=["sex"], amount="cost")

    assert lines(decided(tmp_path))[2].startswith("F,s")


def test_a_visible_cell_of_all_persons_of_a_group_is_hidden_where_it_is_sensitive(
    tmp_path: Path,
) -> None:
    columns = frame(
        range(1, 101),
        town=["A"] * 40 + ["B"] * 60,
        diagnosis=["yes"] * 40 + ["yes"] * 30 + ["no"] * 30,
    )
    table(tmp_path, columns, by=["town", "diagnosis"], sensitive=["diagnosis"])

    made = lines(decided(tmp_path))

    # That nobody of A has `no` would tell the same.
    assert {"A,yes,s", "A,no,s"} <= set(made)
    assert {"Total,yes,70", "Total,no,30"} <= set(made)


def test_extremes_are_refused_and_percentiles_need_persons_beyond(tmp_path: Path) -> None:
    columns = frame(range(1, 111), sex=["F"] * 110, cost=list(range(1, 111)))
    table(tmp_path, columns, by=["sex"], amount=Amount("cost", (90, 91)))

    # 10 % of 110 are 11: the mean of the 11 values around rank 99 is that of 94 to 104, 99.
    # 9 % are 9: too few.
    assert lines(decided(tmp_path))[2] == "F,110,6105,55.5,99,s"


@pytest.mark.parametrize("percentile", [0, 100])
def test_a_minimum_or_a_maximum_is_refused(tmp_path: Path, percentile: int) -> None:
    columns = frame(range(1, 111), sex=["F"] * 110, cost=list(range(1, 111)))
    table(tmp_path, columns, by=["sex"], amount=Amount("cost", (percentile,)))

    made = decided(tmp_path)

    assert rules(made) == ["R7"]
    assert made.files == ()
    assert made.verdicts[0].verdict is Verdict.BLOCKED


def test_those_who_lack_an_amount_are_a_group_as_any(tmp_path: Path) -> None:
    # 3 of 20 women lack the amount: how many have it would tell so.
    costs = [None] * 3 + list(range(4, 21)) + list(range(1, 16))
    table(tmp_path, frame(range(1, 36), sex=MEN_AND_WOMEN, cost=costs), by=["sex"], amount="cost")

    made = lines(decided(tmp_path))

    assert made[0] == "sex,persons,total cost,mean cost,persons with an amount"
    assert made[2].startswith("F,s")


def test_counts_are_rounded_where_the_policy_rounds(tmp_path: Path) -> None:
    table(tmp_path, frame(range(1, 36), sex=MEN_AND_WOMEN), by=["sex"])
    policy = replace(POLICY, rounding_base=10)

    # 35 is halfway: up.
    assert lines(decided(tmp_path, policy=policy))[1:] == ["Total,40", "F,20", "M,20"]


@pytest.mark.parametrize("label", ["=1+1", "@SUM(A1)", "0123456789abcdef" * 4, "Total"])
def test_a_label_that_could_deceive_or_run_makes_no_table(tmp_path: Path, label: str) -> None:
    table(tmp_path, frame(range(1, 36), sex=[label] * 35), by=["sex"])

    assert decided(tmp_path).files == ()


def test_missing_labels_are_a_category(tmp_path: Path) -> None:
    table(tmp_path, frame(range(1, 36), sex=["F"] * 20 + [None] * 15), by=["sex"])

    assert lines(decided(tmp_path))[1:] == ["Total,35", "F,20", "missing,15"]


def test_persons_who_are_not_of_the_extract_are_refused(tmp_path: Path) -> None:
    table(tmp_path, frame(range(1990, 2011), sex=["F"] * 21), by=["sex"])

    with pytest.raises(InvalidInput, match="10 persons are not of the extract"):
        decided(tmp_path)


def test_the_order_of_rows_changes_no_byte(tmp_path: Path) -> None:
    (tmp_path / "one").mkdir()
    (tmp_path / "other").mkdir()
    costs = [*range(1, 21), *range(1, 16)]
    columns = frame(range(1, 36), sex=MEN_AND_WOMEN, cost=costs)
    backwards = frame(range(35, 0, -1), sex=MEN_AND_WOMEN[::-1], cost=costs[::-1])
    table(tmp_path / "one", columns, by=["sex"], amount="cost")
    table(tmp_path / "other", backwards, by=["sex"], amount="cost")

    one, other = decided(tmp_path / "one"), decided(tmp_path / "other")

    assert (one.files, one.verdicts) == (other.files, other.verdicts)


def test_many_words_are_for_eyes(tmp_path: Path) -> None:
    # 8 labels of 80 characters could tell the life of a person; 8 short ones do not.
    words = [f"{rank} {'x' * 78}" for rank in range(8)]
    (tmp_path / "long").mkdir()
    (tmp_path / "short").mkdir()
    table(tmp_path / "long", frame(range(1, 161), town=words * 20), by=["town"])
    table(
        tmp_path / "short",
        frame(range(1, 161), town=[word[:1] for word in words] * 20),
        by=["town"],
    )

    made = decided(tmp_path / "long")

    assert rules(made) == ["A32"]
    assert made.verdicts[0].verdict is Verdict.REVIEW
    assert rules(decided(tmp_path / "short")) == []
