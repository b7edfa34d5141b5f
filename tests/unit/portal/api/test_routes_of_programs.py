"""Every route of the API v1, stage by stage, for everybody's token: who gets what they ask.

A file that does not concern somebody does not exist for them: 404. What is not for their role, or
not at this stage, is 403. Tokens open every scope: what is refused is refused to the account.
"""

import pytest
from django.db import transaction
from django.test import Client

from tests.unit.portal.api.programs import Program, token_of
from tests.unit.portal.applications.road import NOW, Road
from tests.unit.portal.routes import Route, Stage, by_stage

pytestmark = pytest.mark.usefixtures("at_now")

PEOPLE = (
    *("camille", "louis", "stranger", "assessor", "decider", "auditor"),
    *("preparer", "committee"),
)
EVERYBODY = (200,) * 8
START: dict[str, object] = {"dataset": "snds-synthetic"}
NONE: dict[str, object] = {}
SOME: dict[str, object] = {"answers": {"title": "Titre"}}
APPLICATION = "applications/2026-00001"
FILE = "files/2026-00001"
PERMIT = "permits/FR-2026-0001"
HOOK = "webhooks/11111111-1111-4111-8111-111111111111"


ROUTES = (
    # The same for everybody.
    Route("draft", "GET", "account", EVERYBODY),
    Route("draft", "GET", "datasets", EVERYBODY),
    Route("draft", "GET", "datasets/snds-synthetic", EVERYBODY),
    Route("draft", "GET", "datasets/no-such", (404,) * 8),
    Route("draft", "GET", "forms/data-access-application/1", EVERYBODY),
    Route("draft", "GET", "register", EVERYBODY),
    Route("draft", "GET", "files", EVERYBODY),
    Route("draft", "GET", "deadlines", EVERYBODY),
    Route("draft", "GET", "permits", EVERYBODY),
    Route("draft", "GET", "passport", EVERYBODY),
    Route("draft", "GET", "webhooks", EVERYBODY),
    Route("draft", "GET", "webhooks/events", EVERYBODY),
    # A webhook is its owner's alone; this one is nobody's.
    Route("draft", "DELETE", HOOK, (404,) * 8),
    Route("draft", "POST", f"{HOOK}/trial", (404,) * 8),
    Route("draft", "POST", f"{HOOK}/resumption", (404,) * 8),
    Route("draft", "GET", f"{HOOK}/deliveries", (404,) * 8),
    # A draft belongs to its persons alone.
    Route("draft", "POST", "applications", (201, 201, 201, 403, 403, 403, 403, 403), START),
    Route("draft", "GET", FILE, (200, 200, 404, 404, 404, 404, 404, 404)),
    Route("draft", "GET", APPLICATION, (200, 200, 404, 404, 404, 404, 404, 404)),
    Route(
        "draft",
        "PATCH",
        f"{APPLICATION}/answers",
        (200, 403, 404, 404, 404, 404, 404, 404),
        SOME,
    ),
    Route(
        "draft",
        "POST",
        f"{APPLICATION}/submission",
        (200, 403, 404, 404, 404, 404, 404, 404),
        NONE,
    ),
    Route("draft", "POST", f"{APPLICATION}/withdrawal", (200, 403, 404, 404, 404, 404, 404, 404)),
    # Submitted: officers read, nobody writes any more.
    Route("submitted", "GET", FILE, (200, 200, 404, 200, 200, 200, 404, 200)),
    Route("submitted", "GET", APPLICATION, (200, 200, 404, 200, 200, 200, 404, 200)),
    Route(
        "submitted",
        "PATCH",
        f"{APPLICATION}/answers",
        (403, 403, 404, 404, 404, 404, 404, 404),
        SOME,
    ),
    Route(
        "submitted",
        "POST",
        f"{APPLICATION}/submission",
        (403, 403, 404, 404, 404, 404, 404, 404),
        NONE,
    ),
    Route(
        "submitted", "POST", f"{APPLICATION}/withdrawal", (200, 403, 404, 404, 404, 404, 404, 404)
    ),
    # Awaiting information: the applicant's turn again.
    Route(
        "awaiting",
        "PATCH",
        f"{APPLICATION}/answers",
        (200, 403, 404, 404, 404, 404, 404, 404),
        SOME,
    ),
    # Granted: its persons and the officers of permits.
    Route("permit", "GET", PERMIT, (200, 200, 404, 200, 200, 200, 200, 404)),
    Route("permit", "GET", f"{PERMIT}/document", (200, 200, 404, 200, 200, 200, 200, 404)),
)


@pytest.mark.parametrize("stage", by_stage(ROUTES), ids=str)
def test_a_route_answers_each_account_as_it_may(road: Road, client: Client, stage: Stage) -> None:
    getattr(road, stage.name)()
    programs = [Program(client, token_of(getattr(road, person), now=NOW)) for person in PEOPLE]

    found = [(str(route), tuple(status(one, route) for one in programs)) for route in stage.routes]

    assert found == stage.answers


def status(program: Program, route: Route) -> int:
    """The status that one program gets; what it did is then undone."""
    point = transaction.savepoint()
    try:
        return program.send(route.method, route.address, route.body)[0]
    finally:
        transaction.savepoint_rollback(point)
