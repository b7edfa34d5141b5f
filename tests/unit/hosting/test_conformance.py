"""The trial of a host, on a real server and on servers that depart from what a store must do."""

from ecluse.hosting.conformance.trial import CHECKS, Outcome, run_trial
from tests.unit.hosting.servers import OWNER, READER, Server


def test_seaweedfs_is_accepted_and_departs_in_one_thing(seaweedfs: Server) -> None:
    trial = run_trial(seaweedfs.endpoint, OWNER, reader=READER)

    departures = [one.check.name for one in trial.results if one.outcome is not Outcome.PASSED]
    assert departures == ["altered-body"]
    assert trial.is_accepted
    assert trial.count(Outcome.PASSED) == len(CHECKS) - 1 == 26


def test_an_old_ceph_is_accepted_and_departs_in_two_things(ceph: Server) -> None:
    trial = run_trial(ceph.endpoint, OWNER, reader=READER)

    departures = [one.check.name for one in trial.results if one.outcome is not Outcome.PASSED]
    assert departures == ["wrong-sha256", "fresh-etag"]
    assert trial.is_accepted


def test_a_host_is_not_accepted_while_a_required_check_was_not_tried(seaweedfs: Server) -> None:
    only_readers = [check for check in CHECKS if check.name.startswith("reader")]

    trial = run_trial(seaweedfs.endpoint, OWNER, checks=only_readers)

    assert [one.outcome for one in trial.results] == [Outcome.NOT_TRIED, Outcome.NOT_TRIED]
    assert not trial.is_accepted
