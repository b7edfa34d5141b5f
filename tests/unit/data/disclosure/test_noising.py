"""R17: noise inside jobs is paid from the budget, each time, and cannot be averaged away."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from ecluse.data.disclosure import Ledger, Population, Purse, decide, decide_all
from ecluse.data.results import Results
from ecluse.domain.documents import Verdict
from ecluse.domain.errors import InvalidInput
from tests.unit.data.disclosure.results import POLICY, frame

pytest.importorskip("opendp", reason="noise needs the extra `privacy`")

SEX = ["F"] * 400 + ["M"] * 350
NUMBERS = np.arange(1, 2001)
POPULATION = Population.of(NUMBERS.astype(np.uint64), NUMBERS.astype(np.int32))


def purse(folder: Path, *, project: str = "P-1", job: str = "J1") -> Purse:
    return Purse(Ledger(folder, POLICY), project, job)


def ask(folder: Path, name: str, *, epsilon: float = 0.4, **more: object) -> list[tuple[str, Path]]:
    """Ask for the number of persons by sex, with noise."""
    columns = frame(range(1, 751), sex=SEX)
    Results(folder).tabulate_with_noise(
        columns,
        name=name,
        by=["sex"],
        epsilon=epsilon,
        **more,  # type: ignore[arg-type]
    )
    return [(f"{name}.result", folder / f"{name}.result")]


def counts(body: bytes) -> list[int]:
    """Total, F, M."""
    return [int(line.split(",")[1]) for line in body.decode().splitlines()[1:]]


def test_totals_are_sums_of_noisy_cells_near_the_truth(tmp_path: Path) -> None:
    made = decide_all(ask(tmp_path, "t"), POLICY, project="P-1", purse=purse(tmp_path))

    (name, body) = made.files[0]
    total, women, men = counts(body)
    assert (name, made.verdicts[0].verdict) == ("t.csv", Verdict.PASS)
    assert total == women + men
    # Laplace of scale 2.5: beyond 50 once in 10^9.
    assert abs(women - 400) < 50
    assert abs(men - 350) < 50
    assert "epsilon 0.4" in made.verdicts[0].findings[0].explanation


def test_noise_has_the_spread_of_its_epsilon(tmp_path: Path) -> None:
    ask(tmp_path, "t", epsilon=0.5)
    data = (tmp_path / "t.result").read_bytes()

    noises = [counts(decide(data, POLICY, project="P-1").files[0][1])[1] - 400 for _ in range(600)]

    # Discrete Laplace of scale 2: variance 2 e^-.5 / (1 - e^-.5)^2 = 7.84.
    assert abs(np.mean(noises)) < 0.5
    assert np.var(noises) == pytest.approx(7.84, rel=0.4)


def test_a_noisy_answer_spends_what_its_project_has(tmp_path: Path) -> None:
    wallet = purse(tmp_path)

    decide_all(ask(tmp_path, "t"), POLICY, project="P-1", purse=wallet)

    assert wallet.ledger.spent() == 400
    assert wallet.ledger.left("P-1") == 600


def test_asking_the_same_again_spends_again_until_nothing_is_left(tmp_path: Path) -> None:
    requests = ask(tmp_path, "t")
    jobs = [purse(tmp_path, job=f"J{number}") for number in range(1, 5)]

    told = [decide_all(requests, POLICY, project="P-1", purse=one) for one in jobs]

    # 0.4 + 0.4 of 1.0: the third and the fourth get nothing, so nobody averages more than two.
    assert [len(one.files) for one in told] == [1, 1, 0, 0]
    assert [one.verdicts[0].verdict for one in told][2:] == [Verdict.BLOCKED, Verdict.BLOCKED]
    assert told[2].verdicts[0].findings[-1].rule == "R17"
    assert "400 thousandths of epsilon asked, 200 left" in (
        told[2].verdicts[0].findings[-1].explanation
    )


def test_a_second_project_averages_no_further_than_the_dataset_allows(tmp_path: Path) -> None:
    requests = ask(tmp_path, "t", epsilon=0.8)
    decide_all(requests, POLICY, project="P-1", purse=purse(tmp_path))

    other = decide_all(
        requests, POLICY, project="P-2", purse=purse(tmp_path, project="P-2", job="J9")
    )

    assert other.files == ()
    assert other.verdicts[0].findings[-1].rule == "R17"


def test_a_job_taken_up_after_a_crash_pays_once_for_what_was_never_told(tmp_path: Path) -> None:
    requests = ask(tmp_path, "t")
    data, wallet = requests[0][1].read_bytes(), purse(tmp_path)
    first = wallet.pay(data, 400)

    decide_all(requests, POLICY, project="P-1", purse=purse(tmp_path))

    assert wallet.pay(data, 400) != first
    assert wallet.ledger.spent() == 800


def test_real_persons_get_no_noise_without_a_budget(tmp_path: Path) -> None:
    ask(tmp_path, "t")

    with pytest.raises(InvalidInput, match="budget"):
        decide((tmp_path / "t.result").read_bytes(), POLICY, project="P-1", population=POPULATION)


def test_a_person_counts_in_no_more_cells_than_the_noise_covers(tmp_path: Path) -> None:
    # Each of 300 persons is in both cells: one of them is left out.
    columns = frame([*range(1, 301)] * 2, kind=["A"] * 300 + ["B"] * 300)
    Results(tmp_path).tabulate_with_noise(columns, name="t", by=["kind"], epsilon=1)

    made = decide((tmp_path / "t.result").read_bytes(), POLICY, project="P-1")

    _, first, second = counts(made.files[0][1])
    assert abs(first - 300) < 25
    assert second < 25


@pytest.mark.parametrize(
    "changes", [{"cells_per_person": 0}, {"epsilon": 1000.0}], ids=["cells", "epsilon"]
)
def test_noise_that_means_nothing_is_refused(tmp_path: Path, changes: dict[str, object]) -> None:
    with pytest.raises(InvalidInput, match="Noise"):
        ask(tmp_path, "t", **changes)  # type: ignore[arg-type]


def test_a_policy_says_how_much_may_be_lost(tmp_path: Path) -> None:
    strict = Ledger(tmp_path, replace(POLICY, project_epsilon_thousandths=100))

    made = decide_all(ask(tmp_path, "t"), POLICY, project="P-1", purse=Purse(strict, "P-1", "J1"))

    assert made.files == ()
