"""French silence: acceptance or refusal by silence (CRPA L231-1, L231-4), deposit, corrections.

The vectors are dates computed by another administration's software, kept outside this repository.
"""

import json
from dataclasses import replace
from datetime import date
from functools import reduce
from pathlib import Path
from typing import Any

import pytest

from ecluse.domain.clocks import clock as clocks
from ecluse.domain.clocks.calendars import CALENDARS
from ecluse.domain.clocks.clock import Clock
from ecluse.domain.clocks.france import FRANCE, INCOMPLETE, INCORRECT
from ecluse.domain.clocks.rules import Resumption, RuleSet
from ecluse.domain.parameters import Parameter

VECTORS = Path(__file__).parents[2].parent / "shared" / "access" / "deadlines"
PARIS = CALENDARS["FR"]


def vectors() -> list[dict[str, Any]]:
    path = VECTORS / "sva-svr-vectors.json"
    return json.loads(path.read_text())["vectors"] if path.exists() else []


def day(text: str | None) -> date | None:
    return date.fromisoformat(text) if text else None


def silence(unit: str, period: int, resume: str) -> RuleSet:
    """The rule of silence with the length that a vector asks for, and what a correction does."""
    rule = FRANCE.rule("silence-acceptance")
    limit = Parameter(period, unit, date(2016, 1, 1), "vector")
    resuming = {"continue": Resumption.CONTINUE, "reset": Resumption.RESTART}[resume]
    suspended_by = {INCORRECT: resuming, INCOMPLETE: Resumption.RESTART}
    return replace(
        FRANCE,
        rules={rule.rule_id: replace(rule, limit=limit, suspended_by=suspended_by)},
    )


def corrected(clock: Clock, correction: dict[str, Any]) -> Clock:
    """The clock after one correction of the vector, requested and perhaps resolved."""
    reason = INCOMPLETE if correction["incomplete"] else INCORRECT
    stopped = clocks.suspend(clock, on=date.fromisoformat(correction["requested"]), reason=reason)
    resolved = correction["resolved"]
    return clocks.resume(stopped, on=date.fromisoformat(resolved)) if resolved else stopped


@pytest.mark.skipif(not VECTORS.is_dir(), reason="the vectors of deadlines are not here")
@pytest.mark.parametrize("vector", vectors(), ids=lambda v: f"{v['deposited']}-{v['decision_due']}")
def test_the_decision_is_due_as_the_administration_computes_it(vector: dict[str, Any]) -> None:
    rules = silence(vector["unit"], vector["period"], vector["resume"])
    deposited = clocks.start(
        rules, "silence-acceptance", on=date.fromisoformat(vector["deposited"]), calendar=PARIS
    )
    clock = reduce(corrected, vector["corrections"], deposited)

    assert clocks.due_on(clock, today=day(vector["today"])) == date.fromisoformat(
        vector["decision_due"]
    )


@pytest.mark.skipif(not VECTORS.is_dir(), reason="the vectors of deadlines are not here")
def test_all_twelve_vectors_were_asked() -> None:
    assert len(vectors()) == 12


@pytest.mark.parametrize("rule_id", ["silence-acceptance", "silence-refusal"])
def test_silence_of_two_months_speaks_on_any_day_of_the_week(rule_id: str) -> None:
    clock = clocks.start(FRANCE, rule_id, on=date(2030, 5, 7), calendar=PARIS)

    # From 8 May (a holiday) to 8 July; a Sunday would not move it: 14 April gives Sunday 16 June.
    assert clocks.due_on(clock) == date(2030, 7, 8)
    assert clocks.due_on(replace(clock, started_on=date(2030, 4, 15))) == date(2030, 6, 16)


def test_l114_5_an_incomplete_file_starts_the_period_anew_a_wrong_one_pauses_it() -> None:
    clock = clocks.start(FRANCE, "silence-refusal", on=date(2030, 3, 4), calendar=PARIS)
    stopped = {
        reason: clocks.resume(
            clocks.suspend(clock, on=date(2030, 3, 11), reason=reason), on=date(2030, 3, 15)
        )
        for reason in (INCOMPLETE, INCORRECT)
    }

    assert clocks.due_on(stopped[INCOMPLETE]) == date(2030, 5, 16)
    assert clocks.due_on(stopped[INCORRECT]) == date(2030, 5, 10)  # 5 May and five days


def test_the_authority_has_two_months_renewable_once_with_a_reason() -> None:
    clock = clocks.start(FRANCE, "authority-authorisation", on=date(2030, 3, 4), calendar=PARIS)
    longer = clocks.extend(clock, on=date(2030, 5, 2), reason="Complexité du traitement.")

    assert clocks.due_on(clock) == date(2030, 5, 5)
    assert clocks.due_on(longer) == date(2030, 7, 5)


def test_the_committee_has_one_month() -> None:
    clock = clocks.start(FRANCE, "committee-opinion", on=date(2030, 3, 4), calendar=PARIS)

    assert clocks.due_on(clock) == date(2030, 4, 5)
