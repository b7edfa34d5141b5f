"""The privacy budget: what is counted, who may spend it."""

from pathlib import Path

import pytest

from ecluse.data.disclosure import Budget, Spending, epsilon_of
from ecluse.domain.disclosure import DisclosurePolicy
from ecluse.domain.errors import InvalidInput, NotFound, Refused, Replayed

POLICY = DisclosurePolicy(epsilon_thousandths=1000, project_epsilon_thousandths=600)


def test_every_column_and_every_partition_of_a_person_is_counted() -> None:
    # A program asked for epsilon 1 on four columns spends 4.
    assert Spending(1000, columns=4).total_thousandths == 4000
    assert Spending(100, columns=2, partitions_per_person=3).total_thousandths == 600


def test_partitions_that_share_nobody_are_counted_once() -> None:
    assert Spending(100, columns=1, partitions_per_person=1).total_thousandths == 100


@pytest.mark.parametrize("arguments", [(0, 1, 1), (1, 0, 1), (1, 1, 0)])
def test_a_spending_that_counts_nothing_is_refused(arguments: tuple[int, int, int]) -> None:
    with pytest.raises(InvalidInput, match="from 1"):
        Spending(*arguments)


def test_a_project_spends_its_own_budget_and_that_of_the_dataset(tmp_path: Path) -> None:
    budget = Budget(tmp_path, POLICY)
    budget.reserve("snds", Spending(600, columns=1), project="P-1")
    budget.reserve("snds", Spending(300, columns=1), project="P-2")

    with pytest.raises(Refused, match="1 thousandths of epsilon asked, 0 left to project P-1"):
        budget.reserve("snds", Spending(1, columns=1), project="P-1")
    with pytest.raises(Refused, match="101 thousandths of epsilon asked, 100 left"):
        budget.reserve("snds", Spending(101, columns=1), project="P-2")
    budget.reserve("snds", Spending(100, columns=1), project="P-2")

    assert budget.spent("snds") == 1000
    assert budget.spent("snds", project="P-2") == 400
    assert budget.spent("other") == 0


def test_a_reservation_that_is_not_used_is_not_given_back(tmp_path: Path) -> None:
    Budget(tmp_path, POLICY).reserve("snds", Spending(500, columns=1), project="P-1")

    # A program that died: another one begins with what is written.
    assert Budget(tmp_path, POLICY).spent("snds") == 500


def test_a_reservation_is_used_once(tmp_path: Path) -> None:
    budget = Budget(tmp_path, POLICY)
    number = budget.reserve("snds", Spending(500, columns=1), project="P-1")
    budget.commit("snds", number, digest="sha256:aa")

    with pytest.raises(Replayed):
        budget.commit("snds", number, digest="sha256:bb")
    with pytest.raises(NotFound):
        budget.commit("snds", "f" * 32, digest="sha256:aa")


def test_a_ledger_that_cannot_be_read_stops_all_noise(tmp_path: Path) -> None:
    budget = Budget(tmp_path, POLICY)
    budget.reserve("snds", Spending(500, columns=1), project="P-1")
    (tmp_path / "snds" / "privacy.jsonl").write_text("no ledger")

    with pytest.raises(Refused):
        budget.reserve("snds", Spending(1, columns=1), project="P-1")


def test_concentrated_privacy_is_converted() -> None:
    # 0.1 + 2 sqrt(0.1 x 6 ln 10) = 0.1 + 2 sqrt(1.381551) = 2.450790...
    assert epsilon_of(100, delta_exponent=6) == 2451
