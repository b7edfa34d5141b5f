from datetime import date
from math import log, log2
from pathlib import Path

import pytest

from ecluse.data import nomenclatures
from ecluse.data.quality import CheckResult, QualityReport, Status
from ecluse.data.quality.codes import divergence
from ecluse.data.quality.reports import CodeCount
from tests.unit.data.lakes import Row, diagnosis
from tests.unit.data.quality.examined import act, found, measured

MAY, JUNE, JULY = date(2022, 5, 1), date(2022, 6, 1), date(2022, 7, 1)


def test_the_same_shares_diverge_by_nothing() -> None:
    assert divergence({"a": 1000, "b": 3000}, {"a": 500, "b": 1500}) == 0


def test_nothing_in_common_is_one_bit_less_what_chance_gives() -> None:
    found_bits = divergence({"a": 1000}, {"b": 1000})

    assert found_bits == pytest.approx(1 - (2 / 1000) / (8 * log(2)))


def test_the_divergence_is_that_of_jensen_and_shannon() -> None:
    # Shares 1/2, 1/2 against 1/4, 3/4: the middle is 3/8, 5/8.
    expected = (1 / 2 * log2((1 / 2) / (3 / 8)) + 1 / 2 * log2((1 / 2) / (5 / 8))) / 2 + (
        1 / 4 * log2((1 / 4) / (3 / 8)) + 3 / 4 * log2((3 / 4) / (5 / 8))
    ) / 2
    many = 10**12  # chance counts for nothing

    found_bits = divergence({"a": many, "b": many}, {"a": many, "b": 3 * many})

    assert found_bits == pytest.approx(expected)


def acts_of(month: date, code: int, count: int, first_key: int) -> list[Row]:
    return [
        act(1, MAY, first_key + rank, FLX_DIS_DTD=month, PRS_NAT_REF=code) for rank in range(count)
    ]


def drift(report: QualityReport) -> list[tuple[str, str]]:
    table = report.table("ER_PRS_F")
    assert table is not None
    use = next(use for use in table.codes if use.column == "PRS_NAT_REF")
    return [(step.period, step.bits) for step in use.divergences]


def test_a_month_whose_codes_changed_is_found(tmp_path: Path) -> None:
    acts = [
        *acts_of(MAY, 1111, 1000, 0),
        *acts_of(JUNE, 1111, 1000, 1000),
        *acts_of(JULY, 3313, 1000, 2000),
    ]

    report = measured(tmp_path, {"ER_PRS_F": acts})

    # One code against another: 1 bit, less (2 − 1) (2/1000) / (8 ln 2) = 0.00036.
    assert drift(report) == [("2022-06", "0.0000"), ("2022-07", "0.9996")]
    place = ("ER_PRS_F", "PRS_NAT_REF")
    assert found(report, "changed-codes", *place) == (1, 2, Status.WARNING)


def test_months_of_few_rows_are_not_compared(tmp_path: Path) -> None:
    acts = [*acts_of(MAY, 1111, 999, 0), *acts_of(JUNE, 3313, 999, 1000)]

    report = measured(tmp_path, {"ER_PRS_F": acts})

    assert drift(report) == []


def test_diagnoses_are_counted_by_their_first_three_characters(tmp_path: Path) -> None:
    stays = [diagnosis(1, MAY, "E119"), diagnosis(1, MAY, "E112"), diagnosis(2, MAY, "I10")]

    report = measured(tmp_path, {"T_MCOaaB": stays})

    table = report.table("T_MCOaaB")
    assert table is not None
    assert table.codes[0].codes == (CodeCount("E11", 2), CodeCount("I10", 1))


def checks_named(report: QualityReport, name: str) -> list[CheckResult]:
    return [check for check in report.checks if check.check == name]


def test_codes_are_looked_up_in_the_nomenclature_that_the_lake_has(tmp_path: Path) -> None:
    file = tmp_path / "acts.csv"
    file.write_text("code;label\n1111;Consultation\n3313;Pharmacie\n", encoding="utf-8")
    nomenclatures.load(
        file, nomenclatures.Nomenclatures(tmp_path), name="IR_NAT_V", valid_from=date(2013, 1, 1)
    )
    acts = [*acts_of(MAY, 1111, 3, 0), *acts_of(MAY, 9999, 1, 10)]

    report = measured(tmp_path, {"ER_PRS_F": acts})

    (result,) = [
        check
        for check in checks_named(report, "code-not-in-nomenclature")
        if check.column == "PRS_NAT_REF"
    ]
    assert (result.violations, result.examined, result.status) == (1, 4, Status.WARNING)


def test_without_a_nomenclature_codes_are_not_judged(tmp_path: Path) -> None:
    report = measured(tmp_path, {"ER_PRS_F": acts_of(MAY, 9999, 1, 0)})

    assert checks_named(report, "code-not-in-nomenclature") == []
