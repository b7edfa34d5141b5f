"""The machine of reviews, tried at random: its invariants I1 to I8 hold at every step."""

from hypothesis import HealthCheck, settings
from hypothesis.stateful import run_state_machine_as_test

from tests.unit.domain.reviews.walk import STEPS, STEPS_A_WALK, Walk

REACHED = (
    *("submit", "screen", "vote", "approve", "approve_again", "approve_by_machine"),
    *("send_back", "reject"),
    *("release", "confirm", "fail", "retry", "recall", "freeze", "unfreeze", "close", "withdraw"),
)


def test_the_invariants_hold_whatever_anybody_tries() -> None:
    Walk.done.clear()
    Walk.steps = 0
    examples = max(1, STEPS // STEPS_A_WALK)

    run_state_machine_as_test(
        Walk,
        settings=settings(
            max_examples=examples,
            stateful_step_count=STEPS_A_WALK,
            deadline=None,
            derandomize=True,
            suppress_health_check=list(HealthCheck),
        ),
    )

    assert Walk.steps > STEPS // 3
    assert [name for name in REACHED if not Walk.done[name]] == []
