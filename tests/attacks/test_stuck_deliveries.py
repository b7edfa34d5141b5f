"""Documents that a site believes and cannot store: refused for good, so that the next one passes.

A site that answers 500 is asked again for ever, and nothing behind that document is delivered.
"""

from dataclasses import replace

import pytest
from django.test import Client

from ecluse.domain.documents import Body, Permit, Signer
from ecluse.portal.audit.models import JournalEntry
from ecluse.portal.enclaves.models import Workspace
from tests.sites import CHECKING_URL, Agent, Signers
from tests.unit.domain.build import PERMIT
from tests.unit.portal.zone import receipt

SECOND = replace(PERMIT, minimum_count=1)
ENDLESS = replace(PERMIT, permit_number="FR-" + "9" * 200)


@pytest.fixture
def agent(checking_room: Signers, client: Client) -> Agent:
    """The agent, talking to the checking room."""
    return Agent(client, checking_room.agent, CHECKING_URL)


def deliver(agent: Agent, signers: Signers, body: Body) -> tuple[int, object]:
    """The status and the code that answer a document of its right signer."""
    issuer = Signer.PORTAL if isinstance(body, Permit) else Signer.AGENT
    answer = agent.deliver(signers.sign(body, issuer=issuer, audience=("site:checking",)))
    return answer.status_code, answer.json().get("code")


@pytest.mark.parametrize(
    "body",
    [SECOND, ENDLESS, receipt(replace(PERMIT, permit_number="FR-2026-0999"))],
    ids=["a second permit of one number", "a number too long", "a receipt without its permit"],
)
def test_what_cannot_be_stored_is_refused_and_journalled(
    agent: Agent, checking_room: Signers, body: Body
) -> None:
    assert deliver(agent, checking_room, PERMIT) == (201, None)

    answered = deliver(agent, checking_room, body)

    assert answered == (422, "out-of-scope")
    assert JournalEntry.objects.of_action("document.refused").count() == 1
    assert [each.permit for each in Workspace.objects.all()] == [PERMIT]
