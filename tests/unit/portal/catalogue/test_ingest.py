"""Providers send descriptions as they do to the catalogue of the Health Data Hub."""

from typing import Any

import pytest
from django.test import Client

from ecluse.portal.catalogue.harvest import actions
from ecluse.portal.catalogue.models import Dataset, Source
from tests.sites import Signers
from tests.unit.portal.catalogue.rdf_documents import BOTH, HEART, LUNG

TURTLE = "text/turtle"


@pytest.fixture
def key(signers: Signers) -> str:
    """The key of a provider."""
    return actions.add_source("aphp", name="AP-HP", kind=Source.Kind.INGEST, by="set-up")[1]


def send(client: Client, key: str, document: str) -> Any:
    return client.post(
        "/ingest/datasets", document, content_type=TURTLE, headers={"x-api-key": key}
    )


def test_a_description_is_sent_changed_and_taken_out(key: str, client: Client) -> None:
    headers = {"x-api-key": key}

    sent = send(client, key, HEART)
    changed = client.put(
        "/ingest/datasets/origin?originalId=HEART-1",
        HEART.replace("du cœur", "cardiaque"),
        content_type=TURTLE,
        headers=headers,
    )
    title = Dataset.objects.described().get().title_fr
    gone = client.delete(f"/ingest/datasets/{sent.json()['id']}", headers=headers)

    assert (sent.status_code, changed.status_code, gone.status_code) == (201, 200, 204)
    assert changed.json() == {"id": sent.json()["id"], "originalId": "HEART-1"}
    assert title == "Registre cardiaque"
    assert not Dataset.objects.described().exists()


def test_the_same_description_sent_twice_is_one(key: str, client: Client) -> None:
    first, second = send(client, key, HEART).json(), send(client, key, HEART).json()

    assert first == second
    assert Dataset.objects.count() == 1


@pytest.mark.parametrize("key", ["", "wrong"])
def test_without_a_key_nothing_is_taken(signers: Signers, key: str, client: Client) -> None:
    answer = send(client, key, HEART)

    assert answer.status_code == 401
    assert not Dataset.objects.exists()


@pytest.mark.parametrize(
    "document", ["not turtle", BOTH, HEART.replace("dct:title", "dct:name"), ""]
)
def test_what_cannot_be_kept_is_refused_with_a_reason(
    key: str, client: Client, document: str
) -> None:
    answer = send(client, key, document)

    assert answer.status_code == 422
    assert answer.json()["message"]
    assert not Dataset.objects.exists()


def test_a_provider_changes_only_what_it_sent(key: str, client: Client) -> None:
    other = actions.add_source("chu", name="CHU", kind=Source.Kind.INGEST, by="set-up")[1]
    identifier = send(client, key, HEART).json()["id"]
    headers = {"x-api-key": other}

    deleted = client.delete(f"/ingest/datasets/{identifier}", headers=headers)
    changed = client.put(
        "/ingest/datasets/origin?originalId=HEART-1", HEART, content_type=TURTLE, headers=headers
    )

    assert (deleted.status_code, changed.status_code) == (404, 404)
    assert Dataset.objects.described().count() == 1


def test_a_change_must_be_of_the_dataset_it_names(key: str, client: Client) -> None:
    send(client, key, HEART)

    answer = client.put(
        "/ingest/datasets/origin?originalId=HEART-1",
        LUNG,
        content_type=TURTLE,
        headers={"x-api-key": key},
    )

    assert answer.status_code == 422


def test_a_key_is_kept_as_a_digest_alone(key: str) -> None:
    assert key not in str(list(Source.objects.values()))
