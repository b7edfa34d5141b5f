"""The pages of drills: anybody reads a signed report; one that is not believed is not there."""

from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from django.test import Client
from django.utils import timezone

from ecluse.domain.documents import DrillReport, Signer
from ecluse.portal.audit import identity
from ecluse.trust import documents
from ecluse.trust.keys import SigningKey, draw_key
from tests.sites import Signers
from tests.unit.domain.test_drills import GOOD

ADDRESS = f"/drills/{GOOD.drill_number}/"


def put(report: DrillReport, key: SigningKey, *, name: str = GOOD.drill_number) -> Path:
    path = identity.room() / "drills" / f"{name}.json"
    path.parent.mkdir(exist_ok=True)
    document = documents.new_document(
        report, issuer=Signer.AGENT, audience=("site:public",), now=timezone.now()
    )
    path.write_bytes(documents.sign(document, key))
    return path


def test_a_signed_report_is_shown_with_its_timeline_and_is_given_as_it_is(
    signers: Signers, client: Client
) -> None:
    path = put(GOOD, signers.agent)

    listed = client.get("/drills/").content.decode()
    page = client.get(ADDRESS).content.decode()
    given = client.get(f"{ADDRESS}report.json").content

    assert ADDRESS in listed
    assert "L’exercice est réussi" in page
    assert page.count('<svg viewBox="0 0 100 6"') == 4
    assert given == path.read_bytes()


def test_a_drill_that_missed_a_goal_says_so(signers: Signers, client: Client) -> None:
    put(replace(GOOD, found=6), signers.agent)

    assert "L’exercice est manqué" in client.get(ADDRESS).content.decode()


def test_the_kills_are_drawn_in_the_copy(signers: Signers, client: Client) -> None:
    copied = replace(GOOD.parts[0], step=type(GOOD.parts[0].step).COPIED, begun_ms=0)
    put(replace(GOOD, parts=(copied, *GOOD.parts[1:])), signers.agent)

    page = client.get(ADDRESS).content.decode()

    assert page.count('width="0.6" height="6"') == 2


def test_a_report_that_no_believed_key_signed_is_not_there(
    signers: Signers, client: Client
) -> None:
    long_ago: datetime = timezone.now() - timedelta(days=1)
    put(GOOD, draw_key(Signer.AGENT, now=long_ago))

    assert client.get(ADDRESS).status_code == 404
    assert ADDRESS not in client.get("/drills/").content.decode()


@pytest.mark.parametrize("name", ["DRILL-20260302-ffffff", "..%2Fkeyring", "x"])
def test_a_report_under_another_number_is_not_there(
    signers: Signers, client: Client, name: str
) -> None:
    put(GOOD, signers.agent, name="DRILL-20260302-ffffff")

    assert client.get(f"/drills/{name}/").status_code == 404
