"""Series of datasets and services of a source: kept, served in each format, found, exported."""

from datetime import UTC, datetime

import pytest
from django.test import Client
from rdflib import Graph, URIRef

from ecluse.portal.catalogue import upkeep
from ecluse.portal.catalogue.harvest import actions
from ecluse.portal.catalogue.models import Dataset, HarvestRecord, Resource, Source
from ecluse.portal.catalogue.rdf.reading import read_graph
from tests.sites import Signers
from tests.unit.portal.catalogue.rdf_documents import LUNG, PREFIXES

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
DCAT = "http://www.w3.org/ns/dcat#"
YEAR = f"""{PREFIXES}
ex:heart-2020 a dcat:Dataset ; dct:identifier "H-2020" ; dct:title "Registre du cœur, 2020"@fr ;
    dcat:inSeries ex:heart .
ex:heart-2021 a dcat:Dataset ; dct:identifier "H-2021" ; dct:title "Registre du cœur, 2021"@fr ;
    dcat:inSeries ex:heart ; dcat:prev ex:heart-2020 .
"""
SERIES = """
ex:heart a dcat:DatasetSeries ; dct:title "Registres annuels de cardiologie"@fr ;
    <http://data.europa.eu/r5r/applicableLegislation> <http://data.europa.eu/eli/reg/2025/327/oj> ;
    dct:description "Une édition par an"@fr ; dcat:last ex:heart-2021 .
"""
SERVICE = """
ex:api a dcat:DataService ; dct:identifier "API" ; dct:title "Interface des infarctus"@fr ;
    dcat:endpointURL <https://api.source.example/v1/> ; dcat:servesDataset ex:heart-2020 .
"""
WHOLE = YEAR + SERIES + SERVICE


@pytest.fixture
def source(signers: Signers) -> Source:
    """A source of files."""
    return actions.add_source("chu", name="CHU", kind=Source.Kind.FILE, by="set-up")[0]


@pytest.fixture
def harvested(source: Source) -> Source:
    """Two yearly datasets, their series and the service of the first."""
    run = actions.harvest(source, now=NOW, data=WHOLE.encode())
    assert run.counts == {"added": 4}
    return source


def address(kind: str) -> str:
    return f"/catalogue/{kind}/{Resource.objects.get(kind=kind).slug}"


def ours(title: str) -> URIRef:
    slug = Dataset.objects.get(title_fr=title).slug
    return URIRef(f"http://127.0.0.1:8000/catalogue/{slug}/")


def test_series_and_services_harvested_twice_are_not_doubled(harvested: Source) -> None:
    run = actions.harvest(harvested, now=NOW, data=WHOLE.encode())

    assert run.counts == {"unchanged": 4}
    assert Resource.objects.count() == 2


def test_a_series_shows_its_datasets_and_a_dataset_its_series_and_services(
    harvested: Source, client: Client
) -> None:
    series = client.get(f"{address('series')}/").content.decode()
    service = client.get(f"{address('services')}/").content.decode()
    slug = Dataset.objects.get(title_fr="Registre du cœur, 2020").slug
    dataset = client.get(f"/catalogue/{slug}/").content.decode()

    assert "Registre du cœur, 2020" in series
    assert "Registre du cœur, 2021" in series
    assert "https://api.source.example/v1/" in service
    assert "Registre du cœur, 2021" not in service
    assert "Registres annuels de cardiologie" in dataset
    assert "Interface des infarctus" in dataset


@pytest.mark.parametrize("kind", ["series", "services"])
def test_each_kind_has_a_list(harvested: Source, client: Client, kind: str) -> None:
    page = client.get(f"/catalogue/{kind}/").content.decode()

    assert address(kind) in page


@pytest.mark.parametrize(
    ("suffix", "media_type"),
    [
        (".ttl", "text/turtle"),
        (".jsonld", "application/ld+json"),
        (".rdf", "application/rdf+xml"),
        (".nt", "application/n-triples"),
    ],
)
def test_a_series_is_given_in_every_format_of_rdf_under_our_address(
    harvested: Source, client: Client, suffix: str, media_type: str
) -> None:
    here = URIRef(f"http://127.0.0.1:8000{address('series')}/")

    by_suffix = client.get(f"{address('series')}{suffix}")
    by_header = client.get(f"{address('series')}/", headers={"accept": media_type})

    graph = read_graph(by_suffix.content, media_type)
    assert by_suffix["Content-Type"] == by_header["Content-Type"] == media_type
    assert (here, URIRef(f"{DCAT}last"), ours("Registre du cœur, 2021")) in graph


def test_a_service_is_given_as_json_with_its_datasets(harvested: Source, client: Client) -> None:
    answer = client.get(f"{address('services')}.json").json()

    slug = Dataset.objects.get(title_fr="Registre du cœur, 2020").slug
    assert answer["datasets"] == [slug]
    assert answer["description"]["endpoints"] == ["https://api.source.example/v1/"]
    assert answer["description"]["serves"] == [f"http://127.0.0.1:8000/catalogue/{slug}/"]


def test_the_catalogue_lists_them_and_its_datasets_name_them_by_our_address(
    harvested: Source, client: Client
) -> None:
    graph = Graph().parse(data=client.get("/catalogue/catalogue.ttl").content, format="turtle")

    catalogue = URIRef("http://127.0.0.1:8000/catalogue/")
    series = URIRef(f"http://127.0.0.1:8000{address('series')}/")
    assert (catalogue, URIRef(f"{DCAT}resource"), series) in graph
    assert len(list(graph.objects(catalogue, URIRef(f"{DCAT}service")))) == 1
    assert set(graph.subjects(URIRef(f"{DCAT}inSeries"), series)) == {
        ours("Registre du cœur, 2020"),
        ours("Registre du cœur, 2021"),
    }
    previous = graph.value(ours("Registre du cœur, 2021"), URIRef(f"{DCAT}prev"))
    assert previous == ours("Registre du cœur, 2020")


def test_a_series_told_later_is_named_by_datasets_written_before(
    source: Source, client: Client
) -> None:
    actions.harvest(source, now=NOW, data=YEAR.encode())
    before = client.get("/catalogue/catalogue.nt").content.decode()

    actions.harvest(source, now=NOW, data=(YEAR + SERIES).encode())

    after = client.get("/catalogue/catalogue.nt").content.decode()
    assert "inSeries> <https://source.example/heart>" in before
    assert "inSeries> <https://source.example/heart>" not in after


@pytest.mark.parametrize(
    ("words", "title"),
    [
        ("cardiologie", "Registres annuels de cardiologie"),
        ("édition", "Registres annuels de cardiologie"),
        ("interface infarctus", "Interface des infarctus"),
    ],
)
def test_series_and_services_are_found_by_their_words(
    harvested: Source, client: Client, words: str, title: str
) -> None:
    page = client.get("/catalogue/", {"q": words}).content.decode()

    assert "Séries et services" in page
    assert title in page


def test_what_the_source_says_no_more_is_withdrawn(harvested: Source, client: Client) -> None:
    where = address("series")

    run = actions.harvest(harvested, now=NOW, data=(YEAR + SERVICE).encode())

    assert run.counts == {"unchanged": 3, "withdrawn": 1}
    assert client.get(f"{where}/").status_code == 404
    assert "cardiologie" not in client.get("/catalogue/series/").content.decode()


def test_what_lacks_what_the_standard_asks_is_shown_and_not_exported(
    source: Source, client: Client
) -> None:
    bare = f'{PREFIXES} ex:s a dcat:DatasetSeries ; dct:title "Série nue"@fr .'
    actions.harvest(
        source, now=NOW, data=f'{bare} ex:a a dcat:DataService ; dct:title "A" .'.encode()
    )

    text = client.get("/catalogue/catalogue.ttl").content.decode()

    assert "Série nue" not in text
    assert "dcat:service" not in text
    assert client.get(f"{address('series')}/").status_code == 200


def test_a_series_without_title_keeps_a_report(source: Source) -> None:
    document = f"{LUNG} ex:s a dcat:DatasetSeries ."

    run = actions.harvest(source, now=NOW, data=document.encode())

    rejected = source.records.get(state=HarvestRecord.State.REJECTED)
    assert run.counts == {"added": 1, "rejected": 1}
    assert rejected.kind == "series"
    assert "no dct:title" in rejected.report["reason"]


def test_a_dataset_and_a_series_may_have_one_identifier(source: Source) -> None:
    document = f'{LUNG} ex:s a dcat:DatasetSeries ; dct:identifier "LUNG-1" ; dct:title "Série" .'

    run = actions.harvest(source, now=NOW, data=document.encode())

    assert run.counts == {"added": 2}


def test_a_service_of_one_distribution_is_a_part_of_it(source: Source) -> None:
    document = f"""{PREFIXES} ex:x a dcat:Dataset ; dct:identifier "X" ; dct:title "X" ;
        dcat:distribution [ a dcat:Distribution ; dcat:accessService ex:api ] .
        ex:api a dcat:DataService ; dct:title "API" ."""

    actions.harvest(source, now=NOW, data=document.encode())

    assert Resource.objects.count() == 0


def test_questions_in_sparql_see_them(harvested: Source, client: Client) -> None:
    upkeep.keep_up(now=NOW)
    query = f"ASK {{ ?s a <{DCAT}DatasetSeries> . ?a a <{DCAT}DataService> }}"

    assert client.get("/catalogue/sparql", {"query": query}).json()["boolean"] is True
