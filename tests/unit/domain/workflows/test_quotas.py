"""What an operator writes of quotas, and whom it concerns."""

import pytest

from ecluse.domain.errors import InvalidInput
from ecluse.domain.workflows import Quota, Quotas, read_quotas


def test_a_project_has_its_own_quota_and_what_it_does_not_say_is_that_of_all() -> None:
    quotas = read_quotas(
        {"waiting_jobs": 20, "weekly_hours": 40, "projects": {"A": {"weekly_hours": 1.5}}}
    )

    assert quotas.of("A") == Quota(20, 1.5)
    assert quotas.of("B") == Quota(20, 40.0)


def test_without_a_word_every_project_has_the_same() -> None:
    assert read_quotas({}) == Quotas()
    assert Quotas().of("A") == Quota()


@pytest.mark.parametrize(
    "told",
    [
        {"hours": 3},
        {"waiting_jobs": -1},
        {"waiting_jobs": True},
        {"weekly_hours": float("nan")},
        {"projects": {"A": {"cores": 3}}},
        {"projects": 3},
        {"projects": {"A": 3}},
        7,
    ],
)
def test_what_is_no_quota_is_refused(told: object) -> None:
    with pytest.raises(InvalidInput):
        read_quotas(told)
