"""A result that was taken back says so on the register, to everybody."""

import json

from django.test import Client

from ecluse.domain.documents import Recall, RecallReason, Signer
from tests.unit.portal.applications.road import NOW, Road

SARAH = "sarah.cohen@hub.example"


def test_a_recalled_result_says_when_and_why_on_the_page_of_its_permit(
    road: Road, client: Client
) -> None:
    release = road.release()
    number, permit = release.request_number, release.document().permit_number
    address = f"/register/{permit}/"
    before = client.get(address).content.decode()
    recall = Recall(number, permit, release.digest, RecallReason.ERROR, SARAH, NOW)

    road.deliver(recall, issuer=Signer.CHECKING_ROOM)

    page = client.get(address).content.decode()
    row = json.loads(client.get(f"{address}decision.json").content)
    listed = json.loads(client.get("/register/register.json").content)["rows"]
    assert "Résultat rappelé" not in before
    assert "Résultat rappelé le 5\N{NO-BREAK SPACE}janvier 2026" in page
    assert "Le résultat est faux" in page
    assert SARAH not in page
    assert [(one["recalled_on"], one["reason"]) for one in row["recalls"]] == [
        ("2026-01-05", "error")
    ]
    assert [one["recalls"] for one in listed if one["number"] == permit] == [row["recalls"]]
