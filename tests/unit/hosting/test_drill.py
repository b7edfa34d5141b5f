"""The drill: on a real S3 server, killed, struck, cut over, rolled back, robbed."""

import secrets
from datetime import UTC, datetime
from pathlib import Path

import pytest

from ecluse.domain.documents.drills import DrillReport, DrillStep
from ecluse.domain.drills import is_passed, judge
from ecluse.hosting.drills import drill, strikes
from ecluse.hosting.drills.copier import Road
from ecluse.hosting.drills.world import Plan, count_read
from ecluse.hosting.replicas.verification import Fault
from ecluse.hosting.stores.addresses import open_store
from tests.unit.hosting.servers import OWNER, Server

NOW = datetime(2026, 3, 2, 9, tzinfo=UTC)
PLAN = Plan(size=40_000_000, kills=2, corruptions=60, canaries=100, seed=3)
KEYS = {
    f"ECLUSE_DRILL_{side}_{what}": value
    for side in ("SOURCE", "TARGET")
    for what, value in (("ACCESS_KEY", OWNER.access_key), ("SECRET_KEY", OWNER.secret_key))
}


def run(folder: Path, target: str, plan: Plan) -> DrillReport:
    road = Road((folder / "old").as_uri(), target)
    return drill.run(drill.Setting(folder, road, KEYS, "DRILL-1", "ecluse"), plan, now=NOW)


def test_a_dataset_leaves_for_s3_under_attack_and_nothing_stays_behind(
    tmp_path: Path, seaweedfs: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    bucket = seaweedfs.bucket("drills")
    target = f"s3+{bucket.endpoint}/drills/{secrets.token_hex(4)}"
    monkeypatch.setenv("ECLUSE_DRILL_TARGET_ACCESS_KEY", OWNER.access_key)
    monkeypatch.setenv("ECLUSE_DRILL_TARGET_SECRET_KEY", OWNER.secret_key)

    report = run(tmp_path, target, PLAN)

    left = list(open_store(target, host="drill-target", environment=KEYS).list())
    assert len(report.kills_ms) == 2
    assert (report.root_before, report.found) == (report.root_after, 60)
    assert (report.read_by_thief, report.read_with_key) == (0, 100)
    assert [part.step for part in report.parts] == [
        DrillStep.PLANNED,
        DrillStep.COPIED,
        DrillStep.VERIFIED,
        DrillStep.STRUCK,
        DrillStep.MENDED,
        DrillStep.CUT_OVER,
        DrillStep.ROLLED_BACK,
        DrillStep.CUT_OVER,
        DrillStep.TAKEN,
        DrillStep.ERASED,
    ]
    assert left == []


def test_a_verification_that_sees_nothing_fails_the_drill(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The goal is not met by itself: the strikes are named otherwise than they were made."""
    monkeypatch.setattr(strikes, "WAYS", (Fault.ALTERED,))
    monkeypatch.setattr(strikes, "_spoil", lambda path, right, *_: (Fault.CUT, right[path]))
    plan = Plan(size=1, kills=0, corruptions=5, canaries=5, seed=1)

    report = run(tmp_path, (tmp_path / "new").as_uri(), plan)

    assert (report.found, is_passed(report)) == (0, False)
    assert [one.goal.value for one in judge(report) if not one.is_met] == ["all-found", "mended"]


def test_a_canary_cut_between_two_pieces_is_read() -> None:
    canary = b"CANARY-000001-00112233445566778899"

    assert count_read([canary, b"CANARY-000002-"], iter([b"xx" + canary[:9], canary[9:]])) == {
        canary
    }
