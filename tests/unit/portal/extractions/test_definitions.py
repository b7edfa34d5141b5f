"""A cohort in the full language: read from JSON, and held against the permit in words."""

import json
from datetime import date

import pytest
from django.core.exceptions import ValidationError

from ecluse.domain.codec import encode
from ecluse.domain.cohorts import (
    AgeOn,
    AtLeast,
    Cohort,
    Comparison,
    Events,
    IndexDay,
    Match,
    Step,
    Variable,
    Where,
    cohort_of,
)
from ecluse.domain.documents import Coarsening, DatasetScope, Precision, TableScope
from ecluse.portal.extractions import definitions
from ecluse.portal.extractions.definitions import Holding
from tests.unit.portal.permits.columns import RICH

QUANTITY = Coarsening("PHA_ACT_QSN", Precision.ROUNDED, 10)
SCOPE = DatasetScope(
    "snds-synthetic",
    (TableScope("ER_PHA_F", ("PHA_PRS_C13", "PHA_ACT_QSN", "event_date"), (QUANTITY,)),),
    date(2021, 1, 1),
    date(2023, 12, 31),
)
DRUGS = Events("drug_atc", ("A10",), but_not=("A10BX06",))
WHOLE = Cohort(
    (Step("Traités en 2022", AtLeast(DRUGS.in_year(2022), 3)),),
    index=DRUGS.first(),
    variables=(Variable("age", AgeOn(IndexDay()), "Âge au jour index"),),
)


def written(cohort: Cohort) -> str:
    return json.dumps(encode(cohort))


def problems(cohort: Cohort, scope: DatasetScope = SCOPE) -> list[str]:
    return Holding(scope, RICH).problems(cohort)


def test_what_the_command_line_writes_is_read_back() -> None:
    assert definitions.read(written(WHOLE)) == WHOLE


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "n’est pas du JSON"),
        ("<html>", "n’est pas du JSON"),
        ("[" * 100_000, "n’est pas du JSON"),
        ('{"steps": "\\ud800"}', "n’est pas du JSON"),
        ("[]", "an object is expected"),
        ('{"steps":[],"index":null,"variables":[],"matching":null}', "1 to 50 steps"),
        ('{"steps":[],"index":null,"variables":[],"matching":null,"sql":"x"}', "sql"),
        (written(WHOLE).replace('"A10"', '"A10; DROP"'), "is not a code"),
        (" " * 1024 * 1024 + "{}", "1 Mo au plus"),
    ],
    ids=["empty", "html", "deep", "half a character", "list", "no step", "extra", "code", "heavy"],
)
def test_what_is_not_a_cohort_is_told(text: str, message: str) -> None:
    with pytest.raises(ValidationError, match=message):
        definitions.read(text)


def test_a_tree_too_deep_for_any_reader_is_told() -> None:
    deep = '{"type":"Not","part":' * 900 + "1" + "}" * 900
    text = (
        f'{{"steps":[{{"label":"a","keep":{deep}}}],"index":null,"variables":[],"matching":null}}'
    )

    with pytest.raises(ValidationError):
        definitions.read(text)


def test_a_reason_does_not_send_back_all_that_was_sent() -> None:
    text = written(WHOLE).replace('"prefix"', '"' + "x" * 100_000 + '"')

    with pytest.raises(ValidationError) as caught:
        definitions.read(text)
    assert len(caught.value.messages[0]) < 400


def test_a_file_that_is_no_text_is_told() -> None:
    with pytest.raises(ValidationError, match="UTF-8"):
        definitions.decode(b"\xff\xfe\x00")


def test_a_cohort_within_the_permit_has_no_problem() -> None:
    assert problems(WHOLE) == []


def test_events_that_the_permit_does_not_give_are_named() -> None:
    found = problems(cohort_of(AtLeast(Events("sex", ("2",)))))

    assert found == ["L’autorisation ne donne pas ces événements : sex. Elle donne : drug_atc."]


@pytest.mark.parametrize("column", ["PHA_ACT_QSN", "PHA_ACT_PRU"])
def test_a_column_that_is_given_with_less_or_not_at_all_chooses_nobody(column: str) -> None:
    where = Where(column, Comparison.AT_LEAST, ("2",))
    found = problems(cohort_of(AtLeast(Events("drug_atc", ("A10",), where=(where,)))))

    assert len(found) == 1
    assert f"ER_PHA_F.{column}" in found[0]


def test_a_column_for_choosing_only_chooses() -> None:
    only = Coarsening("PHA_ACT_QSN", Precision.CHOICE_ONLY)
    table = TableScope("ER_PHA_F", ("PHA_PRS_C13", "PHA_ACT_QSN"), (only,))
    where = Where("PHA_ACT_QSN", Comparison.AT_LEAST, ("2",))
    cohort = cohort_of(AtLeast(Events("drug_atc", ("A10",), where=(where,))))

    assert problems(cohort, DatasetScope("s", (table,), SCOPE.care_from, SCOPE.care_to)) == []


def test_a_period_beyond_the_permit_is_told_with_its_days() -> None:
    (found,) = problems(cohort_of(AtLeast(DRUGS.during(date(2020, 12, 31), None))))

    assert "2020-12-31" in found
    assert "2021-01-01" in found


def test_codes_that_cannot_be_of_their_system_are_shown() -> None:
    (found,) = problems(cohort_of(AtLeast(Events("drug_atc", ("A10", "E11", "3400930000001")))))

    assert "codes ATC : E11, 3400930000001." in found


@pytest.mark.parametrize(
    ("events", "count"),
    [
        (Events("drug_atc", ("A10",)), 0),
        (Events("drug_atc", ("A.10",)), 0),
        (Events("drug_atc", ("A10BA",)), 1),
        (Events("drug_atc", ("A10",), but_not=("A10BA02",)), 1),
        (Events("drug_atc", ("A10BA02",), Match.EXACT), 1),
    ],
)
def test_codes_longer_than_the_beginnings_that_the_permit_gives_are_told(
    events: Events, count: int
) -> None:
    three = Coarsening("PHA_PRS_C13", Precision.FIRST_CHARACTERS, 3)
    table = TableScope("ER_PHA_F", ("PHA_PRS_C13",), (three,))
    scope = DatasetScope("s", (table,), SCOPE.care_from, SCOPE.care_to)

    assert len(problems(cohort_of(AtLeast(events)), scope)) == count
