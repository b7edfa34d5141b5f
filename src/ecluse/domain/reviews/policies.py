"""How a holder wants outputs reviewed: by how many, by whom, and what a machine may decide.

A policy is named and versioned; the secure zone and both sites read the same text.
"""

import tomllib
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import date

from ecluse.domain.errors import InvalidInput, NotAllowed
from ecluse.domain.parameters import INDEPENDENT_CHECKERS

DEFAULT_NAME = "default"
_EVERY_PERCENT = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class ReviewPolicy:
    """`reviewers` approve every file; while `is_blind`, each sees their own votes alone.

    `accredited` maps a checker to the last day of their accreditation; None accredits every
    checker. `fast_lane` lets a machine decide what it can, but for `sample_percent` of it.
    """

    name: str = DEFAULT_NAME
    version: str = "2026"
    reviewers: int = INDEPENDENT_CHECKERS.value
    is_blind: bool = True
    accredited: Mapping[str, date] | None = None
    fast_lane: bool = False
    sample_percent: int = 10

    def __post_init__(self) -> None:
        """Refuse what the law does not allow. Raises InvalidInput. Source: EHDS art. 73(2)."""
        if self.reviewers < INDEPENDENT_CHECKERS.value:
            raise InvalidInput(
                f"Policy {self.name}: {self.reviewers} reviewers, at least "
                f"{INDEPENDENT_CHECKERS.value} are needed."
            )
        if not 1 <= self.sample_percent <= _EVERY_PERCENT:
            raise InvalidInput(f"Policy {self.name}: a person looks at 1 to 100 per cent.")

    @property
    def reference(self) -> str:
        """How journals and pages name this policy."""
        return f"{self.name}-{self.version}"

    def check_accredited(self, checker: str, *, on: date) -> None:
        """Pass if this checker is accredited on this day. Raises NotAllowed."""
        if self.accredited is None:
            return
        last_day = self.accredited.get(checker)
        if last_day is None or last_day < on:
            raise NotAllowed(
                f"Your accreditation under policy {self.reference} "
                + (f"ended on {last_day}" if last_day else "is missing")
                + ": somebody accredited must review."
            )


STRICT = ReviewPolicy()
"""What applies where no holder says more."""


@dataclass(frozen=True, slots=True)
class Policies:
    """The policy of each dataset; those that are not named follow `fallback`."""

    by_dataset: Mapping[str, ReviewPolicy] = field(default_factory=dict)
    fallback: ReviewPolicy = STRICT

    def of(self, datasets: Collection[str]) -> ReviewPolicy:
        """Return the policy that satisfies every holder concerned: the strictest of each figure."""
        found = [self.by_dataset.get(name, self.fallback) for name in sorted(set(datasets))]
        return _strictest({one.reference: one for one in found or [self.fallback]})


def _strictest(found: Mapping[str, ReviewPolicy]) -> ReviewPolicy:
    policies = list(found.values())
    if len(policies) == 1:
        return policies[0]
    return ReviewPolicy(
        name="+".join(one.name for one in policies),
        version="+".join(one.version for one in policies),
        reviewers=max(one.reviewers for one in policies),
        is_blind=any(one.is_blind for one in policies),
        accredited=_accredited_by_all(policies),
        fast_lane=all(one.fast_lane for one in policies),
        sample_percent=max(one.sample_percent for one in policies),
    )


def _accredited_by_all(policies: list[ReviewPolicy]) -> Mapping[str, date] | None:
    lists = [one.accredited for one in policies if one.accredited is not None]
    if not lists:
        return None
    known = set.intersection(*(set(one) for one in lists))
    return {checker: min(one[checker] for one in lists) for checker in sorted(known)}


_KEYS = frozenset(
    {"version", "reviewers", "is_blind", "accredited", "fast_lane", "sample_percent", "datasets"}
)


def read_policies(text: str) -> Policies:
    """Return the policies written in TOML, one table per policy. Raises InvalidInput.

    `[default]` is the one of every dataset that no other names in `datasets`.
    """
    try:
        tables = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise InvalidInput(f"The review policies are not TOML: {error}.") from None
    by_dataset: dict[str, ReviewPolicy] = {}
    for name, table in tables.items():
        policy = _policy(name, table)
        for dataset in table.get("datasets", ()):
            if dataset in by_dataset:
                raise InvalidInput(f"Dataset {dataset} has two review policies: keep one.")
            by_dataset[dataset] = policy
    fallback = tables.get(DEFAULT_NAME)
    return Policies(by_dataset, _policy(DEFAULT_NAME, fallback) if fallback else STRICT)


def _policy(name: str, table: object) -> ReviewPolicy:
    if not isinstance(table, dict) or table.keys() - _KEYS:
        raise InvalidInput(f"Policy {name}: a table whose keys are {', '.join(sorted(_KEYS))}.")
    given = {key: value for key, value in table.items() if key != "datasets"}
    kinds = {"reviewers": int, "sample_percent": int, "is_blind": bool, "fast_lane": bool}
    wrong = [key for key, kind in kinds.items() if type(given.get(key, kind())) is not kind]
    dates = given.get("accredited") or {}
    if wrong or not isinstance(dates, dict) or not all(type(d) is date for d in dates.values()):
        raise InvalidInput(f"Policy {name}: {', '.join(wrong) or 'accredited'} has no such value.")
    return ReviewPolicy(name=name, **given)
