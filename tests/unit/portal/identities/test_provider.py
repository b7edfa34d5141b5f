"""Sign-in by OpenID Connect, against a provider that speaks HTTP; and each way to forge it."""

from collections.abc import Callable
from urllib.parse import parse_qs, urlsplit

import httpx
import jwt
import pytest

from ecluse.domain.errors import (
    BadSignature,
    EcluseError,
    Expired,
    Malformed,
    NotAllowed,
    OutOfScope,
    Replayed,
    SetupIncomplete,
    UnknownKey,
    Unreachable,
)
from ecluse.portal.identities import provider as protocol
from ecluse.portal.identities.answers import MOST_BYTES, check_address
from ecluse.portal.identities.provider import Attempt, Provider, Registration, SignedIn
from tests.identity_provider import CLIENT_ID, Claims, IdentityProvider, new_key


def returned(address: str) -> dict[str, str]:
    """What a browser brings back once the person signed in at that address."""
    back = httpx.get(address).headers["Location"]
    return {name: values[-1] for name, values in parse_qs(urlsplit(back).query).items()}


def signed_in(provider: Provider) -> SignedIn:
    """Who signs in, by the whole exchange."""
    attempt, address = provider.begin()
    return provider.finish(attempt, **returned(address))


@pytest.mark.parametrize("algorithm", ["ES256", "RS256"])
def test_a_person_signs_in_and_their_civil_identity_is_told(
    state: IdentityProvider, provider: Provider, algorithm: str
) -> None:
    state.rotate(algorithm)

    found = signed_in(provider)

    assert found.subject == "jeanne-at-this-site"
    assert found.identity.family_name == "Petit"
    assert found.identity.given_names == ("Jeanne", "Marie")
    assert (found.identity.birthdate, found.identity.is_male) == ("1934-05-12", True)


def test_nothing_of_a_person_is_in_what_programs_print(
    state: IdentityProvider, provider: Provider
) -> None:
    found = signed_in(provider)

    assert repr(found) == "SignedIn()"
    assert repr(found.identity) == "CivilIdentity()"


def test_the_attempt_asks_the_level_the_pivot_identity_and_a_proof_of_who_began(
    state: IdentityProvider, provider: Provider
) -> None:
    attempt, address = provider.begin()
    asked = {name: one for name, (one,) in parse_qs(urlsplit(address).query).items()}

    assert asked["acr_values"] == "eidas1"
    assert "birthplace" in asked["scope"]
    assert "email" not in asked["scope"]
    assert asked["code_challenge_method"] == "S256"
    assert attempt.verifier not in address


def test_a_new_key_of_the_provider_is_read_when_it_is_first_met(
    state: IdentityProvider, provider: Provider, monkeypatch: pytest.MonkeyPatch
) -> None:
    signed_in(provider)
    state.rotate()
    monkeypatch.setattr(protocol, "SOONEST_SECONDS", 0)

    signed_in(provider)

    assert state.key_reads == 2


def test_keys_are_not_read_again_for_each_forged_token(
    state: IdentityProvider, provider: Provider
) -> None:
    signed_in(provider)
    state.signs_with = new_key("nobody-knows")

    with pytest.raises(UnknownKey):
        signed_in(provider)

    assert state.key_reads == 1


def test_a_token_of_somebody_elses_key_under_a_known_name_is_refused(
    state: IdentityProvider, provider: Provider
) -> None:
    state.signs_with = new_key("k1")

    with pytest.raises(BadSignature):
        signed_in(provider)


def test_user_information_that_is_not_signed_is_refused(
    state: IdentityProvider, provider: Provider
) -> None:
    state.signs_info = False

    with pytest.raises(BadSignature, match="does not sign"):
        signed_in(provider)


ID_LIES: list[tuple[str, dict[str, object], type[EcluseError]]] = [
    ("another nonce", {"nonce": "that-of-another-attempt"}, Replayed),
    ("another audience", {"aud": "another-site"}, OutOfScope),
    ("several audiences", {"aud": [CLIENT_ID, "another-site"]}, OutOfScope),
    ("given to another site", {"azp": "another-site"}, OutOfScope),
    ("another provider", {"iss": "https://other.example"}, OutOfScope),
    ("too old", {"exp": 1_700_000_000}, Expired),
    ("from tomorrow", {"iat": 4_000_000_000}, BadSignature),
    ("no level", {"acr": None}, Malformed),
    ("too weak", {"acr": "eidas0"}, NotAllowed),
    ("of somebody else", {"sub": "somebody-else"}, OutOfScope),
]


@pytest.mark.parametrize(
    ("lie", "refused"), [pytest.param(lie, why, id=name) for name, lie, why in ID_LIES]
)
def test_an_identity_token_that_lies_is_refused(
    state: IdentityProvider,
    provider: Provider,
    lie: dict[str, object],
    refused: type[EcluseError],
) -> None:
    state.id_lie = lambda claims: _without_none({**claims, **lie})

    with pytest.raises(refused):
        signed_in(provider)


def _without_none(claims: Claims) -> Claims:
    return {name: value for name, value in claims.items() if value is not None}


@pytest.mark.parametrize(
    ("lie", "refused"),
    [
        pytest.param({"aud": "another-site"}, OutOfScope, id="another audience"),
        pytest.param({"sub": "somebody-else"}, OutOfScope, id="somebody else"),
        pytest.param({"gender": ""}, Malformed, id="no sex"),
        pytest.param({"birthdate": "1934"}, Malformed, id="no day of birth"),
    ],
)
def test_user_information_that_lies_is_refused(
    state: IdentityProvider,
    provider: Provider,
    lie: Claims,
    refused: type[EcluseError],
) -> None:
    state.info_lie = lambda claims: {**claims, **lie}

    with pytest.raises(refused):
        signed_in(provider)


UNSIGNED: dict[str, Callable[[Claims], str]] = {
    "no signature": lambda claims: jwt.encode(claims, "", algorithm="none"),
    "the public key as a shared secret": lambda claims: jwt.encode(
        claims, "k1-as-a-secret-of-thirty-two-bytes", algorithm="HS256", headers={"kid": "k1"}
    ),
    "no token": lambda _claims: "not.a.token",
}


@pytest.mark.parametrize("forged", UNSIGNED.values(), ids=UNSIGNED)
def test_a_token_signed_in_another_way_is_refused(
    state: IdentityProvider, provider: Provider, forged: Callable[[Claims], str]
) -> None:
    state.forged = forged

    with pytest.raises((BadSignature, Malformed)):
        signed_in(provider)


def test_an_answer_with_another_state_is_refused_before_its_code_is_used(
    state: IdentityProvider, provider: Provider
) -> None:
    attempt, address = provider.begin()
    brought = returned(address)

    with pytest.raises(Replayed, match="state"):
        provider.finish(attempt, state="another", code=brought["code"])

    assert brought["code"] in state.codes


def test_a_code_serves_once(provider: Provider) -> None:
    attempt, address = provider.begin()
    brought = returned(address)
    provider.finish(attempt, **brought)

    with pytest.raises(Unreachable, match="400"):
        provider.finish(attempt, **brought)


def test_a_stolen_code_is_worth_nothing_without_the_proof_of_who_began(
    provider: Provider,
) -> None:
    attempt, address = provider.begin()
    brought = returned(address)
    thief = Attempt(attempt.state, attempt.nonce, "a-verifier-that-was-guessed")

    with pytest.raises(Unreachable, match="400"):
        provider.finish(thief, **brought)


def test_leaving_ends_the_session_at_the_provider_and_comes_back(
    state: IdentityProvider, provider: Provider
) -> None:
    found = signed_in(provider)

    back = httpx.get(provider.leave(found.id_token)).headers["Location"]

    assert state.ended == [found.id_token]
    assert back == "http://127.0.0.1:8000/identities/left/"


def test_a_provider_that_says_it_is_another_is_not_believed(
    state: IdentityProvider, provider: Provider
) -> None:
    known = provider.registration.issuer
    state.issuer = "http://127.0.0.1:1"

    with pytest.raises(OutOfScope, match="another one"):
        Provider(Registration(known, CLIENT_ID, "", "", "")).begin()


def test_a_provider_that_answers_too_much_is_not_read(
    state: IdentityProvider, provider: Provider
) -> None:
    state.person["family_name"] = "x" * MOST_BYTES

    with pytest.raises(Unreachable, match="too much"):
        signed_in(provider)


@pytest.mark.parametrize(
    "address", ["http://state.example", "file:///etc/passwd", "", "http://127.0.0.1.example"]
)
def test_a_provider_is_never_asked_in_clear_over_a_network(address: str) -> None:
    with pytest.raises(SetupIncomplete):
        check_address(address)
