"""Every address of the road, at every stage, for everybody: who gets the page, who does not.

A file that does not concern somebody does not exist for them: 404. A page that is not for their
role, or not at this stage, is 403.
"""

import pytest
from django.test import Client

from tests.unit.portal.applications.road import Road
from tests.unit.portal.routes import Route, Stage, answers, by_stage

pytestmark = pytest.mark.usefixtures("at_now")

APPLICATION = "/applications/2026-00001/"
DRAFT = "/drafts/2026-00001/"
CASE = "/cases/2026-00001/"
PERMIT = "/permits/FR-2026-0001/"
EXTRACTION = "/extractions/FR-2026-0001-E1/"
RELEASE = "/releases/FR-2026-0001-R1/"
PEOPLE = (
    *("camille", "louis", "stranger", "assessor", "decider", "auditor"),
    *("preparer", "committee"),
)


ROUTES = (
    # Lists and beginnings.
    Route("draft", "get", "/applications/", (200, 200, 200, 302, 302, 302, 200, 302)),
    Route("draft", "get", "/cases/", (403, 403, 403, 200, 200, 200, 403, 200)),
    Route(
        "draft",
        "get",
        "/applications/start/snds-synthetic/",
        (200, 200, 200, 403, 403, 403, 403, 403),
    ),
    Route(
        "draft",
        "post",
        "/applications/start/snds-synthetic/",
        (302, 302, 302, 403, 403, 403, 403, 403),
    ),
    Route("draft", "get", "/applications/start/no-such/", (404, 404, 404, 404, 404, 404, 404, 404)),
    Route("draft", "get", "/permits/", (200, 200, 200, 200, 200, 200, 200, 200)),
    Route("permit", "get", "/permits/", (200, 200, 200, 200, 200, 200, 200, 200)),
    Route("permit", "get", "/extractions/", (200, 200, 200, 200, 200, 200, 200, 200)),
    Route("permit", "get", "/releases/", (200, 200, 200, 200, 200, 200, 200, 200)),
    # A draft belongs to its persons alone.
    Route("draft", "get", APPLICATION, (200, 200, 404, 404, 404, 404, 404, 404)),
    Route("draft", "get", f"{APPLICATION}edit/", (302, 302, 404, 404, 404, 404, 404, 404)),
    Route("draft", "get", f"{DRAFT}step/data/", (200, 403, 404, 404, 404, 404, 404, 404)),
    Route("draft", "get", f"{DRAFT}step/no-such/", (404, 403, 404, 404, 404, 404, 404, 404)),
    Route("draft", "post", f"{DRAFT}step/data/", (302, 403, 404, 404, 404, 404, 404, 404)),
    Route("draft", "get", f"{APPLICATION}summary/", (200, 403, 404, 404, 404, 404, 404, 404)),
    Route("draft", "post", f"{APPLICATION}summary/", (302, 403, 404, 404, 404, 404, 404, 404)),
    Route("draft", "get", f"{APPLICATION}withdraw/", (200, 403, 404, 404, 404, 404, 404, 404)),
    Route("draft", "post", f"{APPLICATION}withdraw/", (302, 403, 404, 404, 404, 404, 404, 404)),
    # Submitted: the assessor's turn.
    Route("submitted", "get", APPLICATION, (200, 200, 404, 200, 200, 200, 404, 200)),
    Route("submitted", "get", "/cases/", (403, 403, 403, 200, 200, 200, 403, 200)),
    Route("submitted", "post", "/cases/assignments/", (403, 403, 403, 302, 302, 403, 403, 403)),
    Route("submitted", "post", "/cases/opinions/", (403, 403, 403, 302, 302, 403, 403, 403)),
    Route("submitted", "post", "/cases/views/", (403, 403, 403, 302, 302, 302, 403, 302)),
    Route(
        "submitted", "get", f"{CASE}file/start-screening/", (403, 403, 404, 200, 403, 403, 404, 403)
    ),
    Route(
        "submitted",
        "post",
        f"{CASE}file/start-screening/",
        (403, 403, 404, 302, 403, 403, 404, 403),
    ),
    Route(
        "submitted",
        "get",
        f"{CASE}file/close-incomplete/",
        (404, 404, 404, 404, 404, 404, 404, 404),
    ),
    Route("submitted", "get", f"{CASE}file/no-such/", (404, 404, 404, 404, 404, 404, 404, 404)),
    Route("submitted", "get", f"{CASE}no-such/extend/", (404, 404, 404, 404, 404, 404, 404, 404)),
    Route(
        "submitted",
        "get",
        f"{CASE}case/publish-application/",
        (403, 403, 404, 200, 403, 403, 404, 403),
    ),
    Route("submitted", "get", f"{CASE}unit-1/extend/", (403, 403, 404, 403, 403, 403, 404, 403)),
    Route("submitted", "get", f"{DRAFT}step/data/", (403, 403, 404, 404, 404, 404, 404, 404)),
    Route("submitted", "get", f"{APPLICATION}complete/", (403, 403, 404, 403, 403, 403, 404, 403)),
    Route("submitted", "get", f"{APPLICATION}withdraw/", (200, 403, 404, 403, 403, 403, 404, 403)),
    Route(
        "submitted",
        "get",
        "/permits/decisions/2026-00001/",
        (403, 403, 404, 403, 403, 403, 404, 403),
    ),
    # Its completeness is checked.
    Route(
        "screening", "get", f"{APPLICATION}information/", (403, 403, 404, 200, 403, 403, 404, 403)
    ),
    Route(
        "screening", "post", f"{APPLICATION}information/", (403, 403, 404, 422, 403, 403, 404, 403)
    ),
    Route("screening", "get", f"{APPLICATION}complete/", (403, 403, 404, 200, 403, 403, 404, 403)),
    Route("screening", "post", f"{APPLICATION}complete/", (403, 403, 404, 302, 403, 403, 404, 403)),
    # Awaiting information: the applicant's turn again.
    Route("awaiting", "get", f"{DRAFT}step/data/", (200, 403, 404, 404, 404, 404, 404, 404)),
    Route("awaiting", "get", f"{APPLICATION}summary/", (200, 403, 404, 403, 403, 403, 404, 403)),
    Route("awaiting", "get", f"{APPLICATION}complete/", (403, 403, 404, 403, 403, 403, 404, 403)),
    # Complete: assessed by the assessor alone, on the pages of assessments.
    Route("complete", "get", f"{APPLICATION}refusal/", (403, 403, 404, 403, 403, 403, 404, 403)),
    Route(
        "complete", "get", f"{APPLICATION}information/", (403, 403, 404, 200, 403, 403, 404, 403)
    ),
    Route("complete", "get", f"{CASE}unit-1/extend/", (403, 403, 404, 403, 200, 403, 404, 403)),
    Route("complete", "post", f"{CASE}unit-1/extend/", (403, 403, 404, 403, 422, 403, 404, 403)),
    Route(
        "complete",
        "get",
        f"{CASE}unit-1/consult-committee/",
        (403, 403, 404, 200, 403, 403, 404, 403),
    ),
    # Assessed: the fees are estimated, or there are none.
    Route(
        "estimating", "get", f"{CASE}unit-1/no-estimate/", (403, 403, 404, 200, 403, 403, 404, 403)
    ),
    Route(
        "estimating", "post", f"{CASE}unit-1/no-estimate/", (403, 403, 404, 422, 403, 403, 404, 403)
    ),
    Route(
        "estimating",
        "post",
        f"{CASE}unit-1/send-estimate/",
        (404, 404, 404, 404, 404, 404, 404, 404),
    ),
    Route(
        "estimating",
        "get",
        f"{CASE}unit-1/accept-estimate/",
        (404, 404, 404, 404, 404, 404, 404, 404),
    ),
    Route(
        "estimating",
        "get",
        "/permits/decisions/2026-00001/",
        (403, 403, 404, 403, 403, 403, 404, 403),
    ),
    # Assessed: decided by the decider alone, never by the applicant nor the assessor.
    Route(
        "assessed",
        "get",
        "/permits/decisions/2026-00001/",
        (403, 403, 404, 403, 200, 403, 404, 403),
    ),
    Route(
        "assessed",
        "post",
        "/permits/decisions/2026-00001/",
        (403, 403, 404, 403, 422, 403, 404, 403),
    ),
    Route("assessed", "get", f"{APPLICATION}refusal/", (403, 403, 404, 403, 200, 403, 404, 403)),
    Route("assessed", "post", f"{APPLICATION}refusal/", (403, 403, 404, 403, 422, 403, 404, 403)),
    Route("assessed", "get", f"{APPLICATION}withdraw/", (200, 403, 404, 403, 403, 403, 404, 403)),
    Route("assessed", "get", f"{CASE}unit-1/send-back/", (403, 403, 404, 403, 200, 403, 404, 403)),
    # Decided.
    Route("refused", "get", APPLICATION, (200, 200, 404, 200, 200, 200, 404, 200)),
    Route("withdrawn", "get", APPLICATION, (200, 200, 404, 200, 200, 200, 404, 200)),
    Route("permit", "get", APPLICATION, (200, 200, 404, 200, 200, 200, 404, 200)),
    Route(
        "permit",
        "get",
        "/permits/applications/2026-00001/",
        (302, 302, 404, 302, 302, 302, 302, 404),
    ),
    # Permits.
    Route("permit", "get", PERMIT, (200, 200, 404, 200, 200, 200, 200, 404)),
    Route("permit", "get", f"{PERMIT}permit.json", (200, 200, 404, 200, 200, 200, 200, 404)),
    Route("permit", "get", f"{PERMIT}revocation/", (403, 403, 404, 403, 200, 403, 403, 404)),
    Route("permit", "post", f"{PERMIT}revocation/", (403, 403, 404, 403, 422, 403, 403, 404)),
    # Extractions.
    Route(
        "permit",
        "get",
        "/extractions/permits/FR-2026-0001/",
        (200, 200, 404, 200, 200, 200, 200, 404),
    ),
    Route(
        "permit",
        "get",
        "/extractions/permits/FR-2026-0001/order/",
        (200, 200, 404, 403, 403, 403, 403, 404),
    ),
    Route(
        "permit",
        "post",
        "/extractions/permits/FR-2026-0001/order/",
        (422, 422, 404, 403, 403, 403, 403, 404),
    ),
    Route(
        "permit",
        "get",
        "/extractions/permits/FR-2026-0001/confirmation/",
        (405, 405, 405, 405, 405, 405, 405, 405),
    ),
    Route("extraction", "get", EXTRACTION, (200, 200, 404, 200, 200, 200, 200, 404)),
    Route("extraction", "get", f"{EXTRACTION}progress/", (200, 200, 404, 200, 200, 200, 200, 404)),
    Route("extraction", "get", f"{EXTRACTION}order.json", (200, 200, 404, 200, 200, 200, 200, 404)),
    Route(
        "extraction", "get", f"{EXTRACTION}answer.json", (404, 404, 404, 404, 404, 404, 404, 404)
    ),
    Route("delivered", "get", EXTRACTION, (200, 200, 404, 200, 200, 200, 200, 404)),
    Route("delivered", "get", f"{EXTRACTION}progress/", (286, 286, 404, 286, 286, 286, 286, 404)),
    Route("delivered", "get", f"{EXTRACTION}answer.json", (200, 200, 404, 200, 200, 200, 200, 404)),
    # Messages, and what the register asks of people.
    Route("submitted", "get", "/messages/", (200, 200, 200, 200, 200, 200, 200, 200)),
    Route("submitted", "get", "/messages/desk/", (403, 403, 403, 200, 200, 200, 403, 200)),
    Route("submitted", "get", "/register/due/", (403, 403, 403, 200, 200, 200, 403, 200)),
    Route(
        "submitted",
        "post",
        "/register/report/statements/",
        (403, 403, 403, 422, 422, 403, 403, 403),
    ),
    Route(
        "permit", "get", "/register/results/2026-00001/", (200, 200, 404, 403, 403, 403, 404, 403)
    ),
    Route(
        "permit", "post", "/register/results/2026-00001/", (422, 422, 404, 403, 403, 403, 404, 403)
    ),
    # Releases: read by officers, downloaded by the persons of the permit alone.
    Route(
        "permit", "get", "/releases/permits/FR-2026-0001/", (200, 200, 404, 200, 200, 200, 200, 404)
    ),
    Route("release", "get", RELEASE, (200, 200, 404, 200, 200, 200, 200, 404)),
    Route("release", "get", f"{RELEASE}release.json", (200, 200, 404, 200, 200, 200, 200, 404)),
)
ADDRESSES = sorted({route.address for route in ROUTES if route.method == "get"})


@pytest.mark.parametrize("stage", by_stage(ROUTES), ids=str)
def test_each_address_answers_each_person_as_the_law_says(road: Road, stage: Stage) -> None:
    getattr(road, stage.name)()

    assert answers(stage, [getattr(road, one) for one in PEOPLE]) == stage.answers


@pytest.mark.parametrize("address", [a for a in ADDRESSES if "confirmation" not in a])
def test_a_visitor_is_sent_to_sign_in(road: Road, client: Client, address: str) -> None:
    answer = client.get(address)

    assert answer.status_code == 302
    assert answer["Location"].startswith("/accounts/sign-in/?next=")


@pytest.mark.parametrize("address", [a for a in ADDRESSES if "confirmation" not in a])
def test_no_address_takes_a_method_that_it_does_not_know(
    road: Road, client: Client, address: str
) -> None:
    client.force_login(road.camille)

    assert client.delete(address).status_code == 405


@pytest.mark.parametrize(
    "address",
    [
        "/applications/start/snds-synthetic/",
        f"{DRAFT}step/data/",
        f"{APPLICATION}summary/",
        f"{APPLICATION}withdraw/",
    ],
)
def test_a_form_of_another_site_changes_nothing(road: Road, address: str) -> None:
    draft = road.draft()
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(road.camille)

    answer = strict.post(address)

    draft.refresh_from_db()
    assert answer.status_code == 403
    assert draft.state == "draft"


@pytest.mark.parametrize("person", ["camille", "louis"])
def test_the_persons_of_the_permit_download_and_others_do_not(
    road: Road, client: Client, person: str
) -> None:
    released = road.release().files.get()
    client.force_login(getattr(road, person))

    assert client.get(f"{RELEASE}files/{released.pk}/").status_code == 404  # not arrived yet


@pytest.mark.parametrize(
    ("person", "status"), [("stranger", 404), ("assessor", 403), ("decider", 403), ("auditor", 403)]
)
def test_nobody_else_downloads(road: Road, client: Client, person: str, status: int) -> None:
    released = road.release().files.get()
    client.force_login(getattr(road, person))

    assert client.get(f"{RELEASE}files/{released.pk}/").status_code == status


def test_the_register_is_open_to_everybody(road: Road, client: Client) -> None:
    assert client.get("/register/").status_code == 200
