"""Orders to tabulate, judged without any data."""

from dataclasses import replace
from datetime import UTC, date, datetime

import pytest

from ecluse.domain import data_requests
from ecluse.domain.cohorts import AtLeast, Events, Step, cohort_of
from ecluse.domain.documents import TabulationOrder
from ecluse.domain.errors import Expired, InvalidInput, OutOfScope
from ecluse.domain.tabulation import (
    Measure,
    MeasureKind,
    Suppression,
    TableOrder,
    TabulationPlan,
    policy_of,
)
from ecluse.domain.tabulation.usual import REGISTERS, age, region, sex

DECIDED_AT = datetime(2026, 1, 5, 10, tzinfo=UTC)
PLAN = TabulationPlan(
    "DR-2026-00001",
    "Persons",
    data_requests.EVERYBODY,
    (),
    (TableOrder("all", "All", (), (Measure(MeasureKind.PERSONS),)),),
    Suppression(),
)
ORDER = TabulationOrder(
    order_number="DR-2026-00001-T1",
    request_number="DR-2026-00001",
    title="Persons",
    persons=("camille@univ.example",),
    dataset="snds",
    snapshot="20260105T100000Z-00000000",
    cohort=None,
    plan=PLAN,
    policy="SNDS-2026",
    minimum_count=11,
    opt_out_list_digest="sha256:" + "2" * 64,
    assessed_by=("ines@hub.example",),
    decided_by="paul@hub.example",
    decided_at=DECIDED_AT,
    valid_until=date(2026, 7, 5),
    ordered_by="nora@hub.example",
)


def test_the_last_day_is_the_day_where_the_hub_is() -> None:
    # 21:59 UTC on 5 July is 23:59 in Paris; one minute later the day has passed.
    last = datetime(2026, 7, 5, 21, 59, tzinfo=UTC)

    assert data_requests.check_order(ORDER, now=last) is None
    with pytest.raises(Expired):
        data_requests.check_order(ORDER, now=datetime(2026, 7, 5, 22, 0, tzinfo=UTC))


def test_other_labels_do_not_make_another_population() -> None:
    cohort = cohort_of(AtLeast(Events("drug_atc", ("A10",))))
    renamed = replace(cohort, steps=(Step("Otherwise said", cohort.steps[0].keep),))

    assert data_requests.population(renamed) == data_requests.population(cohort)


def test_other_codes_make_another_population() -> None:
    first, second = (
        data_requests.population(cohort_of(AtLeast(Events("drug_atc", (code,)))))
        for code in ("A10", "A11")
    )

    assert first != second


def test_two_officers_who_are_one_person_are_refused() -> None:
    with pytest.raises(OutOfScope, match=r"55\(3\)"):
        data_requests.check_separate(replace(ORDER, ordered_by=ORDER.decided_by))


def test_a_policy_is_stricter_or_the_usual_one_never_laxer() -> None:
    assert policy_of().reference == policy_of(11).reference == "SNDS-2026"
    assert policy_of(20).reference == "SNDS-2026-20"
    with pytest.raises(InvalidInput):
        policy_of(10)


@pytest.mark.parametrize(
    ("code", "region_code"),
    [("075", "11"), ("75", "11"), ("02A", "94"), ("974", "04"), ("0", "_O")],
)
def test_a_department_is_in_its_region_however_it_is_written(code: str, region_code: str) -> None:
    regions = region(REGISTERS["snds"])

    assert regions is not None
    assert regions.leaf((code,)) == region_code


def test_a_model_without_departments_tells_no_region() -> None:
    assert region(REGISTERS["omop"]) is None


def test_the_usual_variables_read_the_columns_of_the_model() -> None:
    bands = age(REGISTERS["snds"], on=date(2022, 7, 1), starts=(0, 65))

    assert sex(REGISTERS["omop"]).leaf(("8532",)) == "F"
    assert sex(REGISTERS["snds"]).leaf(("1",)) == "M"
    assert bands.leaf(("1957", "07")) == "65+"
    assert bands.leaf(("1957", "08")) == "0-64"
