"""Contradictions: what a record says in one place and denies in another."""

from dataclasses import replace
from datetime import date

import pytest

from ecluse.domain.aisystems.contradictions import Kind, contradictions_of
from ecluse.domain.aisystems.entries import Basis, Entry
from ecluse.domain.aisystems.systems import Status
from tests.unit.domain.aisystems.build import (
    CERTIFICATE,
    CLAIM,
    IIB,
    OTHER,
    READING,
    RUNNING,
    STUDY,
    TODAY,
    found,
    system,
)

SOUND = (RUNNING, CERTIFICATE, STUDY, replace(CLAIM, value="0.90"), READING)


def kinds(*entries: Entry) -> list[Kind]:
    """The kinds told of a system in service with these entries."""
    return [one.kind for one in contradictions_of(system(*entries), found(), today=TODAY)]


def test_a_record_that_holds_together_has_none() -> None:
    assert kinds(*SOUND) == []


def test_a_claim_outside_the_interval_of_the_report_is_told_with_both_figures() -> None:
    (one,) = contradictions_of(system(STUDY, CLAIM), found(), today=TODAY)

    assert one.kind is Kind.CLAIM
    assert one.said == "auroc 0.95 (notice v2)"
    assert one.denied == "0.88 [0.85 ; 0.91] (sha256:report)"


@pytest.mark.parametrize("value", ["0.85", "0.91"])
def test_a_claim_at_the_end_of_the_interval_is_none(value: str) -> None:
    assert kinds(*SOUND, replace(CLAIM, value=value)) == []


def test_a_figure_that_is_only_claimed_denies_nothing() -> None:
    assert kinds(*SOUND[:2], replace(STUDY, basis=Basis.CLAIMED), CLAIM) == []


@pytest.mark.parametrize(
    ("changed", "expected"),
    [
        ((RUNNING,), Kind.CERTIFICATE_MISSING),
        ((RUNNING, replace(CERTIFICATE, expires_on=date(2026, 11, 22))), Kind.CERTIFICATE_EXPIRED),
        ((RUNNING, replace(CERTIFICATE, device_class="IIa")), Kind.CLASS),
        ((replace(RUNNING, artefact=OTHER), CERTIFICATE, STUDY), Kind.ARTEFACT),
        ((RUNNING, CERTIFICATE, replace(READING, value="0.11")), Kind.INDICATOR_LIMIT),
        (
            (RUNNING, CERTIFICATE, replace(READING, measured_on=date(2026, 10, 23))),
            Kind.INDICATOR_OVERDUE,
        ),
    ],
)
def test_each_contradiction_is_told(changed: tuple[Entry, ...], expected: Kind) -> None:
    assert kinds(*changed) == [expected]


def test_a_certificate_holds_on_its_last_day_and_an_indicator_until_its_next() -> None:
    last = replace(CERTIFICATE, expires_on=TODAY)
    due = replace(READING, measured_on=date(2026, 10, 24))

    assert kinds(RUNNING, last, due) == []


def test_a_stronger_certificate_contradicts_nothing() -> None:
    assert kinds(RUNNING, replace(CERTIFICATE, device_class="III")) == []


def test_a_system_withdrawn_that_still_runs_is_told() -> None:
    recalled = system(RUNNING, CERTIFICATE, status=Status.RECALLED)

    (one,) = contradictions_of(recalled, found(), today=TODAY)

    assert (one.kind, one.said, one.denied) == (Kind.WITHDRAWN, "recalled", "1")


def test_a_prohibited_practice_in_service_is_told() -> None:
    facts = {**IIB, "uses": ("social_scoring",)}

    told = contradictions_of(system(RUNNING, CERTIFICATE, facts=facts), found(facts), today=TODAY)

    assert [one.kind for one in told] == [Kind.PROHIBITED]


def test_what_left_service_is_asked_no_certificate() -> None:
    assert kinds(replace(RUNNING, ended_on=date(2026, 11, 22))) == []
