"""Documents of others are read within bounds: no entity, no network, no depth without end."""

import pytest

from ecluse.domain.errors import EcluseError, InvalidInput, Malformed
from ecluse.portal.catalogue.rdf import reading
from ecluse.portal.catalogue.rdf.reading import read_graph

RDF = 'xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns:e="https://e.example/"'
ENTITIES = (
    '<?xml version="1.0"?><!DOCTYPE r [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;">]>'
    f'<rdf:RDF {RDF}><rdf:Description rdf:about="https://e.example/1"><e:x>&b;</e:x>'
    "</rdf:Description></rdf:RDF>"
)
OUTSIDE = ENTITIES.replace('"aaaaaaaaaa"', 'SYSTEM "file:///etc/hostname"')
CONTEXT = '{"@context": "http://127.0.0.1:1/context.jsonld", "@id": "https://e.example/1"}'
CONTEXT_IN_LIST = '{"@context": ["http://127.0.0.1:1/c"], "@id": "https://e.example/1"}'
IMPORT = '{"@context": {"@version": 1.1, "@import": "http://127.0.0.1:1/c"}, "@id": "urn:a"}'
DEEP_JSON = '{"https://e.example/p":' * 20_000 + '"1"' + "}" * 20_000
DEEP_TERMS = "<urn:a> <urn:b> " + "<<( <urn:a> <urn:b> " * 100_000 + "1" + " )>>" * 100_000 + " ."


@pytest.mark.parametrize(
    ("document", "media_type"),
    [
        pytest.param(ENTITIES, "application/rdf+xml", id="entities"),
        pytest.param(OUTSIDE, "application/rdf+xml", id="a file as an entity"),
        pytest.param(CONTEXT, "application/ld+json", id="a context elsewhere"),
        pytest.param(CONTEXT_IN_LIST, "application/ld+json", id="a context in a list"),
        pytest.param(IMPORT, "application/ld+json", id="an imported context"),
        pytest.param(DEEP_JSON, "application/ld+json", id="deep JSON"),
        pytest.param(DEEP_TERMS, "text/turtle", id="deep triple terms"),
        pytest.param("<a> <b> <c> .", "text/turtle", id="relative, without a base"),
        pytest.param("\x00\x01", "text/turtle", id="no text"),
        pytest.param("", "application/ld+json", id="nothing"),
        pytest.param("<r/>", "application/rdf+xml", id="no RDF"),
    ],
)
def test_a_document_that_asks_too_much_is_refused(document: str, media_type: str) -> None:
    with pytest.raises(Malformed):
        read_graph(document.encode(), media_type)


def test_entities_are_found_whatever_the_encoding() -> None:
    document = ENTITIES.replace('version="1.0"', 'version="1.0" encoding="utf-16"')

    with pytest.raises(Malformed, match="document type"):
        read_graph(document.encode("utf-16"), "application/rdf+xml")


def test_brackets_may_nest_without_end_in_turtle() -> None:
    document = "<urn:a> <urn:b> " + "[ <urn:b> " * 50_000 + "1 " + "]" * 50_000 + " ."

    assert len(read_graph(document.encode(), "text/turtle")) == 50_001


def test_a_document_is_not_read_beyond_its_bounds(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reading, "MAXIMUM_TRIPLES", 2)

    with pytest.raises(InvalidInput, match="2 triples"):
        read_graph(b"<urn:a> <urn:b> 1, 2, 3 .", "text/turtle")


def test_an_unknown_format_is_refused() -> None:
    with pytest.raises(EcluseError, match="text/html"):
        read_graph(b"<html>", "text/html")
