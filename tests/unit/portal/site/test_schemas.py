"""Anyone may fetch the shape of the documents that cross a gate."""

import pytest
from django.test import Client

from ecluse.domain.document_schemas import envelope_schema

pytestmark = pytest.mark.django_db


def test_the_schema_of_a_permit_is_published(client: Client) -> None:
    response = client.get("/schemas/Permit.v1.schema.json")

    assert response.json() == envelope_schema("Permit")
    assert response["Content-Type"] == "application/schema+json"


def test_an_unknown_schema_is_not_found(client: Client) -> None:
    assert client.get("/schemas/Gift.v1.schema.json").status_code == 404
