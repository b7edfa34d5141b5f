"""Tables whose findings are worked out by hand."""

import pytest

from ecluse.domain.disclosure import (
    RULES,
    Contribution,
    DisclosurePolicy,
    Percentile,
    Ratio,
    Table,
    TableDeclaration,
    check_table,
    for_author,
    for_checker,
    significant_digits,
    verdict,
)
from ecluse.domain.documents import Finding, Verdict

POLICY = DisclosurePolicy()
PERSONS = TableDeclaration(counts=("persons",))


def table(text: str) -> Table:
    """A table written with one line per row and commas between cells."""
    header, *rows = (tuple(line.split(",")) for line in text.strip().splitlines())
    return Table(header, tuple(rows))


def found(
    text: str,
    declaration: TableDeclaration | None = PERSONS,
    policy: DisclosurePolicy = POLICY,
) -> list[tuple[str, str]]:
    findings = check_table(table(text), declaration, policy)
    return [(finding.rule, finding.place) for finding in findings]


# --- R1 -----------------------------------------------------------------------------------------


def test_ten_persons_are_too_few_and_eleven_are_enough() -> None:
    text = "age,persons\n0-19,10\n20-39,11\n40-59,12"

    assert found(text) == [("R1", "row 1, column persons")]


def test_a_finding_says_the_arithmetic_the_rule_and_the_policy() -> None:
    (finding,) = check_table(table("age,persons\n0-19,7"), PERSONS, POLICY)

    assert for_checker(finding).explanation == "7 persons < 11, rule R1, policy SNDS-2026."
    assert for_author(finding).explanation == "… persons < 11, rule R1, policy SNDS-2026."


def test_the_threshold_of_the_policy_decides() -> None:
    text = "age,persons\n0-19,10"

    assert found(text, policy=DisclosurePolicy(minimum_count=10)) == []


def test_leading_zeros_and_spaces_hide_no_small_count() -> None:
    assert found("age,persons\n0-19, 007 ") == [("R1", "row 1, column persons")]


@pytest.mark.parametrize("cell", ["7.0", "7e0", "-7", "seven", "٧", "1_0", "<5", "0x7"])
def test_a_count_that_is_not_written_as_an_integer_is_blocked(cell: str) -> None:
    assert ("D2", "row 1, column persons") in found(f"age,persons\n0-19,{cell}")


@pytest.mark.parametrize("cell", ["", "*", "NA", "c", "secret", "<11", "< 20"])
def test_a_suppressed_count_is_accepted(cell: str) -> None:
    assert found(f"age,persons\n0-19,{cell}\n20-39,50") == []


def test_a_column_named_like_a_count_is_judged_even_if_undeclared() -> None:
    text = "age,nb_patients\n0-19,3"

    assert found(text, TableDeclaration()) == [("R1", "row 1, column nb_patients")]


def test_without_a_declaration_somebody_must_look() -> None:
    assert found("age,effectif\n0-19,50", None) == [("D1", "file")]


def test_small_integers_that_nobody_explained_must_be_looked_at() -> None:
    text = "age,children,persons\n0-19,2,50"

    assert found(text) == [("D1", "column children")]
    assert found(text, TableDeclaration(counts=("persons",), labels=("children",))) == []


# --- R2 -----------------------------------------------------------------------------------------


def test_a_zero_discloses_only_where_the_policy_says_so() -> None:
    text = "age,persons\n0-19,0\n20-39,50"

    assert found(text) == []
    assert found(text, policy=DisclosurePolicy(zeros_disclose=True)) == [
        ("R2", "row 1, column persons")
    ]


# --- R3 -----------------------------------------------------------------------------------------

PARTS = TableDeclaration(counts=("persons",), parts={"events": "persons"})


def test_a_group_whose_persons_all_have_the_event_is_blocked() -> None:
    text = "age,persons,events\n0-19,200,200\n20-39,200,189\n40-59,200,190"

    # 200 - 189 = 11 do not have it: enough. 200 - 190 = 10: too few.
    assert found(text, PARTS) == [("R3", "row 1, column events"), ("R3", "row 3, column events")]


def test_a_part_greater_than_its_whole_does_not_fit() -> None:
    assert found("age,persons,events\n0-19,50,60", PARTS) == [("D2", "row 1, column events")]


SENSITIVE = TableDeclaration(counts=("persons",), sensitive=("diagnosis",))


def test_a_group_that_has_only_one_value_of_a_sensitive_attribute_is_blocked() -> None:
    text = "town,diagnosis,persons\nA,yes,40\nA,no,0\nB,yes,40\nB,no,60\nC,yes,40\nC,no,*"

    # A: 40 of 40. B: 40 and 60 of 100. C: the other cell is not known.
    assert found(text, SENSITIVE) == [("R3", "row 1, column persons")]


def test_a_zero_that_leaves_one_hidden_value_to_all_of_a_group_is_blocked() -> None:
    text = "town,diagnosis,persons\nA,yes,*\nA,no,0\nB,yes,*\nB,no,0\nB,unknown,*"

    assert found(text, SENSITIVE) == [("R2", "row 2, column persons")]


def test_the_total_of_a_group_is_not_one_of_its_values() -> None:
    text = "town,diagnosis,persons\nB,yes,40\nB,no,60\nB,Total,100"

    assert found(text, SENSITIVE) == []


# --- R9, R11 ------------------------------------------------------------------------------------


def test_counts_must_be_rounded_where_the_policy_rounds() -> None:
    text = "age,persons\n0-19,50\n20-39,53"

    assert found(text, policy=DisclosurePolicy(rounding_base=5)) == [
        ("R9", "row 2, column persons")
    ]


RATES = TableDeclaration(counts=("persons",), ratios={"rate": Ratio(of="persons", per=1000)})


def test_a_rate_that_tells_a_small_number_of_persons_is_blocked() -> None:
    # 3 of 700 is 4.2857 per 1000: only 3 persons round to 4.3.
    assert found("age,persons,rate\n0-19,700,4.3", RATES) == [("R11", "row 1, column rate")]


def test_a_rate_printed_with_few_digits_hides_its_numerator() -> None:
    # 0.4 % of 7000 persons, printed 0.4: from 25 to 31 persons.
    declaration = TableDeclaration(
        counts=("persons",), ratios={"percent": Ratio(of="persons", per=100)}
    )

    assert found("age,persons,percent\n0-19,7000,0.4", declaration) == []


def test_a_rate_that_tells_how_few_remain_is_blocked() -> None:
    # 697 of 700 is 995.714 per 1000.
    assert found("age,persons,rate\n0-19,700,995.7", RATES) == [("R11", "row 1, column rate")]


def test_a_rate_that_no_number_of_persons_gives_does_not_fit() -> None:
    assert found("age,persons,rate\n0-19,20,333.3", RATES) == [("D2", "row 1, column rate")]


# --- R4, R5, R7 ---------------------------------------------------------------------------------

COSTS = TableDeclaration(counts=("persons",), amounts={"cost": "controls.csv"})


def found_in_sum(total: int, first: int, second: int) -> list[tuple[str, str]]:
    known = {("cost", 1): Contribution(total, first, second)}
    findings = check_table(
        table("age,persons,cost\n0-19,50,900"), COSTS, POLICY, contributions=known
    )
    return [(finding.rule, finding.place) for finding in findings]


def test_two_persons_may_not_make_more_than_85_percent_of_a_sum() -> None:
    # 500 + 350 of 1000 is 85 %: not over. One more is.
    assert found_in_sum(1000, 500, 350) == []
    assert found_in_sum(1000, 500, 351) == [("R4", "row 1, column cost")]


def test_the_second_person_may_not_know_the_first_within_10_percent() -> None:
    # 1000 - 840 - 10 = 150 is over 84, 10 % of 840. Under the dominance rule (850 of 1000).
    assert found_in_sum(1000, 840, 10) == []
    # 10000 - 8000 - 500 = 1500 over 800; 2000 - 1000 - 700 = 300 over 100.
    assert found_in_sum(2000, 1000, 700) == []


def test_the_share_of_the_largest_is_judged_where_dominance_is_not() -> None:
    # 1000 - 910 - 0 = 90 < 91, 10 % of 910; a policy that allows 95 % for two persons.
    lax = DisclosurePolicy(dominance_percent=95)
    known = {("cost", 1): Contribution(1000, 910, 0)}

    (finding,) = check_table(
        table("age,persons,cost\n0-19,50,900"), COSTS, lax, contributions=known
    )

    assert finding.rule == "R5"
    assert "90 without the two largest, the largest 910" in for_checker(finding).explanation
    assert "910" not in for_author(finding).explanation


def test_a_sum_whose_controls_are_missing_needs_eyes() -> None:
    assert found("age,persons,cost\n0-19,50,900", COSTS) == [("D3", "row 1, column cost")]


PERCENTILES = TableDeclaration(
    counts=("persons",), percentiles={"p90": Percentile(of="persons", rank=90)}
)


def test_a_percentile_needs_eleven_persons_at_or_beyond_it() -> None:
    text = "age,persons,p90\n0-19,110,61.5\n20-39,109,60.5"

    # 10 % of 110 are 11, of 109 are 10.
    assert found(text, PERCENTILES) == [("R7", "row 2, column p90")]


def test_a_label_named_like_an_extreme_is_for_eyes() -> None:
    declaration = TableDeclaration(counts=("persons",), labels=("max_age",))

    assert found("max_age,persons\n61,50", declaration) == [("D3", "column max_age")]


def test_estimates_that_nothing_supports_are_for_eyes() -> None:
    text = "term,coef,persons\nage,1.5,50"

    assert found(text) == [("D3", "column coef")]


# --- columns and shape --------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("header", "rule"), [("max_age", "R7"), ("min", "R7"), ("montant_total", "D3"), ("cost", "D3")]
)
def test_columns_that_can_be_one_persons_value_must_be_looked_at(header: str, rule: str) -> None:
    assert (rule, f"column {header}") in found(f"age,{header}\n0-19,61.5", TableDeclaration())


def test_two_columns_of_one_name_are_blocked() -> None:
    assert found("persons,persons\n50,3") == [("D2", "headers")]


def test_a_declared_column_that_is_missing_is_blocked() -> None:
    assert found("age,n\n0-19,50") == [("D2", "declaration of 'persons'")]


def test_a_table_longer_than_the_policy_allows_is_blocked() -> None:
    text = "age,persons\n" + "0-19,50\n" * 4

    assert found(text, policy=DisclosurePolicy(maximum_rows=3)) == [("T1", "file")]


def test_a_header_that_could_deceive_is_named_by_its_position() -> None:
    text = "age,<script>\n0-19,50.1234567"

    assert ("A31", "row 1, column 2") in found(text, TableDeclaration())


def test_many_findings_of_one_rule_are_cut_and_counted() -> None:
    text = "age,persons\n" + "0-19,3\n" * 50

    findings = check_table(table(text), PERSONS, POLICY)

    assert len(findings) == 21
    assert findings[-1].explanation.startswith("30 more")


def test_an_honest_table_has_nothing_against_it() -> None:
    text = "age,persons,events,rate\n0-19,1200,300,250.0\n20-39,900,120,133.3\nTotal,2100,420,200.0"
    declaration = TableDeclaration(
        counts=("persons", "events"),
        parts={"events": "persons"},
        ratios={"rate": Ratio(of="persons", per=1000)},
    )

    assert found(text, declaration) == []


def test_the_heaviest_finding_gives_the_verdict() -> None:
    small, undeclared = Finding("R1", "row 1", "x"), Finding("D1", "file", "x")

    assert verdict([]) is Verdict.PASS
    assert verdict([undeclared]) is Verdict.REVIEW
    assert verdict([undeclared, small]) is Verdict.BLOCKED


def test_every_rule_has_the_number_under_which_it_is_kept() -> None:
    assert [rule.id for rule in RULES.values()] == list(RULES)


@pytest.mark.parametrize(
    ("text", "digits"), [("0.00120", 3), ("1200", 4), ("-1.5", 2), ("1.5e10", 2), ("0", 0)]
)
def test_significant_digits_are_counted_as_written(text: str, digits: int) -> None:
    assert significant_digits(text) == digits
