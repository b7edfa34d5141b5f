"""The lock: a changed byte anywhere, and nothing runs."""

from dataclasses import replace
from datetime import UTC, date, datetime

import pytest

from ecluse.domain.errors import InvalidInput, Refused
from ecluse.domain.evaluations import locks
from ecluse.domain.evaluations.deviations import (
    Change,
    Deviation,
    Timing,
    check_timing,
    weakens_primary,
)
from ecluse.domain.evaluations.locks import EvaluationLock, Presented
from ecluse.trust import protocols
from tests.unit.domain.evaluations.protocolling import CODE, MODEL, PROTOCOL

NOW = datetime(2026, 11, 23, 10, tzinfo=UTC)
DATA = "sha256:" + "d" * 64
OTHER = "sha256:" + "0" * 64
DIGEST = protocols.digest(PROTOCOL)


def lock() -> EvaluationLock:
    return locks.lock_of(PROTOCOL, digest=DIGEST, dataset=DATA, by="hub@example", now=NOW)


SAME = Presented(protocol=DIGEST, model=MODEL, dataset=DATA, code=CODE)


def test_a_lock_repeats_what_its_protocol_fixed() -> None:
    assert lock() == EvaluationLock(
        evaluation_number="EV-2026-00001",
        permit_number="P-2026-00001",
        protocol_version="1.0.0",
        protocol=DIGEST,
        model=MODEL,
        model_format=PROTOCOL.index_test.format,
        dataset=DATA,
        code=CODE,
        seed=20261123,
        draws=2000,
        locked_by="hub@example",
        locked_at=NOW,
    )


def test_a_run_that_is_given_what_was_locked_goes_on() -> None:
    locks.check_presented(lock(), SAME)


@pytest.mark.parametrize("part", ["protocol", "model", "dataset", "code"])
def test_a_run_that_is_given_something_else_is_refused_by_name(part: str) -> None:
    with pytest.raises(Refused, match=f"other bytes: {part}"):
        locks.check_presented(lock(), replace(SAME, **{part: OTHER}))


def test_each_thing_that_differs_is_named() -> None:
    with pytest.raises(Refused, match="model, code"):
        locks.check_presented(lock(), replace(SAME, model=OTHER, code=OTHER))


def test_a_lock_that_does_not_repeat_its_protocol_is_refused() -> None:
    with pytest.raises(InvalidInput, match="does not repeat"):
        locks.check_protocol(replace(lock(), seed=1), PROTOCOL)


def test_a_lock_without_a_digest_is_refused() -> None:
    with pytest.raises(InvalidInput, match="digest of the dataset"):
        locks.lock_of(PROTOCOL, digest=DIGEST, dataset="sha256:", by="hub@example", now=NOW)


LATE = Deviation(
    change=Change.MISSING_DATA,
    part="missing_data.handling",
    planned="Le modèle l’accepte",
    done="Cas exclus",
    reason="Un champ n’est pas livré",
    timing=Timing.BEFORE_RESULTS,
    touches_primary=True,
    noticed_on=date(2026, 11, 24),
)


@pytest.mark.parametrize(
    "part", ["metrics.primary.acceptable", "index_test.thresholds", "index_test.artefact"]
)
def test_no_deviation_touches_what_was_promised(part: str) -> None:
    with pytest.raises(InvalidInput, match="another protocol"):
        replace(LATE, part=part)


def test_a_deviation_says_why() -> None:
    with pytest.raises(InvalidInput, match="The reason is empty"):
        replace(LATE, reason=" ")


def test_nothing_deviates_before_the_lock() -> None:
    with pytest.raises(InvalidInput, match="Before the lock"):
        check_timing(replace(LATE, noticed_on=date(2026, 11, 22)), locked_at=NOW, reported_at=None)


def test_once_the_report_is_there_a_deviation_came_after_results() -> None:
    with pytest.raises(InvalidInput, match="after results"):
        check_timing(LATE, locked_at=NOW, reported_at=NOW)


def test_a_deviation_after_results_weakens_the_primary_one_alone_that_it_touches() -> None:
    after = replace(LATE, timing=Timing.AFTER_RESULTS)

    assert weakens_primary((LATE, after))
    assert not weakens_primary((LATE, replace(after, touches_primary=False)))
