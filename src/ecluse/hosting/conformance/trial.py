"""The trial of a host: every check, what each found, and whether the host may keep a replica."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from ecluse.domain.errors import EcluseError
from ecluse.hosting.conformance import objects, rights
from ecluse.hosting.conformance.bench import (
    Bench,
    Check,
    Departure,
    NotTried,
    close_bench,
    open_bench,
)
from ecluse.hosting.stores.signed_requests import Credentials

CHECKS: Final = (*objects.CHECKS, *rights.CHECKS)


class Outcome(StrEnum):
    """How a check ended."""

    PASSED = "passed"
    FAILED = "failed"
    NOT_TRIED = "not-tried"


@dataclass(frozen=True, slots=True)
class Result:
    """One check and how it ended; `found` says what the host did instead."""

    check: Check
    outcome: Outcome
    found: str = ""


@dataclass(frozen=True, slots=True)
class Trial:
    """Every result, in the order of the checks."""

    endpoint: str
    results: tuple[Result, ...]

    @property
    def is_accepted(self) -> bool:
        """Whether every required check was tried and passed."""
        required = (one.outcome for one in self.results if one.check.required)
        return all(outcome is Outcome.PASSED for outcome in required)

    def count(self, outcome: Outcome) -> int:
        """Return how many checks ended so."""
        return sum(one.outcome is outcome for one in self.results)


def run_trial(
    endpoint: str,
    owner: Credentials,
    *,
    reader: Credentials | None = None,
    checks: Iterable[Check] = CHECKS,
    on_progress: Callable[[str], object] = lambda _: None,
) -> Trial:
    """Try a host in buckets made for it, and return what it did.

    `owner` may make buckets; `reader` may read those of every name and write nowhere. Objects are
    deleted at the end, but for those under lock, which last one hour.

    Raises:
        Unreachable: the host does not answer, or lets no bucket be made.
    """
    bench = open_bench(endpoint, owner, reader)
    results = []
    for check in checks:
        on_progress(check.title)
        results.append(_run(check, bench))
    close_bench(bench)
    return Trial(endpoint, tuple(results))


def _run(check: Check, bench: Bench) -> Result:
    try:
        check.run(bench)
    except NotTried as reason:
        return Result(check, Outcome.NOT_TRIED, str(reason))
    except Departure as found:
        return Result(check, Outcome.FAILED, str(found))
    except EcluseError as error:
        # A host that answers with an error where it must succeed departs too.
        return Result(check, Outcome.FAILED, f"{type(error).__name__}: {error}")
    return Result(check, Outcome.PASSED)
