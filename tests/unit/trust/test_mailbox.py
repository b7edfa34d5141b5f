from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from ecluse.domain.errors import (
    BadSignature,
    EcluseError,
    Expired,
    InvalidInput,
    Malformed,
    NotAllowed,
    NotFound,
    OutOfScope,
    Refused,
    Replayed,
    Unreachable,
)
from ecluse.trust import canonical, documents
from ecluse.trust.mailbox import Delivery, FolderMailbox, HttpMailbox, Mailbox
from tests.unit.trust.build import AGENT, NOW, PORTAL, permit_document
from tests.unit.trust.site import Site, running

PERMIT = documents.sign(permit_document(), PORTAL)
CONTENT = b"analysis code\n" * 200_000
DIGEST = canonical.digest(CONTENT)
HEX = DIGEST.removeprefix("sha256:")


@pytest.fixture
def site() -> Iterator[Site]:
    with running() as site:
        yield site


@pytest.fixture
def pauses() -> list[float]:
    return []


@pytest.fixture
def mailbox(site: Site, pauses: list[float]) -> Iterator[HttpMailbox]:
    with HttpMailbox(site.url, AGENT, clock=lambda: NOW, pause=pauses.append) as mailbox:
        yield mailbox


def test_both_mailboxes_can_serve_the_agent(mailbox: HttpMailbox, tmp_path: Path) -> None:
    either: list[Mailbox] = [mailbox, FolderMailbox(tmp_path)]

    assert [list(box.pull(0)) for box in either] == [[], []]


# --- over HTTP ------------------------------------------------------------------------------------


def test_documents_are_pulled_in_order_after_the_last_one(mailbox: HttpMailbox, site: Site) -> None:
    site.documents = [{"sequence": 1, "data": "first"}, {"sequence": 7, "data": PERMIT.decode()}]

    assert mailbox.pull(1) == [Delivery(7, PERMIT)]


def test_a_document_that_is_not_utf_8_is_left_to_the_verifier(
    mailbox: HttpMailbox, site: Site
) -> None:
    site.documents = [{"sequence": 1, "data": "\ud800"}]

    assert mailbox.pull(0) == [Delivery(1, b"\xed\xa0\x80")]


@pytest.mark.parametrize(
    "listed",
    [
        [{"sequence": 2, "data": "b"}, {"sequence": 1, "data": "a"}],
        [{"sequence": 1, "data": "a"}, {"sequence": 1, "data": "a"}],
        [{"sequence": 1.5, "data": "a"}],
        [{"sequence": 1, "data": None}],
    ],
    ids=["order", "twice", "fraction", "no text"],
)
def test_a_site_that_numbers_wrongly_is_not_believed(
    mailbox: HttpMailbox, site: Site, listed: list[dict[str, object]]
) -> None:
    site.documents = listed

    with pytest.raises(Malformed):
        mailbox.pull(0)


def test_a_document_is_delivered(mailbox: HttpMailbox, site: Site) -> None:
    mailbox.deliver(PERMIT)

    assert site.received == [PERMIT]


def test_a_document_delivered_twice_is_a_replay(mailbox: HttpMailbox) -> None:
    mailbox.deliver(PERMIT)

    with pytest.raises(Replayed):
        mailbox.deliver(PERMIT)


def test_a_document_whose_answer_was_lost_counts_as_delivered(
    mailbox: HttpMailbox, site: Site
) -> None:
    site.failures = ["lose the answer"]
    mailbox.deliver(PERMIT)

    assert site.received == [PERMIT]


@pytest.mark.parametrize(
    ("code", "refusal"),
    [("expired", Expired), ("out-of-scope", OutOfScope), ("unheard-of", Malformed)],
)
def test_a_refusal_comes_back_as_the_error_of_its_code(
    mailbox: HttpMailbox, site: Site, code: str, refusal: type[Refused]
) -> None:
    site.refusal = (422, {"code": code, "reason": "because of the test"})

    with pytest.raises(refusal, match="because of the test"):
        mailbox.deliver(PERMIT)


@pytest.mark.parametrize(
    ("status", "error"),
    [(401, NotAllowed), (403, NotAllowed), (404, NotFound), (413, Malformed), (302, Malformed)],
)
def test_a_status_has_one_meaning(
    mailbox: HttpMailbox, site: Site, status: int, error: type[EcluseError]
) -> None:
    site.refusal = (status, {"reason": "because of the test"})

    with pytest.raises(error, match="because of the test"):
        mailbox.pull(0)


def test_every_request_bears_a_new_token(mailbox: HttpMailbox, site: Site) -> None:
    site.failures = [503]
    mailbox.pull(0)
    mailbox.pull(0)

    assert len(set(site.tokens)) == 2


def test_a_key_that_the_site_does_not_know_is_turned_away(site: Site) -> None:
    with (
        HttpMailbox(site.url, PORTAL, clock=lambda: NOW) as mailbox,
        pytest.raises(NotAllowed, match="not an agent"),
    ):
        mailbox.pull(0)


def test_clocks_that_differ_are_named(site: Site) -> None:
    with (
        HttpMailbox(site.url, AGENT, clock=lambda: NOW - timedelta(hours=1)) as mailbox,
        pytest.raises(NotAllowed, match="compare the clocks"),
    ):
        mailbox.pull(0)


def test_a_site_that_stumbles_is_asked_again_more_and_more_slowly(
    mailbox: HttpMailbox, site: Site, pauses: list[float]
) -> None:
    site.documents = [{"sequence": 1, "data": "first"}]
    site.failures = [500, "lose the answer", 503]

    assert mailbox.pull(0) == [Delivery(1, b"first")]
    assert pauses == [0.25, 0.5, 1.0]


def test_a_site_that_keeps_failing_is_given_up(
    mailbox: HttpMailbox, site: Site, pauses: list[float]
) -> None:
    site.failures = [500, 500, 500, 500]

    with pytest.raises(Unreachable, match="did not answer 4 times"):
        mailbox.pull(0)
    assert pauses == [0.25, 0.5, 1.0]


def test_a_site_that_is_switched_off_is_unreachable() -> None:
    with running() as site:
        url = site.url
    with (
        HttpMailbox(url, AGENT, clock=lambda: NOW, pause=lambda _: None) as mailbox,
        pytest.raises(Unreachable, match=url),
    ):
        mailbox.pull(0)


def test_a_page_that_is_no_mailbox_is_not_believed(mailbox: HttpMailbox, site: Site) -> None:
    site.refusal = (200, ["not an object"])

    with pytest.raises(Malformed, match="is it an Écluse site"):
        mailbox.pull(0)


def test_a_blob_is_fetched_whole(mailbox: HttpMailbox, site: Site, tmp_path: Path) -> None:
    site.blobs[HEX] = CONTENT
    mailbox.fetch_blob(DIGEST, tmp_path / "code.zip")

    assert (tmp_path / "code.zip").read_bytes() == CONTENT
    assert [path.name for path in tmp_path.iterdir()] == ["code.zip"]


def test_a_blob_cut_on_the_way_is_fetched_again(
    mailbox: HttpMailbox, site: Site, tmp_path: Path
) -> None:
    site.blobs[HEX] = CONTENT
    site.failures = ["cut the answer"]
    mailbox.fetch_blob(DIGEST, tmp_path / "code.zip")

    assert (tmp_path / "code.zip").read_bytes() == CONTENT


def test_an_altered_blob_leaves_what_was_there(
    mailbox: HttpMailbox, site: Site, tmp_path: Path
) -> None:
    target = tmp_path / "code.zip"
    target.write_bytes(b"former")
    site.blobs[HEX] = CONTENT[:-1] + b"X"

    with pytest.raises(BadSignature, match="fetch it again"):
        mailbox.fetch_blob(DIGEST, target)
    assert target.read_bytes() == b"former"
    assert [path.name for path in tmp_path.iterdir()] == ["code.zip"]


def test_a_blob_that_the_site_lacks_is_not_found(mailbox: HttpMailbox, tmp_path: Path) -> None:
    with pytest.raises(NotFound, match="no such file"):
        mailbox.fetch_blob(DIGEST, tmp_path / "code.zip")


def test_a_blob_is_stored_under_its_digest(
    mailbox: HttpMailbox, site: Site, tmp_path: Path
) -> None:
    path = tmp_path / "result.csv"
    path.write_bytes(CONTENT)
    site.failures = [503]

    assert mailbox.store_blob(path) == DIGEST
    assert site.blobs == {HEX: CONTENT}


@pytest.mark.parametrize("digest", ["", "sha256:..", f"sha256:{HEX}/../x", f"md5:{HEX}", HEX])
def test_a_blob_is_only_asked_by_its_digest(
    mailbox: HttpMailbox, tmp_path: Path, digest: str
) -> None:
    with pytest.raises(InvalidInput, match="not a digest"):
        mailbox.fetch_blob(digest, tmp_path / "target")
    with pytest.raises(InvalidInput, match="not a digest"):
        FolderMailbox(tmp_path).fetch_blob(digest, tmp_path / "target")


def test_checkpoints_are_exchanged(mailbox: HttpMailbox, site: Site) -> None:
    assert mailbox.exchange_checkpoint("our note\n") == "their note"
    assert site.shown == ["our note\n"]


# --- in a folder ----------------------------------------------------------------------------------


def test_a_folder_gives_its_documents_in_order(tmp_path: Path) -> None:
    mailbox = FolderMailbox(tmp_path)
    (tmp_path / "in" / "00000002-Permit.json").write_bytes(b"second")
    (tmp_path / "in" / "00000001-Permit.json").write_bytes(b"first")
    (tmp_path / "in" / "00000003-Permit.json.part").write_bytes(b"half")

    assert mailbox.pull(0) == [Delivery(1, b"first"), Delivery(2, b"second")]
    assert mailbox.pull(1) == [Delivery(2, b"second")]


def test_a_folder_receives_documents_by_number_and_kind(tmp_path: Path) -> None:
    mailbox = FolderMailbox(tmp_path)
    mailbox.deliver(PERMIT)
    mailbox.deliver(documents.sign(permit_document(), PORTAL))

    assert sorted(path.name for path in (tmp_path / "out").iterdir()) == [
        "00000001-Permit.json",
        "00000002-Permit.json",
    ]
    assert (tmp_path / "out" / "00000001-Permit.json").read_bytes() == PERMIT


def test_a_folder_refuses_the_same_document_twice(tmp_path: Path) -> None:
    mailbox = FolderMailbox(tmp_path)
    mailbox.deliver(PERMIT)

    with pytest.raises(Replayed):
        mailbox.deliver(PERMIT)


@pytest.mark.parametrize(
    "data", [b"{}", b'{"document":{"kind":"../x"}}', b'{"document":{}}', b"[]"], ids=range(4)
)
def test_a_folder_receives_nothing_but_documents(tmp_path: Path, data: bytes) -> None:
    with pytest.raises(Malformed):
        FolderMailbox(tmp_path).deliver(data)


def test_a_folder_carries_blobs(tmp_path: Path) -> None:
    mailbox = FolderMailbox(tmp_path / "mailbox")
    (tmp_path / "source").write_bytes(CONTENT)
    digest = mailbox.store_blob(tmp_path / "source")
    mailbox.fetch_blob(digest, tmp_path / "target")

    assert digest == DIGEST
    assert (tmp_path / "target").read_bytes() == CONTENT


def test_an_altered_blob_in_a_folder_is_refused(tmp_path: Path) -> None:
    mailbox = FolderMailbox(tmp_path / "mailbox")
    (tmp_path / "mailbox" / "blobs" / HEX).write_bytes(CONTENT + b"X")

    with pytest.raises(BadSignature):
        mailbox.fetch_blob(DIGEST, tmp_path / "target")
    assert not (tmp_path / "target").exists()


def test_a_blob_missing_from_a_folder_is_not_found(tmp_path: Path) -> None:
    with pytest.raises(NotFound, match="copy it into the mailbox"):
        FolderMailbox(tmp_path / "mailbox").fetch_blob(DIGEST, tmp_path / "target")


def test_checkpoints_are_exchanged_by_hand(tmp_path: Path) -> None:
    mailbox = FolderMailbox(tmp_path)

    with pytest.raises(Unreachable, match="copy the site's checkpoint"):
        mailbox.exchange_checkpoint("ours")
    (tmp_path / "in" / "checkpoint").write_text("theirs")
    assert mailbox.exchange_checkpoint("ours") == "theirs"
    assert (tmp_path / "out" / "checkpoint").read_text() == "ours"


def test_a_distant_site_is_reached_over_https_alone() -> None:
    with pytest.raises(InvalidInput, match="https"):
        HttpMailbox("http://hub.example", AGENT)

    with HttpMailbox("https://hub.example", AGENT) as mailbox:
        assert mailbox.url == "https://hub.example"
