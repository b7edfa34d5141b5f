"""The library: fifteen studies, each complete, readable and ready for an order."""

import pytest

from ecluse.data.cohorts.checking import check
from ecluse.data.schemas import model
from ecluse.domain.codec import decode, encode
from ecluse.domain.cohorts import Cohort, Events, leaves
from ecluse.domain.cohorts.flowchart import draw
from ecluse.domain.cohorts.prose import explain
from ecluse.domain.errors import NotFound
from ecluse.domain.studies import STUDIES, Study, study

every_study = pytest.mark.parametrize("asked", STUDIES.values(), ids=STUDIES.keys())


def test_there_are_fifteen() -> None:
    assert len(STUDIES) == 15


def test_an_unknown_study_is_not_found() -> None:
    with pytest.raises(NotFound, match="horoscope"):
        study("horoscope")


@every_study
def test_a_study_can_be_asked_of_the_snds_and_travels_in_an_order(asked: Study) -> None:
    cohort = asked.cohort(asked.default_year)

    check(cohort, model("snds"))

    assert decode(encode(cohort), Cohort) == cohort
    assert asked.cohort(asked.default_year) == cohort


@every_study
def test_every_code_that_a_study_reads_is_in_a_list_with_its_source(asked: Study) -> None:
    listed = {code for codes in asked.code_lists for code in codes.codes} | {"O"}
    cohort = asked.cohort(asked.default_year)

    read = {
        code
        for leaf in leaves(cohort)
        if isinstance(leaf, Events)
        for code in (*leaf.codes, *leaf.but_not)
    }

    assert read <= listed
    assert all(codes.source for codes in asked.code_lists)


@every_study
def test_a_study_says_what_it_is_for_and_what_it_is_worth(asked: Study) -> None:
    assert asked.title_fr
    assert asked.title_en
    assert asked.objective_fr.endswith(".")
    assert asked.objective_en.endswith(".")
    assert asked.data
    assert asked.limits
    assert asked.sources


@every_study
def test_a_study_is_told_and_drawn(asked: Study) -> None:
    cohort = asked.cohort(asked.default_year)

    assert explain(cohort).startswith("Sont retenues")
    assert "<svg" in draw(cohort)
