"""What a person brings in by a page: ordered of the zone, judged by another, then forgotten."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import IntegrityError
from django.test import Client
from django.utils import timezone
from pytest_django import Settings

from ecluse.domain.errors import InvalidInput, NotAllowed, NotFound
from ecluse.portal.accounts.models import User
from ecluse.portal.audit import identity
from ecluse.portal.audit.models import JournalEntry
from ecluse.portal.mailbox import blobs
from ecluse.portal.workspaces import actions, import_actions
from ecluse.portal.workspaces.import_actions import Brought
from ecluse.portal.workspaces.models import Arrival
from ecluse.trust.import_orders import Act, ImportOrder, verify
from ecluse.trust.tokens import make_token
from tests.unit.domain.build import PERMIT
from tests.unit.portal.zone import NOW, Zone

NUMBER = PERMIT.permit_number
TABLE = b"site,dose\nA,1.5\n"
COLUMNS = (("site", "text"), ("dose", "number"))
CLEAN = {"held": "0123456789ab", "findings": [], "rows": 1, "is_in": False}
FOUND = ["column dose: 1 values are not of type number"]


@pytest.fixture(autouse=True)
def at_now(monkeypatch: pytest.MonkeyPatch, settings: Settings) -> None:
    monkeypatch.setattr(timezone, "now", lambda: NOW)


def table(name: str = "doses.csv", content: bytes = TABLE) -> Brought:
    return Brought(SimpleUploadedFile(name, content), "data", COLUMNS)


def brought(zone: Zone, by: User) -> Arrival:
    return import_actions.bring_in(zone.open_workspace(), table(), by=by, now=NOW)


def held(zone: Zone, by: User, **changes: Any) -> Arrival:
    """A file that the zone has checked."""
    made = brought(zone, by)
    import_actions.receive(made.pk, Act.BRING, CLEAN | changes, now=NOW)
    made.refresh_from_db()
    return made


def ordered() -> list[ImportOrder]:
    """What the zone is told to do."""
    told = actions.read_report({"sessions": [], "workspaces": [], "done": []})
    texts: Any = actions.receive_report(told, now=NOW)["imports"]
    return [verify(text, identity.keyring()) for text in texts]


def test_a_person_brings_a_table_by_the_page_and_the_zone_is_told(
    zone: Zone, people: dict[str, User], client: Client
) -> None:
    zone.open_workspace()
    client.force_login(people["pi"])
    filled = {
        "what": "data",
        "file": SimpleUploadedFile("doses.csv", TABLE),
        "columns": 'site = text\n dose = "number" \n',
    }

    answer = client.post(f"/workspaces/{NUMBER}/imports/", filled)

    assert answer.status_code == 302
    (order,) = ordered()
    assert (order.act, order.by, order.name) == (Act.BRING, people["pi"].subject, "doses.csv")
    assert order.columns == COLUMNS
    assert blobs.find(order.digest).read_bytes() == TABLE
    assert JournalEntry.objects.filter(action="import.brought").count() == 1


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"columns": ""}, "Dites quelles colonnes"),
        ({"columns": "site = words"}, "une colonne par ligne"),
        ({"file": SimpleUploadedFile("dé ses.csv", TABLE)}, "lettres sans accent"),
        ({"what": ""}, "obligatoire"),
    ],
)
def test_a_form_that_says_too_little_sends_nothing(
    zone: Zone, people: dict[str, User], client: Client, changes: dict[str, Any], said: str
) -> None:
    zone.open_workspace()
    client.force_login(people["pi"])
    good = {
        "what": "data",
        "file": SimpleUploadedFile("doses.csv", TABLE),
        "columns": "site = text",
    }

    answer = client.post(f"/workspaces/{NUMBER}/imports/", good | changes)

    assert answer.status_code == 422
    assert said in answer.content.decode()
    assert Arrival.objects.count() == 0


def test_a_stranger_brings_nothing_and_no_workspace_out_of_force_takes_any(
    zone: Zone, people: dict[str, User]
) -> None:
    workspace = zone.open_workspace()
    workspace.suspended_at = NOW

    with pytest.raises(NotAllowed):
        import_actions.bring_in(workspace, table(), by=people["pi"], now=NOW)
    with pytest.raises(NotAllowed):
        import_actions.bring_in(workspace, table(), by=people["sarah"], now=NOW)


def test_once_checked_the_site_keeps_no_copy_and_another_person_sees_the_columns(
    zone: Zone,
    people: dict[str, User],
    client: Client,
    django_capture_on_commit_callbacks: Callable[..., AbstractContextManager[object]],
) -> None:
    with django_capture_on_commit_callbacks(execute=True):
        made = held(zone, people["pi"])
    client.force_login(people["sarah"])

    page = client.get("/workspaces/imports/").content.decode()

    assert (made.state, made.rows) == (Arrival.HELD, 1)
    assert "doses.csv" in page
    assert "number" in page
    assert "Admettre doses.csv" in page
    with pytest.raises(NotFound):
        blobs.find(made.digest)


def test_another_person_lets_it_in_and_the_zone_carries_that_out(
    zone: Zone, people: dict[str, User], client: Client
) -> None:
    made = held(zone, people["pi"])
    client.force_login(people["sarah"])

    answer = client.post(f"/workspaces/imports/{made.pk}/judgement/", {"act": "admit"})
    (order,) = ordered()
    import_actions.receive(made.pk, Act.ADMIT, {}, now=NOW)

    made.refresh_from_db()
    assert answer.status_code == 302
    assert (order.act, order.held, order.by) == (Act.ADMIT, made.held, people["sarah"].subject)
    assert made.state == Arrival.ADMITTED
    assert ordered() == []


def test_what_the_checks_stop_is_not_let_in_but_may_be_thrown_away(
    zone: Zone, people: dict[str, User], client: Client
) -> None:
    made = held(zone, people["pi"], findings=FOUND, rows=None)
    client.force_login(people["sarah"])
    page = client.get("/workspaces/imports/").content.decode()

    assert FOUND[0] in page
    assert "Admettre doses.csv" not in page
    with pytest.raises(NotAllowed, match="checks stop"):
        import_actions.judge(made.pk, Act.ADMIT, by=people["sarah"], now=NOW)
    thrown = import_actions.judge(made.pk, Act.REFUSE, by=people["sarah"], now=NOW)
    assert thrown.state == Arrival.REFUSING


def test_who_brought_a_file_does_not_let_it_in_even_in_the_tables(
    zone: Zone, people: dict[str, User]
) -> None:
    made = held(zone, people["pi"])

    with pytest.raises(NotAllowed):
        import_actions.judge(made.pk, Act.ADMIT, by=people["pi"], now=NOW)
    with pytest.raises(IntegrityError, match="arrival_let_in_by_another"):
        Arrival.objects.filter(pk=made.pk).update(judged_by=people["pi"])


def test_a_person_of_the_permit_lets_nothing_in_though_a_checker(
    zone: Zone, people: dict[str, User]
) -> None:
    made = held(zone, people["pi"])
    made.workspace.persons.create(subject=people["marc"].subject)

    with pytest.raises(NotAllowed, match="works with it"):
        import_actions.judge(made.pk, Act.ADMIT, by=people["marc"], now=NOW)


def test_a_zone_whose_policy_wants_no_second_person_says_that_it_is_in(
    zone: Zone, people: dict[str, User]
) -> None:
    assert held(zone, people["pi"], is_in=True).state == Arrival.ADMITTED


def test_why_a_file_did_not_come_in_is_told_to_who_brought_it(
    zone: Zone, people: dict[str, User], client: Client
) -> None:
    made = brought(zone, people["pi"])
    client.force_login(people["pi"])

    import_actions.receive(made.pk, Act.BRING, {"failure": "Only .csv come in."}, now=NOW)

    page = client.get(f"/workspaces/{NUMBER}/imports/").content.decode()
    assert "Only .csv come in." in page
    assert "n’est pas entré" in page


@pytest.mark.parametrize("told", [[], {}, CLEAN | {"rows": "1"}, CLEAN | {"findings": [1]}])
def test_an_answer_of_another_shape_is_refused(
    zone: Zone, people: dict[str, User], told: object
) -> None:
    made = brought(zone, people["pi"])

    with pytest.raises(InvalidInput):
        import_actions.receive(made.pk, Act.BRING, told, now=NOW)


def test_only_the_agent_fetches_a_file_and_only_until_it_was_checked(
    zone: Zone, people: dict[str, User], client: Client, settings: Settings
) -> None:
    made = brought(zone, people["pi"])
    address = f"/workspaces/report/imports/{made.pk}/content"

    def fetched() -> Any:
        token = make_token(zone.agent, audience=settings.ECLUSE_URL, now=NOW)
        return client.get(address, headers={"Authorization": f"Bearer {token}"})

    client.force_login(people["pi"])
    assert client.get(address).status_code == 401
    assert b"".join(fetched()) == TABLE
    import_actions.receive(made.pk, Act.BRING, CLEAN, now=NOW)
    assert fetched().status_code == 404
