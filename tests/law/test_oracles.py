"""The oracles that the Regulation gives, each with the tests that ask it: none may go unasked."""

import importlib

import pytest

ORACLES = (
    (
        "three months from 31 January end on 30 April, or the next working day",
        "tests.law.test_article_68_clocks",
        "test_paragraph_4_three_months_from_31_january_end_on_30_april_or_the_next_working_day",
    ),
    (
        "a file completed at four weeks and a day is refused",
        "tests.law.test_article_68_clocks",
        "test_paragraph_4_a_file_completed_four_weeks_and_a_day_late_is_refused",
    ),
    (
        "a decision is extended once",
        "tests.law.test_article_68_clocks",
        "test_paragraph_4_the_decision_is_extended_by_three_months_once_with_reasons",
    ),
    (
        "the accelerated decision takes two months and one more",
        "tests.law.test_article_68_clocks",
        "test_paragraph_6_the_accelerated_decision_takes_two_months_and_one_more",
    ),
    (
        "a trusted holder has two months, then the access body two",
        "tests.law.test_article_72_trusted_holders",
        "test_paragraph_5_two_months_then_two_months",
    ),
    (
        "a data request takes three months from receipt, then three",
        "tests.law.test_article_69_requests",
        "test_paragraph_4_three_months_run_from_receipt_and_three_more_from_the_assessment",
    ),
    (
        "thirty working days are counted without the holidays of the country",
        "tests.law.test_article_57_publication",
        "test_point_j_iii_thirty_working_days_are_counted_without_the_holidays_of_the_country",
    ),
    (
        "a second extension of a permit is refused",
        "tests.law.test_article_68_duration",
        "test_paragraph_12_a_second_extension_is_refused",
    ),
    (
        "an extension is asked a month before expiry",
        "tests.law.test_article_68_duration",
        "test_paragraph_12_an_extension_is_asked_a_month_before_expiry_to_the_day",
    ),
    (
        "more than ten years are refused",
        "tests.law.test_article_68_duration",
        "test_paragraph_12_a_permit_of_ten_years_is_issued_and_a_day_more_is_refused",
    ),
    (
        "every version of a permit has its own number and days",
        "tests.law.test_article_68_life",
        "test_paragraph_13_a_version_has_another_number_and_another_first_day",
    ),
    (
        "an opt-out before the decision excludes",
        "tests.law.test_article_71_opt_out",
        "test_paragraph_3_a_permit_decided_after_the_opt_out_excludes_the_person",
    ),
    (
        "an opt-out after the decision does not change it",
        "tests.law.test_article_71_opt_out",
        "test_paragraph_3_a_permit_decided_before_the_opt_out_is_not_changed",
    ),
    (
        "an opt-out is reversed",
        "tests.law.test_article_71_opt_out",
        "test_paragraph_1_the_right_is_exercised_at_any_time_and_reversed",
    ),
    (
        "an answer of article 69 does not count who opted out",
        "tests.law.test_article_69_answers",
        "test_article_71_who_opted_out_or_cannot_be_named_is_not_counted",
    ),
    (
        "who withdraws after the estimate owes what was done alone",
        "tests.law.test_article_62_fees",
        "test_paragraph_5_who_withdraws_owes_the_handling_and_the_work_done_by_then",
    ),
    (
        "who assesses a file does not prepare its data",
        "tests.law.test_article_55_one_file",
        "test_paragraph_3_who_assessed_a_file_does_not_prepare_its_data",
    ),
    (
        "a refusal is published with its reasons",
        "tests.law.test_article_57_register",
        "test_point_j_iii_a_refusal_is_public_with_its_reasons",
    ),
    (
        "results are public in eighteen months",
        "tests.law.test_article_61_results",
        "test_paragraph_4_eighteen_months_run_from_the_end_of_use_to_a_working_day",
    ),
    (
        "the counters of the report equal those recomputed",
        "tests.law.test_article_59_activity_report",
        "test_the_figures_counted_from_the_journal_are_those_recomputed_from_the_files",
    ),
)
NOT_ASKED = {
    "fines: tier by article, ceiling, turnover": "enforcement comes with its own issue",
    "HealthDCAT-AP examples against the published baseline": "the catalogue comes with its own",
}
"""What the Regulation gives and no test asks yet, and why."""


@pytest.mark.parametrize(("oracle", "module", "test"), ORACLES, ids=[one[0] for one in ORACLES])
def test_each_oracle_has_its_test(oracle: str, module: str, test: str) -> None:
    assert oracle not in NOT_ASKED
    assert callable(getattr(importlib.import_module(module), test))
