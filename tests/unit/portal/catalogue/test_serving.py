"""The catalogue for programs: formats by address or by header, pages, feed, report, SPARQL."""

from datetime import UTC, datetime

import pytest
from django.test import Client
from pytest_django import Settings
from rdflib import Graph

from ecluse.domain.documents import Signer
from ecluse.portal.catalogue import actions, serving, sparql, upkeep
from ecluse.portal.catalogue.harvest import actions as harvests
from ecluse.portal.catalogue.models import Source
from ecluse.portal.catalogue.rdf.reading import read_graph
from ecluse.portal.mailbox.actions import receive
from tests.sites import Signers
from tests.unit.portal.build import CLAIMS, NOTICE
from tests.unit.portal.catalogue.rdf_documents import BOTH

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
OWN = "http://127.0.0.1:8000/catalogue/snds-synthetic/"
DATASETS = "SELECT ?d WHERE { ?d a <http://www.w3.org/ns/dcat#Dataset> }"


@pytest.fixture
def described(signers: Signers) -> None:
    """The synthetic claims, described by the hub and loaded."""
    actions.describe("snds-synthetic", CLAIMS, by="set-up", now=NOW)
    receive(signers.sign(NOTICE, issuer=Signer.AGENT, now=NOW), now=NOW)


@pytest.fixture
def harvested(described: None) -> None:
    """Two datasets of another catalogue beside."""
    source = harvests.add_source("chu", name="CHU", kind=Source.Kind.FILE, by="set-up")[0]
    harvests.harvest(source, now=NOW, data=BOTH.encode())


def subjects(data: bytes, media_type: str) -> set[str]:
    found = read_graph(data, media_type).query(DATASETS)
    return {str(row[0]) for row in found}  # type: ignore[index]


@pytest.mark.parametrize(
    ("accept", "media_type"),
    [
        ("text/turtle", "text/turtle"),
        ("application/ld+json", "application/ld+json"),
        ("application/rdf+xml", "application/rdf+xml"),
        ("application/rdf+xml;q=0.5, text/turtle;q=0.9", "text/turtle"),
        ("application/json", "application/json"),
        ("text/html,application/xhtml+xml,*/*;q=0.8", "text/html; charset=utf-8"),
        ("*/*", "text/html; charset=utf-8"),
        ("image/png", "text/html; charset=utf-8"),
    ],
)
def test_a_dataset_answers_in_the_format_asked_for(
    described: None, client: Client, accept: str, media_type: str
) -> None:
    answer = client.get("/catalogue/snds-synthetic/", headers={"accept": accept})

    assert (answer.status_code, answer["Content-Type"]) == (200, media_type)
    assert "Accept" in answer["Vary"]


@pytest.mark.parametrize(("suffix", "media_type"), list(serving.SUFFIXES.items()))
def test_each_format_holds_the_dataset_under_its_permanent_address(
    described: None, client: Client, suffix: str, media_type: str
) -> None:
    one = client.get(f"/catalogue/snds-synthetic.{suffix}").content
    all_ = client.get(f"/catalogue/catalogue.{suffix}").content

    assert subjects(one, media_type) == {OWN}
    assert subjects(all_, media_type) == {OWN}


@pytest.mark.parametrize(
    "address", ["/catalogue/catalogue.docx", "/catalogue/snds-synthetic.docx", "/catalogue/x.ttl"]
)
def test_an_unknown_format_or_dataset_is_not_found(
    described: None, client: Client, address: str
) -> None:
    assert client.get(address).status_code == 404


def test_the_snapshot_gives_variables_period_and_count(described: None, client: Client) -> None:
    text = client.get("/catalogue/snds-synthetic.ttl").content.decode()

    assert 'csvw:name "PHA_PRS_C13"' in text
    assert '"2021-01-01"^^xsd:date' in text
    assert '"20000"^^xsd:nonNegativeInteger' in text


def test_pages_lead_to_each_other(
    harvested: None, client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(serving, "PAGE_SIZE", 1)

    first = client.get("/catalogue/catalogue.ttl").content.decode()
    last = client.get("/catalogue/catalogue.ttl?page=3").content.decode()

    assert "hydra:next <http://127.0.0.1:8000/catalogue/catalogue.ttl?page=2>" in first
    assert "hydra:previous" not in first
    assert "hydra:previous <http://127.0.0.1:8000/catalogue/catalogue.ttl?page=2>" in last
    assert "hydra:next" not in last
    assert "hydra:totalItems 3" in last


def test_a_harvested_dataset_has_our_address_and_keeps_its_own_beside(
    harvested: None, client: Client
) -> None:
    text = client.get("/catalogue/catalogue.ttl").content.decode()

    assert "<https://source.example/heart> a dcat:Dataset" not in text
    assert '"https://source.example/heart"^^xsd:anyURI' in text


def test_the_hub_claims_nothing_for_the_datasets_of_others(harvested: None, client: Client) -> None:
    graph = Graph().parse(data=client.get("/catalogue/catalogue.ttl").content, format="turtle")
    found = graph.query("SELECT ?d WHERE { ?d <http://healthdataportal.eu/ns/health#hdab> ?b }")

    assert [str(row[0]) for row in found] == [OWN]  # type: ignore[index]


def test_the_hdh_profile_is_given_on_demand(described: None, client: Client) -> None:
    legacy = client.get("/catalogue/snds-synthetic.ttl", {"profile": "hdh-legacy"})
    unknown = client.get("/catalogue/snds-synthetic.ttl", {"profile": "../r8"})

    assert "foaf:homepage" in legacy.content.decode()
    assert (legacy.status_code, unknown.status_code) == (200, 404)


def test_the_feed_tells_the_last_changes(harvested: None, client: Client) -> None:
    answer = client.get("/catalogue/feed.atom")

    assert answer["Content-Type"].startswith("application/atom+xml")
    assert "Registre du cœur" in answer.content.decode()


def test_the_report_tells_the_elements_and_that_the_shapes_were_not_asked(
    described: None, client: Client
) -> None:
    page = client.get("/catalogue/snds-synthetic/report/").content.decode()

    assert "Pas encore vérifiée" in page
    assert "Organisme d’accès" in page


def test_a_new_snapshot_is_written_anew(described: None, client: Client, signers: Signers) -> None:
    client.get("/catalogue/snds-synthetic.ttl")

    fresh = type(NOTICE)(**{**vars(NOTICE), "snapshot": "later", "person_count": 21_000})
    receive(signers.sign(fresh, issuer=Signer.AGENT, now=NOW), now=NOW)

    text = client.get("/catalogue/snds-synthetic.ttl").content.decode()
    assert '"21000"^^xsd:nonNegativeInteger' in text


@pytest.fixture
def indexed(harvested: None, settings: Settings, tmp_path: object) -> None:
    """The graph of the catalogue, written."""
    settings.ECLUSE_HOME = tmp_path
    assert upkeep.keep_up(now=NOW) == {"judged": 0, "conforming": 0, "exported": 3}


def test_a_question_in_sparql_is_answered(indexed: None, client: Client) -> None:
    query = "SELECT (COUNT(?d) AS ?n) WHERE { ?d a <http://www.w3.org/ns/dcat#Dataset> }"

    asked = client.get("/catalogue/sparql", {"query": query}).json()
    posted = client.post(
        "/catalogue/sparql",
        query,
        content_type="application/sparql-query",
        headers={"accept": "text/csv"},
    )

    assert asked["results"]["bindings"][0]["n"]["value"] == "3"
    assert posted.content.decode().split() == ["n", "3"]


def test_a_question_may_ask_for_a_graph(indexed: None, client: Client) -> None:
    query = f"CONSTRUCT WHERE {{ <{OWN}> <http://purl.org/dc/terms/title> ?t }}"

    answer = client.get("/catalogue/sparql", {"query": query})

    assert answer["Content-Type"] == "text/turtle"
    assert "Claims of an invented country" in answer.content.decode()


@pytest.mark.parametrize(
    "query",
    [
        "INSERT DATA { <urn:a> <urn:b> 1 }",
        "LOAD <http://127.0.0.1:8000/>",
        "SELECT * WHERE { SERVICE <http://127.0.0.1:8000/> { ?s ?p ?o } }",
        "SELECT * WHERE { service silent <http://127.0.0.1:8000/> { ?s ?p ?o } }",
        "SELECT * WHERE { ?a ?b trueSERVICE<http://127.0.0.1:8000/>{ ?s ?p ?o } }",
        "SELECT * WHERE { ?s ?p ?o } #" + "x" * 20_000,
        "not sparql",
    ],
)
def test_a_question_that_writes_or_asks_elsewhere_is_refused(
    indexed: None, client: Client, query: str
) -> None:
    assert client.get("/catalogue/sparql", {"query": query}).status_code == 400


def test_a_question_may_name_a_service_of_data(indexed: None, client: Client) -> None:
    query = "PREFIX dcat: <http://www.w3.org/ns/dcat#> SELECT * WHERE { ?s dcat:accessService ?o }"

    assert client.get("/catalogue/sparql", {"query": query}).status_code == 200


def test_a_question_without_end_is_ended(
    indexed: None, client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sparql, "SECONDS", 1)
    query = "SELECT (COUNT(*) AS ?n) WHERE { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i . ?j ?k ?l }"

    answer = client.get("/catalogue/sparql", {"query": query})

    assert answer.status_code == 503
    assert "ask for less" in answer.content.decode()


def test_without_a_graph_the_page_says_so(
    described: None, client: Client, settings: Settings, tmp_path: object
) -> None:
    settings.ECLUSE_HOME = tmp_path

    assert client.get("/catalogue/sparql").status_code == 200
    assert client.get("/catalogue/sparql", {"query": "ASK {}"}).status_code == 503
