"""What figures say of claims: the whole interval on one side, or nothing is decided."""

from decimal import Decimal

import pytest

from ecluse.domain.evaluations.counts import LifeStep, LifeTable, ScoreTable, write
from ecluse.domain.evaluations.judging import decide
from ecluse.domain.evaluations.reports import Basis, Digests, Figure, Outcome, Replicates


def figure(low: str, high: str) -> Figure:
    return Figure("auroc", "all", "", "0.800000", low, high, "delong", "0.95", Basis.ATTESTED)


@pytest.mark.parametrize(
    ("low", "high", "outcome"),
    [
        ("0.75", "0.85", Outcome.MET),
        ("0.74", "0.85", Outcome.INCONCLUSIVE),
        ("0.60", "0.74", Outcome.NOT_MET),
        ("0.60", "0.75", Outcome.INCONCLUSIVE),
        ("", "", Outcome.INCONCLUSIVE),
    ],
)
def test_a_claim_of_at_least_three_quarters(low: str, high: str, outcome: Outcome) -> None:
    assert decide(figure(low, high), (Decimal("0.75"), None)) is outcome


@pytest.mark.parametrize(
    ("low", "high", "outcome"),
    [
        ("0.9", "1.1", Outcome.MET),
        ("0.7", "1.1", Outcome.INCONCLUSIVE),
        ("1.1", "1.3", Outcome.INCONCLUSIVE),
        ("0.5", "0.7", Outcome.NOT_MET),
        ("1.3", "1.5", Outcome.NOT_MET),
    ],
)
def test_a_range_from_eight_tenths_to_one_and_a_quarter(
    low: str, high: str, outcome: Outcome
) -> None:
    assert decide(figure(low, high), (Decimal("0.8"), Decimal("1.25"))) is outcome


def test_half_an_interval_cannot_be_built() -> None:
    with pytest.raises(ValueError, match="two ends"):
        figure("0.7", "")


def test_a_number_is_spelled_in_one_way() -> None:
    assert write(-0.0000001) == "0.000000"
    assert write(0.1 + 0.2) == "0.300000"


@pytest.mark.parametrize("text", ["1e-3", "0,5", ".5", "NaN", "05", ""])
def test_another_spelling_is_no_number(text: str) -> None:
    with pytest.raises(ValueError, match="not a number"):
        Figure("auroc", "all", "", text, "", "", "delong", "", Basis.ATTESTED)


def test_a_table_needs_a_count_a_step() -> None:
    with pytest.raises(ValueError, match="2 steps need as many"):
        ScoreTable("all", ("0.5",), (1,), (1, 2))


def test_edges_rise() -> None:
    with pytest.raises(ValueError, match="do not rise"):
        ScoreTable("all", ("0.5", "0.4"), (1, 2, 3), (1, 2, 3))


def test_times_of_a_life_table_rise() -> None:
    with pytest.raises(ValueError, match="do not rise"):
        LifeTable("all", "day", (LifeStep("30", 1, 0, 0), LifeStep("30", 1, 0, 0)))


def test_replicates_keep_nine_quantiles() -> None:
    with pytest.raises(ValueError, match="9 quantiles"):
        Replicates("auroc", "all", "", 1, 2000, ("0.1",))


def test_a_digest_that_is_none_is_refused() -> None:
    good = f"sha256:{'0' * 64}"

    with pytest.raises(ValueError, match="not `sha256:`"):
        Digests(good, good, good, good, "md5:0")
