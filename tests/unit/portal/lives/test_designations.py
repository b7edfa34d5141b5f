"""Trusted holders in the catalogue, and the review of their designation that opens by itself."""

from datetime import timedelta

import pytest
from django.test import Client

from ecluse.portal.cases import daily
from ecluse.portal.cases.models import ClockRow
from ecluse.portal.lives import actions, reading
from ecluse.portal.lives.models import Matter
from tests.unit.portal.applications.road import NOW
from tests.unit.portal.lives.road import Lives

DATASET = "/catalogue/snds-synthetic/"


def designated(lives: Lives) -> Matter:
    """The hospital that holds the dataset, designated."""
    matter = lives.designation()
    assert matter.holder is not None
    matter.holder.datasets.add(lives.road.dataset)
    lives.do(matter, "assess", lives.road.assessor)
    return lives.do(matter, "designate", lives.road.decider)


@pytest.mark.usefixtures("at_now")
def test_the_catalogue_says_that_a_dataset_is_of_a_trusted_holder(lives: Lives) -> None:
    before = Client().get(DATASET).content.decode()

    designated(lives)

    after = Client().get(DATASET).content.decode()
    assert "Détenteur de confiance" not in before
    assert "Détenteur de confiance" in after


def test_a_designation_that_ended_is_said_no_more(lives: Lives) -> None:
    matter = designated(lives)
    during = reading.is_of_trusted_holder(lives.road.dataset)

    lives.do(matter, "give-up", lives.road.louis)

    assert during
    assert not reading.is_of_trusted_holder(lives.road.dataset)
    assert not ClockRow.objects.filter(
        rule="designation-review", completed_on=None, voided_on=None
    ).exists()


def test_the_review_opens_by_itself_after_three_years(lives: Lives) -> None:
    matter = designated(lives)
    due = ClockRow.objects.get(rule="designation-review").due_on
    assert due is not None
    left = (due - NOW.date()).days
    daily.run(now=NOW + timedelta(days=left))
    before = actions.again(matter).state

    daily.run(now=NOW + timedelta(days=left + 1))

    assert (before, actions.again(matter).state) == ("designated", "review")
    assert reading.is_of_trusted_holder(lives.road.dataset)
