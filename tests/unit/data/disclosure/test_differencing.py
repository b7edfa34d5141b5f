"""What numbers of persons tell together: sets of persons in sight."""

from pathlib import Path

import numpy as np
import pytest

from ecluse.data.disclosure import Predicate, Released, Releases, compare
from ecluse.data.results import Results
from ecluse.domain.disclosure import DisclosurePolicy, for_author, for_checker
from ecluse.domain.documents import Verdict
from tests.unit.data.disclosure.results import decided, frame, rules, table

POLICY = DisclosurePolicy()


def predicate(place: str, *persons: int | range) -> Predicate:
    keys = [key for one in persons for key in ([one] if isinstance(one, int) else one)]
    return Predicate(place, np.array(sorted(keys), np.int32))


def released(release: str, *predicates: Predicate) -> Released:
    return Released(release, f"project of {release}", "t.csv", predicates)


def found(new: list[Predicate], *earlier: Released) -> list[str]:
    findings = compare(released("", *new), earlier, POLICY)
    return [for_checker(one).explanation.partition(", rule")[0] for one in findings]


@pytest.mark.parametrize(("more", "is_found"), [(0, False), (1, True), (10, True), (11, False)])
def test_a_set_within_another_leaves_nobody_or_eleven(more: int, is_found: bool) -> None:
    before = released("R-1", predicate("total", range(100)))

    assert bool(found([predicate("total", range(100 + more))], before)) is is_found
    assert bool(found([predicate("total", range(100 - more))], before)) is is_found


def test_the_earlier_release_is_named_to_checkers_alone() -> None:
    before = released("R-1", predicate("sex = F", range(100)))

    (finding,) = compare(released("", predicate("total", range(103))), [before], POLICY)

    assert finding.place == "total"
    assert for_checker(finding).explanation == (
        "3 persons apart from R-1, t.csv, sex = F < 11, rule R16, policy SNDS-2026."
    )
    assert for_author(finding).explanation == (
        "… persons apart from … < 11, rule R16, policy SNDS-2026."
    )


def test_the_same_persons_again_tell_nothing_new() -> None:
    before = released("R-1", predicate("total", range(100)))

    assert found([predicate("all", range(100))], before) == []


def test_what_earlier_releases_tell_already_is_not_found_again() -> None:
    one = released("R-1", predicate("total", range(100)))
    other = released("R-2", predicate("total", range(103)))

    assert found([predicate("town", range(500, 600))], one, other) == []


def test_numbers_whose_groups_are_all_large_tell_of_nobody() -> None:
    # Of 100 in either, 60 are in the one and 60 in the other: 20 in both, 40 and 40 in one alone.
    numbers = [predicate("one", range(60)), predicate("other", range(40, 100))]

    assert found(numbers, released("R-1", predicate("either", range(100)))) == []


def test_a_group_given_by_four_numbers_of_two_projects_is_seen() -> None:
    # total = women + men. Women with the disease and men with the disease, 50 + 30, in one
    # project; in the other, 86 persons with the disease: 6 are neither.
    sick = range(86)
    before = released("R-1", predicate("women", range(50)), predicate("men", range(50, 80)))

    assert found([predicate("disease", sick)], before) == [
        "the numbers of this file and R-1 together tell of 6 persons < 11"
    ]


def test_a_group_given_by_two_tables_together_is_seen() -> None:
    # Towns A 0-39 and B 40-85, 86 in all. Young: 0-19 and 40-62, 43. So the old are 86 - 43, and
    # the old but three tell of these three.
    before = released("R-1", predicate("A", range(40)), predicate("B", range(40, 86)))
    young = predicate("young", range(20), range(40, 63))
    old = predicate("old but three", range(20, 40), range(66, 86))

    assert found([young], before) == []
    assert found([young, old], before) == [
        "the numbers of this file and R-1 together tell of 3 persons < 11"
    ]


def test_groups_that_can_only_be_small_are_seen() -> None:
    # Groups a (3), m (60), b (5), c (3). a+m+c = 66, m+b+c = 68, a+b+c = 11: none is known, but
    # b = a+2, so 2a+2+c = 11: a is at most 4, b at most 6, c at most 9.
    a, m, b, c = range(3), range(3, 63), range(63, 68), range(68, 71)
    numbers = [predicate("amc", a, m, c), predicate("mbc", m, b, c), predicate("abc", a, b, c)]

    assert sorted(found(numbers)) == [
        f"the numbers of this file together tell of {persons} persons, who can only be fewer "
        "than 11"
        for persons in (3, 3, 5)
    ]


def test_a_duplicate_row_changes_no_set(tmp_path: Path) -> None:
    (tmp_path / "once").mkdir()
    (tmp_path / "twice").mkdir()
    table(tmp_path / "once", frame(range(1, 36), sex=["F"] * 35), by=["sex"])
    table(tmp_path / "twice", frame([*range(1, 36), 7], sex=["F"] * 36), by=["sex"])

    assert decided(tmp_path / "once").released.digest == decided(tmp_path / "twice").released.digest


def test_two_requests_that_differ_by_one_person_do_not_both_leave(tmp_path: Path) -> None:
    (tmp_path / "one").mkdir()
    (tmp_path / "other").mkdir()
    table(tmp_path / "one", frame(range(1, 36), sex=["F"] * 35), by=["sex"])
    table(tmp_path / "other", frame(range(1, 35), sex=["F"] * 34), by=["sex"])
    first = decided(tmp_path / "one")

    second = decided(tmp_path / "other", earlier=[first.released])

    assert rules(first) == []
    assert set(rules(second)) == {"R16"}
    assert second.verdicts[0].verdict is Verdict.BLOCKED


def test_a_regression_without_one_person_does_not_leave_after_one_with(tmp_path: Path) -> None:
    (tmp_path / "one").mkdir()
    (tmp_path / "other").mkdir()
    x = [float((7 * n) % 13) for n in range(60)]
    y = [float((5 * n) % 11) for n in range(60)]
    Results(tmp_path / "one").regress(
        frame(range(1, 61), x=x, y=y), name="r", outcome="y", on=["x"]
    )
    Results(tmp_path / "other").regress(
        frame(range(1, 60), x=x[:59], y=y[:59]), name="r", outcome="y", on=["x"]
    )

    second = decided(tmp_path / "other", earlier=[decided(tmp_path / "one").released])

    assert rules(second) == ["R16"]


def test_releases_are_remembered_across_projects(tmp_path: Path) -> None:
    releases = Releases(tmp_path)
    given = released("R-1", predicate("total", range(100)), predicate("few", 3, 70_000, 200_001))
    with releases.of("snds") as dataset:
        digest = dataset.remember(given)
        dataset.remember(given)

    with releases.of("snds") as dataset:
        (kept,) = dataset.earlier()
    with releases.of("other") as dataset:
        others = dataset.earlier()

    assert kept.digest == digest == given.digest
    assert kept.project == "project of R-1"
    assert [one.persons.tolist() for one in kept.predicates] == [
        list(range(100)),
        [3, 70_000, 200_001],
    ]
    assert others == ()


def test_persons_keep_their_ordinal_whatever_the_order_in_which_they_come(tmp_path: Path) -> None:
    first, later = np.array([900, 100, 500], np.uint64), np.array([100, 700, 900], np.uint64)
    with Releases(tmp_path).of("snds") as dataset:
        before = dataset.ordinals(first).tolist()

    with Releases(tmp_path).of("snds") as dataset:
        after = dataset.ordinals(later).tolist()

    assert [before[1], before[0]] == [after[0], after[2]]
    assert sorted({*before, *after}) == [0, 1, 2, 3]


def test_a_memory_that_was_altered_is_refused(tmp_path: Path) -> None:
    with Releases(tmp_path).of("snds") as dataset:
        dataset.remember(released("R-1", predicate("total", range(100))))
    (file,) = tmp_path.rglob("*.predicates")
    file.write_bytes(file.read_bytes()[:-1] + b"x")

    with Releases(tmp_path).of("snds") as dataset, pytest.raises(Exception, match="was altered"):
        dataset.earlier()
