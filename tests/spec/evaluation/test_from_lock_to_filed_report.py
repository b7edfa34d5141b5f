"""From a locked protocol to a filed report: ordered, run in the zone, checked by two, filed."""

from pathlib import Path

import pytest

from ecluse.data.evaluation.reporting import verifying
from ecluse.data.evaluation.reporting.code import digest_of_code
from ecluse.portal.audit import identity
from ecluse.portal.audit.models import JournalEntry
from ecluse.portal.evaluations import actions, orders, reporting
from ecluse.portal.evaluations.models import EvaluationFile
from ecluse.portal.mailbox import blobs
from ecluse.portal.mailbox.actions import receive
from ecluse.portal.mailbox.models import OutgoingDocument
from ecluse.portal.releases.models import ReleaseRecord
from ecluse.trust import canonical
from ecluse.trust.keys import Keyring
from tests.unit.data.agent.evaluation_worlds import Evaluations
from tests.unit.data.studies import NOW as LATER
from tests.unit.domain import build
from tests.unit.portal.applications.road import NOW, at_now, road
from tests.unit.portal.evaluations.evaluating import NUMBER, Evaluating, again, evaluating

__all__ = ["at_now", "evaluating", "road"]

AREA = ("auroc", "all", "")


@pytest.fixture
def zone(tmp_path: Path, evaluating: Evaluating) -> Evaluations:
    """A secure zone and a portal that believe each other, the files of the evaluation prepared."""
    world = Evaluations(tmp_path / "world", is_granted=False)
    ours = Keyring.load(identity.keyring_path())
    theirs = Keyring.load(world.zone.keyring)
    both = Keyring((*ours.keys.values(), *theirs.keys.values()))
    both.save(identity.keyring_path())
    both.save(world.zone.keyring)
    return world


def locked(evaluating: Evaluating, zone: Evaluations) -> EvaluationFile:
    """Camille's evaluation of the table of predictions that the zone holds, locked by the hub."""
    camille, made = evaluating.road.camille, evaluating.draft()
    told = {"artefact": zone.prepared.model, "code": digest_of_code(), "format": "predictions"}
    actions.save(made, told, by=camille, now=NOW)
    actions.register(made, by=camille, now=NOW)
    actions.lock(made, zone.prepared.manifest, by=evaluating.road.preparer, now=NOW)
    return again(made)


def to_the_zone(zone: Evaluations) -> None:
    """The agent pulls what the portal signed for it, and obeys."""
    for one in OutgoingDocument.objects.addressed_to("agent:zone-1").order_by("sequence"):
        zone.post(bytes(one.data), zone.public)
    zone.step()


def to_the_portal(zone: Evaluations, kinds: tuple[str, ...]) -> None:
    """The portal receives what the agent delivered, in order."""
    paths = sorted((zone.public.path / "out").glob("*.json"))
    for path in [one for one in paths if one.name[9:].removesuffix(".json") in kinds]:
        receive(path.read_bytes(), now=LATER)


def test_an_ordered_evaluation_is_run_checked_and_filed_by_itself(
    evaluating: Evaluating, zone: Evaluations
) -> None:
    """Four hundred cases whose area is .75, worked out by hand; nobody carries a file."""
    made = locked(evaluating, zone)
    orders.order(made, by=evaluating.road.camille, now=NOW)

    to_the_zone(zone)
    to_the_portal(zone, ("EvaluationReceipt", "Refusal"))
    assert again(made).state == "run"
    assert again(made).report() is None

    zone.release(build.vote(build.SARAH), build.vote(build.MARC))
    to_the_portal(zone, ("Release", "EvaluationReport"))
    (bundle,) = [path.read_bytes() for path in (zone.public.path / "blobs").iterdir()]
    blobs.take(canonical.digest(bundle), [bundle])

    filed = again(made)
    row = filed.report()
    assert row is not None
    assert (filed.state, row.filed_by) == ("reported", None)
    figures = {one.key: float(one.value) for one in reporting.body_of(row).figures}
    assert figures[AREA] == pytest.approx(0.75)
    verified = verifying.verify(
        bundle, believed=Keyring.load(identity.keyring_path()).keys.values(), now=LATER
    )
    assert verified.passed
    assert ReleaseRecord.objects.get().permit is not None
    told = set(JournalEntry.objects.filter(subject=NUMBER).values_list("action", flat=True))
    acts = {"order-run", "record-run", "file-report"}
    assert {f"evaluation.{one}" for one in acts} <= told
