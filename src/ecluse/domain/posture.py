"""The posture of an installation: what probes saw of it, held against what frameworks ask.

Nothing here judges a whole: a control is probed or it is not, and a probe held, broke, or had
nothing to look at. What is held elsewhere (by the host, by the organisation) says so.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Final


class Outcome(StrEnum):
    """What a probe found. `UNSEEN`: what it looks at is not here, or was not shown to it."""

    HELD = "held"
    BROKEN = "broken"
    UNSEEN = "unseen"


class Ground(StrEnum):
    """Why a control has no probe."""

    TESTED = "tested"
    """Automated tests of the product hold it, at every change."""
    HOST = "host"
    """The host holds it: the dates of its qualifications are probed."""
    ORGANISATION = "organisation"
    """People decide and write it: it is judged by people."""
    OUTSIDE = "outside"
    """It is about something that is not here."""
    MISSING = "missing"
    """It is asked, and not there yet."""


@dataclass(frozen=True, slots=True)
class Fact:
    """One thing that was seen; never a secret, never a value of a person's row."""

    name: str
    value: str


@dataclass(frozen=True, slots=True)
class Observation:
    """What a probe found, at an instant; `digest` is SHA-256 of its facts in canonical JSON."""

    probe: str
    outcome: Outcome
    said: str
    facts: tuple[Fact, ...]
    digest: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Control:
    """What a framework asks, in our own words: the probes that look at it, or why there is none."""

    number: str
    family: str
    what: str
    probes: tuple[str, ...] = ()
    ground: Ground | None = None


@dataclass(frozen=True, slots=True)
class Framework:
    """A list of controls; `note` says how much of its text is summed up here."""

    name: str
    title: str
    source: str
    note: str
    controls: tuple[Control, ...]


@dataclass(frozen=True, slots=True)
class Tally:
    """How many controls of a framework there are, were probed, and have a probe that broke."""

    framework: str
    title: str
    controls: int
    probed: int
    broken: int
    tested: int
    missing: int


@dataclass(frozen=True, slots=True)
class Expiry:
    """A qualification of a host that ends soon or has ended; `days_left` is negative once over."""

    host: str
    qualification: str
    number: str
    expires_on: date
    days_left: int


@dataclass(frozen=True, slots=True)
class Sovereignty:
    """A row of the sovereignty list: what its probes found together, and the tests that show it."""

    number: str
    outcome: Outcome
    probes: tuple[str, ...]
    tests: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class PostureReport:
    """Everything that one run of the probes saw, in the order of their names."""

    at: datetime
    version: str
    observations: tuple[Observation, ...]
    tallies: tuple[Tally, ...]
    expiries: tuple[Expiry, ...]
    sovereignty: tuple[Sovereignty, ...]


WARNED_BEFORE: Final = timedelta(days=60)
"""How long before a qualification ends it is told."""

SOVEREIGNTY: Final[Mapping[str, tuple[tuple[str, ...], tuple[str, ...]]]] = {
    "S1": (("vendor-packages",), ()),
    "S2": (
        (),
        (
            "tests/unit/hosting/test_conformance.py::test_seaweedfs_is_accepted_and_departs_in_one_thing",
            "tests/unit/hosting/test_conformance.py::test_an_old_ceph_is_accepted_and_departs_in_two_things",
        ),
    ),
    "S3": (("plain-database",), ()),
    "S4": (
        (),
        (
            "tests/unit/hosting/test_moves.py::test_a_dataset_moves_from_ceph_to_seaweedfs_with_the_same_root",
            "tests/unit/hosting/test_register.py::test_a_roll_back_gives_the_host_before",
        ),
    ),
    "S5": (
        (),
        (
            "tests/attacks/test_replicas.py::test_who_takes_the_disks_of_both_hosts_reads_none_of_a_thousand_canaries",
            "tests/attacks/test_envelopes.py::test_a_disk_without_any_holder_reads_no_canary",
        ),
    ),
    "S6": (("operators",), ()),
    "S7": (
        (),
        (
            "tests/unit/deploy/test_debian.py::test_the_unit_is_as_closed_as_it_can_be",
            "tests/unit/deploy/test_kubernetes.py::test_a_room_is_restricted_and_nothing_crosses_it_by_default",
        ),
    ),
    "S8": ((), ("tests/unit/deploy/test_offline.py::test_it_installs_where_no_network_exists",)),
    "S9": (("licences",), ()),
    "S10": (("exit-price",), ()),
    "S11": (("qualifications",), ()),
    "S12": (("two-places",), ()),
}
"""The twelve rows of the sovereignty list: the probes and the tests that show each."""


def tally(framework: Framework, outcomes: Mapping[str, Outcome]) -> Tally:
    """Return how much of a framework was probed; `outcomes` are those of the probes that ran."""
    seen = [
        found
        for control in framework.controls
        if (found := [o for p in control.probes if (o := outcomes.get(p)) not in _NOTHING])
    ]
    grounds = [control.ground for control in framework.controls]
    return Tally(
        framework.name,
        framework.title,
        controls=len(framework.controls),
        probed=len(seen),
        broken=sum(Outcome.BROKEN in found for found in seen),
        tested=grounds.count(Ground.TESTED),
        missing=grounds.count(Ground.MISSING),
    )


_NOTHING: Final = (None, Outcome.UNSEEN)


def sovereignty(outcomes: Mapping[str, Outcome]) -> tuple[Sovereignty, ...]:
    """Return the twelve rows; one that tests alone show is held: no release is made otherwise."""
    return tuple(
        Sovereignty(number, _together([outcomes.get(p) for p in probes]), probes, tests)
        for number, (probes, tests) in SOVEREIGNTY.items()
    )


def expiries(ends: Iterable[tuple[str, str, str, date]], *, today: date) -> tuple[Expiry, ...]:
    """Return the qualifications that end within `WARNED_BEFORE`, or have ended, soonest first.

    `ends` are hosts, names of qualifications, their numbers and last days.
    """
    found = [Expiry(h, name, number, on, (on - today).days) for h, name, number, on in ends]
    close = [one for one in found if one.days_left <= WARNED_BEFORE.days]
    return tuple(sorted(close, key=lambda one: (one.expires_on, one.host)))


def _together(outcomes: Sequence[Outcome | None]) -> Outcome:
    if Outcome.BROKEN in outcomes:
        return Outcome.BROKEN
    return Outcome.UNSEEN if any(one in _NOTHING for one in outcomes) else Outcome.HELD
