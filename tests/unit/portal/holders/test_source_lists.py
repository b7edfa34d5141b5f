"""Opt-outs at source: the holder gets the list of the decision, applies it, and says so first."""

from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from uuid import uuid4

import pytest
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey
from django.test import Client

from ecluse.domain.documents import Basis, SourceOptOuts
from ecluse.domain.errors import NotAllowed, StaleOptOuts
from ecluse.domain.roles import Role
from ecluse.portal.accounts.actions import create_account
from ecluse.portal.accounts.models import User
from ecluse.portal.audit import identity
from ecluse.portal.audit.models import JournalEntry
from ecluse.portal.extractions import actions as extraction_actions
from ecluse.portal.holders import actions, source_lists
from ecluse.portal.holders.actions import HolderEntry
from ecluse.portal.holders.models import Holder, HolderCall, SentList
from ecluse.portal.mailbox.models import OutgoingDocument
from ecluse.portal.optouts.actions import Concerned, opt_out
from ecluse.portal.optouts.models import OptOut
from ecluse.trust import canonical, documents, keys, sealing
from ecluse.trust.pseudonyms.national_numbers import (
    pseudonymise_national_number,
    synthetic_national_number,
)
from ecluse.trust.source_lists import SourceList, open_list
from tests.sites import NATIONAL_KEY
from tests.unit.portal.applications.road import DAY, NOW, REQUEST, Road
from tests.unit.portal.holders.calling import STAYS, Calling, later
from tests.unit.portal.lives.road import Lives, lives

__all__ = ["lives"]

KEY = sealing.OpeningKey(X25519PrivateKey.generate())
PUBLIC = keys.to_base64url(KEY.public().public_bytes_raw())
BRUNO, CLAIRE = synthetic_national_number(8), synthetic_national_number(9)


def pseudonym(number: str) -> str:
    """How a delivery names a person."""
    return pseudonymise_national_number(number, NATIONAL_KEY)


def refuse(number: str, at: datetime, basis: Basis = Basis.EHDS) -> None:
    """Somebody opts out."""
    name = f"{uuid4()}@example.org"
    citizen = create_account(
        name, full_name="C", organisation="–", roles={Role.CITIZEN}, password=None, by="set-up"
    )
    opt_out(Concerned(number), by=citizen, now=at, basis=basis)


def applies_at_source(calling: Calling) -> Holder:
    """The hospital gives the public half of its key."""
    held = calling.holder
    entry = HolderEntry(
        *(held.name, held.legal_id, held.email, (calling.road.dataset,)),
        *(frozenset({calling.anne.subject}), PUBLIC),
    )
    return actions.keep_holder(held, entry, by=calling.road.preparer, now=NOW)


@pytest.fixture
def early(signers: object) -> None:
    """Bruno opted out, and Claire of the national copy, the day before the permit's decision."""
    refuse(BRUNO, NOW - DAY)
    refuse(CLAIRE, NOW - DAY, Basis.NATIONAL_COPY)


@pytest.fixture
def sourced(early: None, calling: Calling) -> Calling:
    """The hospital leaves people out at source."""
    applies_at_source(calling)
    return replace(calling, holder=Holder.objects.get(pk=calling.holder.pk))


def downloaded(client: Client, anne: User, call: HolderCall) -> tuple[SourceOptOuts, SourceList]:
    """What Anne downloads and opens with the key of the hospital."""
    client.force_login(anne)
    signed = client.get(f"/holders/calls/{call.number}/optouts.json").content
    answer = client.get(f"/holders/calls/{call.number}/optouts.sealed")
    sealed = b"".join(answer.streaming_content)  # type: ignore[arg-type]
    body = documents.verify(signed, identity.keyring(), now=NOW).document.body
    assert isinstance(body, SourceOptOuts)
    assert (canonical.digest(sealed), len(sealed)) == (body.file_digest, body.size)
    return body, open_list(sealed, KEY, call_number=call.number)


def test_the_holder_opens_the_list_of_the_decision_and_finds_its_own_persons(
    sourced: Calling, client: Client
) -> None:
    refuse(synthetic_national_number(10), NOW + DAY)
    call = sourced.asked()

    body, listed = downloaded(client, sourced.anne, call)

    assert (body.holder, body.as_of) == (sourced.holder.slug, NOW)
    assert body.opt_out_list_digest == sourced.permit.opt_out_list_digest
    assert body.lists == listed.commitments()
    assert listed.bases_of([pseudonym(BRUNO)]) == {Basis.EHDS}
    assert listed.bases_of([pseudonym(CLAIRE)]) == {Basis.NATIONAL_COPY}
    assert listed.bases_of([pseudonym(synthetic_national_number(10))]) == frozenset()


def test_nothing_that_leaves_names_a_person_to_whoever_has_no_key(
    sourced: Calling, client: Client
) -> None:
    call = sourced.asked()
    client.force_login(sourced.anne)
    answer = client.get(f"/holders/calls/{call.number}/optouts.sealed")

    told = b"".join(answer.streaming_content) + bytes(SentList.objects.get().data)  # type: ignore[arg-type]

    assert [one.opt_out_id for one in OptOut.objects.all() if one.opt_out_id.encode() in told] == []


def test_the_agent_of_the_zone_is_sent_nothing_of_it(sourced: Calling) -> None:
    sourced.asked()

    sent = OutgoingDocument.objects.get(kind="SourceOptOuts")

    assert sent.audience == [f"holder:{sourced.holder.slug}"]


def test_a_holder_without_a_key_is_sent_no_list(calling: Calling) -> None:
    call = calling.asked()

    assert not SentList.objects.filter(call=call).exists()
    assert calling.supplied().item.state == "supplied"


def test_nothing_is_supplied_before_the_list_was_applied(sourced: Calling) -> None:
    call = sourced.asked()

    with pytest.raises(NotAllowed):
        actions.supply(call, [STAYS], by=sourced.anne, now=later(2))
    source_lists.acknowledge(call, by=sourced.anne, now=later(3))

    assert actions.supply(call, [STAYS], by=sourced.anne, now=later(4)).item.state == "supplied"


def test_applying_is_said_once_by_a_person_of_the_holder_and_journalled(
    sourced: Calling, client: Client
) -> None:
    call = sourced.asked()
    address = f"/holders/calls/{call.number}/optouts/applied/"
    client.force_login(sourced.bob)
    by_another = client.post(address).status_code
    client.force_login(sourced.anne)

    twice = [client.post(address).status_code for _ in range(2)]

    assert (by_another, twice) == (404, [302, 302])
    assert SentList.objects.get().applied_by == sourced.anne
    assert JournalEntry.objects.filter(action="optouts.applied-at-source").count() == 1


def test_officers_read_that_it_was_applied_and_download_nothing(
    sourced: Calling, client: Client
) -> None:
    call = sourced.asked()
    client.force_login(sourced.road.preparer)

    page = client.get(f"/holders/calls/{call.number}/").content.decode()
    files = [
        client.get(f"/holders/calls/{call.number}/optouts.{kind}").status_code
        for kind in ("json", "sealed")
    ]

    assert "À appliquer avant la remise" in page
    assert files == [403, 403]


def test_an_extraction_waits_for_the_holder_then_is_ordered(sourced: Calling) -> None:
    call = sourced.asked()
    camille = sourced.road.camille

    with pytest.raises(StaleOptOuts, match="has not said"):
        extraction_actions.order(sourced.permit, REQUEST, key=uuid4(), by=camille, now=later(1))
    source_lists.acknowledge(call, by=sourced.anne, now=later(2))

    made = extraction_actions.order(sourced.permit, REQUEST, key=uuid4(), by=camille, now=later(3))
    assert made.number == "FR-2026-0001-E1"


def test_an_extraction_refuses_data_filtered_by_the_list_of_an_earlier_decision(
    sourced: Calling, lives: Lives
) -> None:
    call = sourced.asked()
    source_lists.acknowledge(call, by=sourced.anne, now=later(1))
    version = lives.amended(sourced.permit)

    with pytest.raises(StaleOptOuts, match="ask it for the data again"):
        source_lists.check_fresh(version, call.dataset.slug)
    again = actions.ask(version, sourced.request(), by=sourced.road.preparer, now=later(2))
    source_lists.acknowledge(again, by=sourced.anne, now=later(3))

    assert source_lists.check_fresh(version, call.dataset.slug) is None


def test_the_hub_takes_no_key_that_seals_nothing(
    calling: Calling, client: Client, road: Road, tmp_path: Path
) -> None:
    client.force_login(road.preparer)
    form = {
        "name": calling.holder.name,
        "email": calling.holder.email,
        "datasets": [str(road.dataset.pk)],
        "persons": calling.anne.subject,
    }

    refused = client.post(f"/holders/{calling.holder.slug}/", {**form, "opening_key": "abc"})
    kept = client.post(f"/holders/{calling.holder.slug}/", {**form, "opening_key": f" {PUBLIC} "})

    assert (refused.status_code, kept.status_code) == (422, 302)
    assert Holder.objects.get(pk=calling.holder.pk).opening_key == PUBLIC


def test_an_opt_out_an_hour_after_the_decision_is_not_in_the_list(
    sourced: Calling, client: Client
) -> None:
    late = synthetic_national_number(11)
    refuse(late, NOW + timedelta(hours=1))

    _, listed = downloaded(client, sourced.anne, sourced.asked())

    assert listed.bases_of([pseudonym(late)]) == frozenset()
