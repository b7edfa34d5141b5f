"""Attacks on the mailbox: stolen, altered and repeated tokens, forged documents, smuggled files."""

from datetime import UTC, datetime, timedelta

import jwt
import pytest
from django.test import Client

from ecluse.domain.documents import Signer
from ecluse.portal.audit import actions as audit
from ecluse.portal.audit import identity
from ecluse.portal.audit.models import JournalEntry, WitnessedCheckpoint
from ecluse.portal.catalogue.models import Snapshot
from ecluse.portal.mailbox import actions
from ecluse.portal.mailbox.models import IncomingDocument, OutgoingDocument
from ecluse.trust import canonical, keys, tokens
from ecluse.trust.documents import MAX_BYTES
from ecluse.trust.journal import checkpoints
from tests.sites import Agent, Signers
from tests.unit.domain.build import PERMIT
from tests.unit.portal.build import NOTICE

OUTPUT = b"patient,drug\n1,M01AH01\n"
DIGEST = canonical.digest(OUTPUT)


def ask(client: Client, token: str) -> int:
    """The status of a request with this token."""
    answer = client.get("/mailbox/documents", headers={"Authorization": f"Bearer {token}"})
    return answer.status_code


def claims(site_url: str, **changed: object) -> dict[str, object]:
    """The claims of a token that would be accepted, some of them changed."""
    now = int(datetime.now(UTC).timestamp())
    honest: dict[str, object] = {
        "iss": "agent:zone-1",
        "aud": site_url,
        "iat": now,
        "exp": now + 60,
        "jti": "7b0a9b1e",
    }
    return {**honest, **changed}


def test_the_agent_delivers_and_pulls(agent: Agent, signers: Signers) -> None:
    """The attack-free road, so that the refusals below mean something."""
    sent = actions.send(PERMIT, audience=("agent:zone-1",), by="paul@hub.example")

    delivered = agent.deliver(signers.sign(NOTICE, issuer=Signer.AGENT))
    pulled = agent.pull()

    assert (delivered.status_code, pulled.status_code) == (201, 200)
    assert pulled.json()["documents"] == [{"sequence": 1, "data": sent.data.decode()}]


@pytest.mark.parametrize(
    ("method", "address"),
    [
        ("get", "/mailbox/documents"),
        ("post", "/mailbox/documents"),
        ("get", "/mailbox/blobs/" + "a" * 64),
        ("put", "/mailbox/blobs/" + "a" * 64),
        ("post", "/mailbox/checkpoints"),
    ],
)
def test_nobody_enters_without_a_token(
    signers: Signers, client: Client, method: str, address: str
) -> None:
    answer = client.generic(method.upper(), address)

    assert answer.status_code == 401
    assert answer["WWW-Authenticate"] == "Bearer"
    assert answer.json()["code"] == "not-allowed"


def test_a_signed_in_person_has_no_more_right_than_a_visitor(
    account: object, client: Client
) -> None:
    client.force_login(account())  # type: ignore[operator]

    assert client.get("/mailbox/documents").status_code == 401


def test_a_token_works_once(agent: Agent, client: Client) -> None:
    header = agent.token()

    first = client.get("/mailbox/documents", headers=header)
    second = client.get("/mailbox/documents", headers=header)

    assert (first.status_code, second.status_code) == (200, 401)


@pytest.mark.parametrize("age", [timedelta(minutes=10), timedelta(minutes=-10)])
def test_a_token_of_another_time_is_refused(agent: Agent, client: Client, age: timedelta) -> None:
    header = agent.token(now=datetime.now(UTC) - age)

    assert client.get("/mailbox/documents", headers=header).status_code == 401


def test_a_token_for_the_other_site_is_refused(signers: Signers, client: Client) -> None:
    token = tokens.make_token(
        signers.agent, audience="http://127.0.0.1:8001", now=datetime.now(UTC)
    )

    assert ask(client, token) == 401


def test_a_token_signed_by_an_unknown_agent_is_refused(
    signers: Signers, client: Client, agent: Agent
) -> None:
    stranger = keys.draw_key(Signer.AGENT, now=datetime(2020, 1, 1, tzinfo=UTC))
    token = tokens.make_token(stranger, audience=agent.site_url, now=datetime.now(UTC))

    assert ask(client, token) == 401


def test_a_token_signed_by_another_signer_is_refused(
    signers: Signers, client: Client, agent: Agent
) -> None:
    token = tokens.make_token(signers.portal, audience=agent.site_url, now=datetime.now(UTC))

    assert ask(client, token) == 401


def test_a_token_of_another_agent_name_is_refused(
    signers: Signers, client: Client, agent: Agent
) -> None:
    token = tokens.make_token(
        signers.agent, audience=agent.site_url, now=datetime.now(UTC), agent="agent:zone-2"
    )

    assert ask(client, token) == 401


def test_a_token_without_signature_is_refused(
    signers: Signers, client: Client, agent: Agent
) -> None:
    token = jwt.encode(
        claims(agent.site_url), None, algorithm="none", headers={"kid": signers.agent.key_id}
    )

    assert ask(client, token) == 401


def test_a_token_signed_with_the_public_key_as_a_secret_is_refused(
    signers: Signers, client: Client, agent: Agent
) -> None:
    secret = signers.agent.public().raw()
    token = jwt.encode(
        claims(agent.site_url), secret, algorithm="HS256", headers={"kid": signers.agent.key_id}
    )

    assert ask(client, token) == 401


def test_a_token_that_lives_a_year_is_refused(
    signers: Signers, client: Client, agent: Agent
) -> None:
    year = int(datetime.now(UTC).timestamp()) + 365 * 86400
    token = jwt.encode(
        claims(agent.site_url, exp=year),
        signers.agent.private,
        algorithm="EdDSA",
        headers={"kid": signers.agent.key_id},
    )

    assert ask(client, token) == 401


def test_a_replayed_document_is_told_and_not_obeyed_again(agent: Agent, signers: Signers) -> None:
    data = signers.sign(NOTICE, issuer=Signer.AGENT)

    first, second = agent.deliver(data), agent.deliver(data)

    assert (first.status_code, second.status_code) == (201, 409)
    assert second.json()["code"] == "replayed"
    assert Snapshot.objects.count() == 1


def test_a_document_altered_by_one_byte_is_refused_and_journalled(
    agent: Agent, signers: Signers
) -> None:
    data = signers.sign(NOTICE, issuer=Signer.AGENT)

    answer = agent.deliver(data.replace(b'"person_count":20000', b'"person_count":20001'))

    assert (answer.status_code, answer.json()["code"]) == (422, "bad-signature")
    assert Snapshot.objects.count() == 0
    assert JournalEntry.objects.get().action == "document.refused"


def test_a_document_signed_by_the_wrong_side_is_refused(agent: Agent, signers: Signers) -> None:
    data = signers.sign(NOTICE, issuer=Signer.PORTAL)

    answer = agent.deliver(data)

    assert (answer.status_code, answer.json()["code"]) == (422, "wrong-signer")


def test_a_document_for_another_site_is_refused(agent: Agent, signers: Signers) -> None:
    data = signers.sign(NOTICE, issuer=Signer.AGENT, audience=("site:checking",))

    answer = agent.deliver(data)

    assert (answer.status_code, answer.json()["code"]) == (422, "out-of-scope")


@pytest.mark.parametrize(
    "garbage",
    [b"", b"{}", b"not json", b"\xff\xfe", b"[" * 100_000, b'{"document":{},"signature":"a..b"}'],
    ids=["empty", "object", "text", "bytes", "deep", "hollow"],
)
def test_garbage_is_refused_in_words(agent: Agent, signers: Signers, garbage: bytes) -> None:
    answer = agent.deliver(garbage)

    assert (answer.status_code, answer.json()["code"]) == (422, "malformed")


def test_a_body_beyond_the_limit_is_not_read_to_its_end(agent: Agent, signers: Signers) -> None:
    answer = agent.deliver(b" " * (MAX_BYTES + 10))

    assert (answer.status_code, answer.json()["code"]) == (422, "malformed")
    assert IncomingDocument.objects.count() == 0


def test_an_unreleased_output_cannot_be_put_on_the_public_site(
    agent: Agent, signers: Signers
) -> None:
    answer = agent.put(DIGEST, OUTPUT)

    assert (answer.status_code, answer.json()["code"]) == (422, "out-of-scope")
    assert list((identity.room() / "blobs").rglob("*")) == []


def test_a_file_outside_the_folder_cannot_be_named(agent: Agent, client: Client) -> None:
    answer = client.get("/mailbox/blobs/..%2F..%2Fkeys", headers=agent.token())

    assert answer.status_code == 404


@pytest.mark.parametrize("after", ["-1", "a", "1;DROP TABLE", "9" * 40, "١", "1e3"])
def test_a_number_that_is_none_is_refused(agent: Agent, client: Client, after: str) -> None:
    answer = client.get("/mailbox/documents", {"after": after}, headers=agent.token())

    assert (answer.status_code, answer.json()["code"]) == (422, "invalid-input")


def test_a_site_put_back_from_an_older_copy_sends_nothing_that_is_never_asked_for(
    agent: Agent, client: Client
) -> None:
    client.get("/mailbox/documents", {"after": "7"}, headers=agent.token())
    sent = actions.send(PERMIT, audience=("agent:zone-1",), by="paul@hub.example")

    pulled = client.get("/mailbox/documents", {"after": "7"}, headers=agent.token())

    told = [one["sequence"] for one in pulled.json()["documents"]]
    assert (sent.sequence, told) == (8, [8])
    assert JournalEntry.objects.filter(action="mailbox.numbers-lost").count() == 1


def test_a_number_far_beyond_what_was_ever_sent_is_refused(agent: Agent, client: Client) -> None:
    answer = client.get("/mailbox/documents", {"after": str(2**62)}, headers=agent.token())
    sent = actions.send(PERMIT, audience=("agent:zone-1",), by="paul@hub.example")

    assert (answer.status_code, sent.sequence) == (422, 1)


def test_the_agent_does_not_see_what_is_for_others(agent: Agent, signers: Signers) -> None:
    actions.send(PERMIT, audience=("site:checking",), by="paul@hub.example")

    assert agent.pull().json() == {"documents": []}
    assert OutgoingDocument.objects.count() == 1


def test_two_pasts_of_one_journal_are_kept_as_proof(agent: Agent, signers: Signers) -> None:
    one = checkpoints.sign_checkpoint("ecluse/zone", 3, b"\x01" * 32, signers.agent)
    other = checkpoints.sign_checkpoint("ecluse/zone", 3, b"\x02" * 32, signers.agent)
    send = "/mailbox/checkpoints"

    first = agent.client.post(
        send, {"checkpoint": one}, content_type="application/json", headers=agent.token()
    )
    second = agent.client.post(
        send, {"checkpoint": other}, content_type="application/json", headers=agent.token()
    )

    assert (first.status_code, second.status_code) == (200, 422)
    assert second.json()["code"] == "journal-broken"
    assert WitnessedCheckpoint.objects.count() == 2
    assert first.json()["checkpoint"] != audit.checkpoint()


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"[" * 8000,
        b"[]",
        b"null",
        b'{"checkpoint": 3}',
        b'{"checkpoint": "a\\nb"}',
        b'"\\ud800"',
    ],
)
def test_a_checkpoint_that_is_none_is_refused(agent: Agent, signers: Signers, body: bytes) -> None:
    answer = agent.client.post(
        "/mailbox/checkpoints", body, content_type="application/json", headers=agent.token()
    )

    assert answer.status_code == 422
    assert WitnessedCheckpoint.objects.count() == 0


def test_the_mailbox_needs_no_cookie_and_sets_none(agent: Agent, signers: Signers) -> None:
    assert not agent.pull().cookies
