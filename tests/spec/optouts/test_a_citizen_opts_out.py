"""A citizen refuses, keeps a receipt, changes their mind; the secure zone only learns codes."""

from collections.abc import Callable
from datetime import UTC, datetime

from django.test import Client

from ecluse.domain.documents import OptOutList
from ecluse.domain.roles import Role
from ecluse.portal.accounts.models import User
from ecluse.portal.audit import identity
from ecluse.portal.optouts import actions
from ecluse.portal.optouts.actions import Concerned
from ecluse.portal.optouts.models import OptOut
from ecluse.trust import documents
from ecluse.trust.pseudonyms.national_numbers import synthetic_national_number
from tests.citizens import Visit
from tests.sites import Agent

Create = Callable[..., User]
JEANNE = synthetic_national_number(42)
DECISION = datetime(2026, 1, 5, 10, tzinfo=UTC)


def test_a_visitor_reads_what_an_opt_out_changes_before_signing_in(
    signers: object, client: Client
) -> None:
    page = client.get("/optouts/").content.decode()

    assert "sans donner de raison" in page
    assert "Vos soins et vos remboursements restent les mêmes" in page


def test_a_citizen_opts_out_keeps_a_receipt_and_changes_their_mind(
    jeanne: Visit,
) -> None:
    jeanne.enter(JEANNE)

    declared = jeanne.client.post("/citizens/rights/ehds-71/out/", follow=True)
    lifted = jeanne.client.post("/citizens/rights/ehds-71/in/", follow=True)

    assert "Le refus est enregistré" in declared.content.decode()
    assert "Le refus est levé" in lifted.content.decode()
    assert declared.redirect_chain == lifted.redirect_chain


def test_the_agent_fetches_a_signed_list_of_codes_and_never_a_number(
    account: Create, agent: Agent
) -> None:
    actions.opt_out(
        Concerned(JEANNE), by=account(Role.CITIZEN), now=datetime(2026, 1, 4, tzinfo=UTC)
    )
    actions.publish_list("FR-2026-0001", as_of=DECISION, by=account(Role.DECIDER), now=DECISION)

    (delivery,) = agent.pull().json()["documents"]

    verified = documents.verify(delivery["data"].encode(), identity.keyring(), now=DECISION)
    assert isinstance(verified.document.body, OptOutList)
    assert verified.document.body.opt_out_ids == (OptOut.objects.get().opt_out_id,)
    assert JEANNE not in delivery["data"]


def test_no_page_of_the_register_lists_persons(account: Create, client: Client) -> None:
    recorded = actions.opt_out(Concerned(JEANNE), by=account(Role.CITIZEN), now=DECISION)
    client.force_login(account(Role.OPT_OUT_DESK))

    pages = "".join(
        client.get(address).content.decode()
        for address in ("/optouts/", "/citizens/desk/", "/citizens/check/")
    )

    assert recorded.receipt_number not in pages
    assert OptOut.objects.get().opt_out_id not in pages
