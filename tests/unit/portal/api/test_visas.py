"""GA4GH visas of the permits in force, verified as another side does: with the published key."""

import json
from datetime import UTC, date, datetime, timedelta
from typing import Any

import jwt
import pytest
from django.test import Client
from jwt import PyJWK
from pytest_django import Settings

from ecluse.portal.api import visas
from ecluse.portal.api.visa_keys import visa_key
from ecluse.portal.permits import actions as permits
from tests.unit.portal.applications.road import DAY, NOW, Road

ISSUER = "http://127.0.0.1:8000/"
DATASET = "http://127.0.0.1:8000/catalogue/snds-synthetic/"


def verified(client: Client, visa: str) -> dict[str, Any]:
    """What a visa says to who knows the address of our public keys alone."""
    header = jwt.get_unverified_header(visa)
    assert header["jku"] == f"{ISSUER}api/jwk"
    (key,) = client.get("/api/jwk").json()["keys"]
    assert header["kid"] == key["kid"]
    options: Any = {"verify_exp": False, "verify_iat": False}
    said: dict[str, Any] = jwt.decode(visa, PyJWK(key), algorithms=["RS256"], options=options)
    return said


def test_a_permit_in_force_gives_a_visa_for_its_dataset(road: Road, client: Client) -> None:
    road.permit()

    (visa,) = visas.passport(road.camille, now=NOW)

    assert verified(client, visa) == {
        "iss": ISSUER,
        "sub": "camille.moreau@univ.example",
        "iat": 1767607200,  # 2026-01-05T10:00:00Z
        "exp": 1799143200,  # a year later: the permit lasts two
        "ga4gh_visa_v1": {
            "type": "ControlledAccessGrants",
            "value": DATASET,
            "source": ISSUER,
            "by": "dac",
            "asserted": 1767607200,
        },
    }


def test_a_visa_ends_with_the_last_day_of_the_permit(road: Road, client: Client) -> None:
    permit = road.permit()
    near = datetime(2028, 1, 1, tzinfo=UTC)

    (visa,) = visas.passport(road.camille, now=near)

    # The permit is valid until 4 January 2028 included, in Paris: 23:00 UTC that day.
    assert permit.valid_until == date(2028, 1, 4)
    assert verified(client, visa)["exp"] == int(datetime(2028, 1, 4, 23, tzinfo=UTC).timestamp())


def test_every_person_of_the_permit_has_a_visa_and_nobody_else(road: Road) -> None:
    road.permit()

    assert len(visas.passport(road.louis, now=NOW)) == 1
    assert visas.passport(road.stranger, now=NOW) == []
    assert visas.passport(road.assessor, now=NOW) == []


def test_a_permit_revoked_gives_no_visa(road: Road) -> None:
    permits.revoke(road.permit(), "Fin du projet.", by=road.decider, now=NOW)

    assert visas.passport(road.camille, now=NOW) == []


def test_a_permit_over_or_not_begun_gives_no_visa(road: Road) -> None:
    road.permit()

    assert visas.passport(road.camille, now=datetime(2028, 1, 5, tzinfo=UTC)) == []
    assert visas.passport(road.camille, now=NOW - 2 * DAY) == []


def test_a_visa_without_an_end_of_the_grant_lives_a_year() -> None:
    grant = visas.Grant("a@example.org", "urn:1", NOW, None)

    said = visas.claims(grant, issuer=ISSUER, now=NOW)

    assert said["exp"] - said["iat"] == timedelta(days=365).total_seconds()


def test_the_published_key_holds_nothing_private(road: Road, client: Client) -> None:
    answer = client.get("/api/jwk")

    (key,) = answer.json()["keys"]
    assert set(key) == {"kty", "n", "e", "kid", "alg", "use"}
    assert (key["alg"], answer.status_code) == ("RS256", 200)


def test_the_key_is_drawn_once_and_read_by_its_owner_alone(road: Road, settings: Settings) -> None:
    first = visa_key().key_id

    path = settings.ECLUSE_HOME / "portal" / "keys" / "visa-rs256.pem"
    assert visa_key().key_id == first
    assert path.stat().st_mode & 0o777 == 0o600
    assert [one.name for one in path.parent.glob(".visa*")] == []


def test_a_visa_altered_is_refused_by_the_other_side(road: Road, client: Client) -> None:
    road.permit()
    (visa,) = visas.passport(road.camille, now=NOW)
    head, body, signature = visa.split(".")
    said = json.loads(jwt.utils.base64url_decode(body))
    said["sub"] = "eve.martin@corp.example"
    forged = jwt.utils.base64url_encode(json.dumps(said).encode()).decode()

    with pytest.raises(jwt.InvalidSignatureError):
        verified(client, f"{head}.{forged}.{signature}")
