"""The desk of sources: who opens it, what it says of harvests and refusals, harvesting again."""

from collections.abc import Callable
from datetime import UTC, datetime

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from ecluse.domain.roles import Role
from ecluse.portal.accounts.models import User
from ecluse.portal.catalogue.harvest import actions
from ecluse.portal.catalogue.models import Dataset, Source
from tests.sites import Signers
from tests.unit.portal.catalogue.rdf_documents import BOTH, HEART, LUNG, PREFIXES
from tests.unit.portal.routes import Route, Stage, answers, by_stage

Create = Callable[..., User]
NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
PEOPLE = (Role.DATA_USER, Role.CITIZEN, Role.ASSESSOR, Role.DECIDER, Role.AUDITOR, Role.PREPARER)


ROUTES = (
    Route("harvested", "get", "/sources/", (403, 403, 200, 200, 200, 200)),
    Route("harvested", "get", "/sources/chu/", (403, 403, 200, 200, 200, 200)),
    Route("harvested", "get", "/sources/none/", (403, 403, 404, 404, 404, 404)),
    Route("harvested", "post", "/sources/chu/harvest/", (403, 403, 403, 403, 403, 422)),
    Route("harvested", "get", "/sources/chu/harvest/", (405, 405, 405, 405, 405, 405)),
)


@pytest.fixture
def source(signers: Signers) -> Source:
    """A source of files: two descriptions published, one refused."""
    found = actions.add_source("chu", name="CHU", kind=Source.Kind.FILE, by="set-up")[0]
    untitled = f"{BOTH} ex:x a dcat:Dataset ; dct:identifier 'X-1' ."
    actions.harvest(found, now=NOW, data=untitled.encode())
    return found


@pytest.fixture
def officer(account: Create, client: Client) -> Client:
    """The browser of the officer of the catalogue."""
    client.force_login(account(Role.PREPARER))
    return client


@pytest.mark.parametrize("stage", by_stage(ROUTES), ids=str)
def test_a_route_answers_each_role_as_the_table_says(
    source: Source, account: Create, stage: Stage
) -> None:
    found = answers(stage, [account(role) for role in PEOPLE])

    assert found == stage.answers


@pytest.mark.parametrize("address", ["/sources/", "/sources/chu/"])
def test_a_visitor_is_led_to_the_sign_in_page(source: Source, client: Client, address: str) -> None:
    assert "sign-in" in client.get(address)["Location"]


def test_the_list_tells_the_last_harvest_and_how_many_stay_refused(
    source: Source, officer: Client
) -> None:
    page = officer.get("/sources/").content.decode()

    assert "ajoutés : 2, rejetés : 1" in page
    assert "1 description rejetée" in page


def test_a_refusal_is_told_in_plain_words_with_who_mends_it(
    source: Source, officer: Client
) -> None:
    page = officer.get("/sources/chu/").content.decode()

    assert "X-1" in page
    assert "La description n’a pas de titre." in page
    assert "Son responsable doit lui donner un titre (dct:title)." in page


def test_each_reason_of_refusal_has_its_words(source: Source, officer: Client) -> None:
    document = f"""{HEART} [] a dcat:Dataset ; dct:title "Sans nom" .
        ex:n a dcat:Dataset ; dct:identifier "N" ; dct:title "a\\u0000b" .
        ex:long a dcat:Dataset ; dct:identifier "{"x" * 501}" ; dct:title "Long" .
        ex:double a dcat:Dataset ; dct:identifier "HEART-1" ; dct:title "Autre" ."""
    actions.harvest(source, now=NOW, data=document.encode())

    page = officer.get("/sources/chu/").content.decode()

    assert "n’a ni identifiant ni adresse" in page
    assert "un caractère nul" in page
    assert "identifiant est trop long" in page
    assert "celui d’une autre description" in page
    assert "Voyez le détail." not in page


def test_a_source_harvested_again_from_its_page_takes_what_was_mended(
    source: Source, officer: Client
) -> None:
    mended = f"{BOTH} ex:x a dcat:Dataset ; dct:identifier 'X-1' ; dct:title 'Registre X' ."
    file = SimpleUploadedFile("catalogue.ttl", mended.encode())

    page = officer.post("/sources/chu/harvest/", {"file": file}, follow=True).content.decode()

    assert "Source moissonnée (changés : 1, inchangés : 2)." in page
    assert "Registre X" in [one.title_fr for one in Dataset.objects.described()]
    assert source.rejected().count() == 0


@pytest.mark.parametrize(
    ("document", "words"),
    [
        (f"{PREFIXES} ex:heart a", "ne se lit pas"),
        (PREFIXES, "ne répond pas, ou pas en entier"),
    ],
)
def test_a_harvest_that_breaks_off_says_why_and_loses_nothing(
    source: Source, officer: Client, document: str, words: str
) -> None:
    file = SimpleUploadedFile("catalogue.ttl", document.encode())

    page = officer.post("/sources/chu/harvest/", {"file": file}, follow=True).content.decode()

    assert words in page
    assert "Rien n’a été changé." in page
    assert Dataset.objects.described().count() == 2


def test_a_source_on_the_network_that_does_not_answer_is_told(
    signers: Signers, officer: Client
) -> None:
    actions.add_source(
        "loin", name="Loin", kind=Source.Kind.DCAT, address="https://127.0.0.1:1/x", by="set-up"
    )

    page = officer.post("/sources/loin/harvest/", follow=True).content.decode()

    assert "n’est pas de celles que ce site peut appeler" in page


def test_what_was_published_before_a_refusal_stays(source: Source, officer: Client) -> None:
    spoiled = HEART + LUNG.replace("dct:title", "dct:name")
    actions.harvest(source, now=NOW, data=spoiled.encode())

    page = officer.get("/sources/chu/").content.decode()

    assert "LUNG-1" in page
    assert Dataset.objects.described().filter(title_fr="Registre du poumon").exists()
