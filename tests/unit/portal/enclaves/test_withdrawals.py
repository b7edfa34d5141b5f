"""A workspace is frozen by a suspension, opened again by its lifting, closed by the end."""

from dataclasses import replace
from datetime import timedelta

import pytest
from django.test import Client

from ecluse.domain.documents import (
    DeletionCertificate,
    Revocation,
    Signer,
    Suspension,
)
from ecluse.domain.errors import NotAllowed, NotFound, WrongSigner
from ecluse.portal.accounts.models import User
from ecluse.portal.enclaves import actions, withdrawals
from ecluse.portal.enclaves.models import Job, Workspace
from ecluse.portal.mailbox import blobs
from tests.unit.domain.build import PERMIT
from tests.unit.portal.zone import NOW, Zone, bundle, checked_job

NUMBER = PERMIT.permit_number
BEGAN = NOW - timedelta(hours=2)
SUSPENSION = Suspension(NUMBER, BEGAN, "Accès inhabituel.")
LIFTED = replace(SUSPENSION, lifted_at=NOW - timedelta(hours=1))
PAGE = f"/enclaves/{NUMBER}/"


def workspace() -> Workspace:
    return Workspace.objects.get(permit_number=NUMBER)


def test_a_suspended_workspace_takes_no_analysis_and_opens_again(
    zone: Zone, people: dict[str, User]
) -> None:
    extract = zone.open_workspace().extracts.get()
    zone.receive(SUSPENSION, Signer.PORTAL)
    with pytest.raises(NotAllowed):
        actions.submit_job(extract, bundle(), entry="analysis.py", by=people["pi"], now=NOW)

    zone.receive(LIFTED, Signer.PORTAL)

    assert actions.submit_job(extract, bundle(), entry="analysis.py", by=people["pi"], now=NOW)
    assert Job.objects.count() == 1


def test_the_page_says_that_it_is_suspended_and_why(
    zone: Zone, people: dict[str, User], client: Client
) -> None:
    zone.open_workspace()
    zone.receive(SUSPENSION, Signer.PORTAL)
    client.force_login(people["pi"])

    page = client.get(PAGE).content.decode()

    assert "Espace suspendu" in page
    assert "Accès inhabituel." in page
    assert f"{PAGE}submit/" not in page


def test_a_suspension_that_comes_before_its_permit_binds(zone: Zone) -> None:
    zone.receive(SUSPENSION, Signer.PORTAL)

    zone.open_workspace()

    assert workspace().state == "suspended"


def test_lifting_does_not_open_what_was_revoked(zone: Zone) -> None:
    zone.open_workspace()
    zone.receive(Revocation(NUMBER, BEGAN, "Manquement."), Signer.PORTAL)
    zone.receive(SUSPENSION, Signer.PORTAL)
    zone.receive(LIFTED, Signer.PORTAL)

    assert workspace().state == "closed"


def test_an_annulled_revocation_opens_the_workspace_again(zone: Zone) -> None:
    revocation = Revocation(NUMBER, BEGAN, "Manquement.")
    zone.open_workspace()
    zone.receive(revocation, Signer.PORTAL)
    before = workspace().state

    zone.receive(replace(revocation, annulled_at=NOW), Signer.PORTAL)

    assert (before, workspace().state) == ("closed", "active")


def test_the_older_suspension_signed_again_after_the_lifting_freezes_nothing(zone: Zone) -> None:
    zone.open_workspace()
    zone.receive(SUSPENSION, Signer.PORTAL)
    zone.receive(LIFTED, Signer.PORTAL)

    zone.receive(SUSPENSION, Signer.PORTAL)

    assert workspace().state == "active"


def test_the_agent_suspends_nothing(zone: Zone) -> None:
    zone.open_workspace()

    with pytest.raises(WrongSigner):
        zone.receive(SUSPENSION, Signer.AGENT)

    assert workspace().state == "active"


def test_the_second_gate_asks_whether_the_permit_is_frozen(zone: Zone) -> None:
    zone.open_workspace()
    withdrawals.check_not_frozen(NUMBER, now=NOW)
    zone.receive(SUSPENSION, Signer.PORTAL)

    with pytest.raises(NotAllowed, match="suspended"):
        withdrawals.check_not_frozen(NUMBER, now=NOW)


def test_the_certificate_closes_the_workspace_and_removes_our_copies(
    zone: Zone, people: dict[str, User], client: Client
) -> None:
    job = checked_job(zone, people["pi"])
    digests = tuple(file.digest for file in job.report.files)  # type: ignore[union-attr]
    were_here = [blobs.find(digest).is_file() for digest in digests]
    document = workspace().document.digest
    zone.receive(
        DeletionCertificate(
            permit_number=NUMBER,
            permit_digest=document,
            order_digest="sha256:" + "5" * 64,
            agent="agent:zone-1",
            extracts=(),
            other_key_ids=(),
            jobs=(job.number,),
            outputs=digests,
            workspace=None,
            began_at=NOW,
            finished_at=NOW,
        )
    )
    client.force_login(people["pi"])

    page = client.get(PAGE).content.decode()

    assert were_here == [True, True]
    assert workspace().state == "closed"
    assert "Données effacées" in page
    with pytest.raises(NotFound):
        blobs.find(digests[0])
