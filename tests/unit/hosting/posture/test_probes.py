"""Each probe holds on a sound installation and sees what was broken: one pair for each."""

import pytest

from ecluse.domain.posture import Outcome
from ecluse.hosting.posture import probes
from ecluse.hosting.posture.seen import Seen
from tests.unit.hosting.posture.sights import AT, BROKEN, SOUND


def outcome(probe: str, installation: Seen) -> Outcome:
    return probes.PROBES[probe](installation).outcome


@pytest.mark.parametrize("probe", probes.PROBES)
def test_a_probe_holds_on_a_sound_installation(probe: str) -> None:
    assert outcome(probe, SOUND) is Outcome.HELD


@pytest.mark.parametrize("probe", probes.PROBES)
def test_a_probe_sees_what_was_broken(probe: str) -> None:
    assert outcome(probe, BROKEN[probe]) is Outcome.BROKEN


@pytest.mark.parametrize("probe", probes.PROBES)
def test_a_probe_with_nothing_to_look_at_says_so(probe: str) -> None:
    assert outcome(probe, Seen(at=AT)) is Outcome.UNSEEN


@pytest.mark.parametrize("probe", probes.PROBES)
def test_what_is_broken_for_one_probe_is_told_by_it(probe: str) -> None:
    said = probes.PROBES[probe](BROKEN[probe]).said

    assert said not in {"", probes.PROBES[probe](SOUND).said}


def test_no_pair_is_of_a_probe_that_is_gone() -> None:
    assert BROKEN.keys() == probes.PROBES.keys()


def test_the_digest_changes_with_what_was_seen() -> None:
    before = {one.probe: one.digest for one in probes.observe(SOUND)}
    after = {one.probe: one.digest for one in probes.observe(BROKEN["debug-off"])}

    assert {probe for probe in before if before[probe] != after[probe]} == {"debug-off"}
