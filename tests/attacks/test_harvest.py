"""Documents and servers made to harm a harvest: spoiled files, other networks, endless answers.

ECLUSE_FUZZ_FILES says how many spoiled files are drawn.
"""

import os
import random
import socket
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from pytest_django import Settings

from ecluse.domain.errors import EcluseError, NotAllowed, Unreachable
from ecluse.portal.catalogue.harvest import actions, fetching
from ecluse.portal.catalogue.harvest.found import Found, in_document
from ecluse.portal.catalogue.harvest.reading import in_file
from ecluse.portal.catalogue.models import Dataset, HarvestRun, Source
from tests.sites import Signers
from tests.unit.portal.catalogue.rdf_documents import BOTH, HEART
from tests.unit.portal.catalogue.test_harvest import NOW
from tests.unit.portal.catalogue.test_resources import WHOLE

FILES = int(os.environ.get("ECLUSE_FUZZ_FILES", "6000"))
RDF_XML = b"""<?xml version="1.0"?><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"
 xmlns:dcat="http://www.w3.org/ns/dcat#" xmlns:dct="http://purl.org/dc/terms/">
<dcat:Dataset rdf:about="https://source.example/heart"><dct:identifier>HEART-1</dct:identifier>
<dct:title xml:lang="fr">Registre</dct:title></dcat:Dataset></rdf:RDF>"""
JSON_LD = b"""{"@context": {"dcat": "http://www.w3.org/ns/dcat#", "dct": "http://purl.org/dc/terms/"},
"@id": "https://source.example/heart", "@type": "dcat:Dataset", "dct:identifier": "HEART-1",
"dct:title": {"@value": "Registre", "@language": "fr"}}"""
CKAN = b"""[{"id": "1", "title": "Registre", "notes": "Infarctus", "tags": [{"name": "coeur",
"display_name": "coeur"}], "temporal_coverage": [{"start": "2020-01-01", "end": "2021-01-01"}],
"extras": [{"key": "spatial_uri", "value": "https://source.example/fr"}]}]"""
SEEDS = (
    (BOTH.encode(), "text/turtle"),
    (WHOLE.encode(), "text/turtle"),
    (RDF_XML, "application/rdf+xml"),
    (JSON_LD, "application/ld+json"),
    (CKAN, "application/json"),
)
GRAFTS = (
    b'<!DOCTYPE r [<!ENTITY a SYSTEM "http://127.0.0.1:1/x">]>',
    b'<!DOCTYPE r [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;&a;">]>',
    b"&b;",
    b'<xi:include href="http://127.0.0.1:1/x"/>',
    b'"@context": "http://127.0.0.1:1/context",',
    b'"@import": "http://127.0.0.1:1/context",',
    b"@import <http://127.0.0.1:1/x> .",
    b"<http://www.w3.org/2002/07/owl#imports> <http://127.0.0.1:1/x> ;",
    b"[" * 400,
    b"{" * 400,
    b'{"a":' * 400,
    b"<<( " * 200,
    b"\x00",
    b"\xff\xfe",
    b"\xed\xa0\x80",
    "\N{RIGHT-TO-LEFT OVERRIDE}".encode(),
    b'"' * 3,
    b"9" * 400,
    b'"1"^^<http://www.w3.org/2001/XMLSchema#nonNegativeInteger>',
    b"_:b dct:creator _:b .",
)


def spoil(data: bytes, draw: random.Random) -> bytes:
    """Change a document somewhere: cut, double, swap, graft, or write noise over it."""
    for _ in range(draw.randint(1, 3)):
        start = draw.randint(0, len(data))
        end = start + draw.choice((0, 1, 5, 40, len(data)))
        graft = draw.choice(GRAFTS)
        noise = draw.randbytes(draw.randint(1, 8))
        data = draw.choice(
            (
                data[:start] + data[end:],
                data[:end] + data[start:],
                data[:start] + graft + data[start:],
                data[:start] + graft + data[end:],
                data[:start] + noise + data[start + len(noise) :],
                data[:start],
            )
        )
    return data


@pytest.fixture
def no_network(monkeypatch: pytest.MonkeyPatch) -> None:
    """A machine where whoever opens a socket or looks a name up is found out."""

    def found_out(*_arguments: object, **_options: object) -> None:
        raise AssertionError("a document made the harvester use the network")

    monkeypatch.setattr(socket.socket, "connect", found_out)
    monkeypatch.setattr(socket, "getaddrinfo", found_out)


def outcome(data: bytes, media_type: str) -> tuple[Found, ...] | EcluseError:
    """What a reader makes of a document: descriptions, or a refusal that says why."""
    try:
        return in_file(data) if media_type == "application/json" else in_document(data, media_type)
    except EcluseError as error:
        return error


@pytest.mark.parametrize("seed", range(10))
def test_spoiled_files_are_read_or_refused_and_nothing_else(no_network: None, seed: int) -> None:
    draw = random.Random(seed)  # noqa: S311 - drawn again at will
    drawn = [(spoil(data, draw), kind) for data, kind in draw.choices(SEEDS, k=FILES // 10)]

    outcomes = [outcome(data, kind) for data, kind in drawn]

    assert len(outcomes) == FILES // 10
    assert all(isinstance(one, EcluseError | tuple) for one in outcomes)


def test_spoiled_files_never_spoil_the_catalogue(signers: Signers) -> None:
    source = actions.add_source("chu", name="CHU", kind=Source.Kind.FILE, by="set-up")[0]
    draw = random.Random(0)  # noqa: S311 - drawn again at will

    runs = [
        actions.harvest(source, now=NOW, data=spoil(data, draw))
        for data, _kind in draw.choices(SEEDS, k=60)
    ]

    assert {run.state for run in runs} == {"done", "failed"}
    assert all(run.reason for run in runs if run.state == HarvestRun.State.FAILED)
    assert source.runs.count() == 60


class Answers(BaseHTTPRequestHandler):
    """A server that answers each address in its own way."""

    def do_GET(self) -> None:
        here = f"http://127.0.0.1:{self.server.server_address[1]}"
        answers = {
            "/endless": lambda: self._say(200, chunks=2**40),
            "/round": lambda: self._say(302, location=f"{here}/round"),
            "/inside": lambda: self._say(302, location="http://169.254.169.254/latest/meta-data/"),
            "/file": lambda: self._say(302, location="file:///etc/hostname"),
            "/next-elsewhere": lambda: self._say(200, self._paged("http://169.254.169.254/2")),
            "/next-round": lambda: self._say(200, self._paged(f"{here}/next-round")),
            "/pages": lambda: self._say(200, self._paged(f"{here}/last")),
            "/last": lambda: self._say(200, BOTH.replace("HEART-1", "HEART-2")),
        }
        answers.get(self.path, lambda: self._say(500))()

    def _paged(self, next_page: str) -> str:
        return f"{HEART} <urn:view> <http://www.w3.org/ns/hydra/core#next> <{next_page}> ."

    def _say(self, status: int, body: str = "", *, location: str = "", chunks: int = 0) -> None:
        self.send_response(status)
        self.send_header("Content-Type", "text/turtle")
        if location:
            self.send_header("Location", location)
        self.end_headers()
        self.wfile.write(body.encode())
        try:
            for _ in range(chunks):
                self.wfile.write(b"# nothing\n" * 100_000)
        except OSError:
            self.close_connection = True

    def log_message(self, *_arguments: object) -> None:
        """Say nothing."""


@pytest.fixture
def site(settings: Settings) -> Iterator[str]:
    """The address of a hostile server, on a host that the site trusts by name."""
    settings.ECLUSE_HARVEST_HOSTS = frozenset({"127.0.0.1"})
    server = ThreadingHTTPServer(("127.0.0.1", 0), Answers)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()
    thread.join()


@pytest.fixture
def harvest(signers: Signers, site: str) -> Callable[[str], HarvestRun]:
    """A function that harvests an address of the hostile server."""

    def at(path: str) -> HarvestRun:
        source = Source.objects.create(
            slug=path, name=path, kind=Source.Kind.DCAT, address=f"{site}/{path}"
        )
        return actions.harvest(source, now=NOW)

    return at


@pytest.mark.parametrize(
    ("path", "reason"),
    [
        ("endless", "bytes"),
        ("round", "redirects"),
        ("inside", "https"),
        ("file", "https"),
        ("next-elsewhere", "another host"),
        ("next-round", "go round"),
        ("broken", "500"),
    ],
)
def test_a_hostile_server_gets_nothing_and_loses_nothing(
    harvest: Callable[[str], HarvestRun], path: str, reason: str
) -> None:
    run = harvest(path)

    assert run.state == "failed"
    assert reason in run.reason
    assert not Dataset.objects.exists()


def test_the_pages_of_a_source_are_followed_on_its_own_host(
    harvest: Callable[[str], HarvestRun],
) -> None:
    assert harvest("pages").counts == {"added": 3}


@pytest.mark.parametrize(
    "address",
    [
        "https://127.0.0.1/catalog.ttl",
        "https://localhost/catalog.ttl",
        "https://169.254.169.254/latest/",
        "https://[::1]/catalog.ttl",
        "https://10.0.0.1/catalog.ttl",
        "https://2130706433/catalog.ttl",
    ],
)
def test_no_address_inside_is_called(address: str) -> None:
    with pytest.raises(NotAllowed):
        fetching.fetch(address)


def test_a_server_that_is_not_there_says_so(settings: Settings) -> None:
    settings.ECLUSE_HARVEST_HOSTS = frozenset({"127.0.0.1"})

    with pytest.raises(Unreachable):
        fetching.fetch("http://127.0.0.1:1/catalog.ttl")
