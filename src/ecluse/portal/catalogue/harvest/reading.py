"""All that a source says, page after page; one page that fails, and nothing was said."""

from collections.abc import Iterator
from typing import Final
from urllib.parse import urlencode

from ecluse.domain.errors import InvalidInput, Unreachable
from ecluse.portal.catalogue.harvest import ckan
from ecluse.portal.catalogue.harvest.fetching import Fetched, fetch, is_same_host
from ecluse.portal.catalogue.harvest.found import Found, in_graph, next_page
from ecluse.portal.catalogue.models import Source
from ecluse.portal.catalogue.rdf.reading import read_graph

PAGES: Final = 1000
JSON: Final = "application/json"
GUESSED: Final = ((b"<", "application/rdf+xml"), (b"{", "application/ld+json"), (b"[", JSON))
"""How a file that does not say its format begins; anything else is Turtle."""


def read_source(source: Source, data: bytes | None) -> tuple[Found, ...]:
    """Return all descriptions of a source.

    Raises Unreachable, NotAllowed, InvalidInput, Malformed: the source was not read whole.
    """
    if source.kind == Source.Kind.FILE or data is not None:
        if data is None:
            raise InvalidInput(f"The source {source.slug} is a file: give it.")
        return in_file(data, base=source.address or None)
    if source.kind == Source.Kind.CKAN:
        return tuple(_packages(source.address))
    if source.kind == Source.Kind.DCAT:
        return tuple(_pages(source.address))
    raise InvalidInput(f"The source {source.slug} sends its descriptions: it is not harvested.")


def in_file(data: bytes, *, base: str | None = None) -> tuple[Found, ...]:
    """Return the descriptions of a file of RDF, or of CKAN packages."""
    return _in(Fetched(data, _guessed(data), base or ""))


def _in(document: Fetched) -> tuple[Found, ...]:
    if document.media_type == JSON and b'"@' not in document.data:
        packages, _ = ckan.packages_in(document.data)
        return ckan.in_packages(packages)
    kind = "application/ld+json" if document.media_type == JSON else document.media_type
    return in_graph(read_graph(document.data, kind, base=document.url or None))


def _guessed(data: bytes) -> str:
    start = data.lstrip(b"\xef\xbb\xbf \t\r\n")
    for sign, media_type in GUESSED:
        if start.startswith(sign) and not start.startswith((b"<http", b"<urn", b"<#")):
            return JSON if media_type != "application/rdf+xml" else media_type
    return "text/turtle"


def _pages(address: str) -> Iterator[Found]:
    """Yield what a DCAT catalogue says, following the pages that Hydra names on the same host."""
    seen: set[str] = set()
    page: str | None = address
    while page is not None:
        if page in seen or len(seen) >= PAGES:
            raise Unreachable(f"The pages of the source go round, or are over {PAGES}.")
        seen.add(page)
        document = fetch(page)
        kind = "application/ld+json" if document.media_type == JSON else document.media_type
        graph = read_graph(document.data, kind, base=document.url)
        yield from in_graph(graph)
        page = next_page(graph)
        if page is not None and not is_same_host(page, address):
            raise Unreachable("The next page of the source is on another host: it is not followed.")


def _packages(address: str) -> Iterator[Found]:
    """Yield what a CKAN site says, a hundred packages at a time."""
    for number in range(PAGES):
        query = urlencode({"rows": ckan.PAGE, "start": number * ckan.PAGE})
        answer = fetch(f"{address.rstrip('/')}/api/3/action/package_search?{query}")
        packages, total = ckan.packages_in(answer.data)
        yield from ckan.in_packages(packages)
        if not packages or (number + 1) * ckan.PAGE >= (total or 0):
            return
    raise Unreachable(f"The source has over {PAGES * ckan.PAGE} packages: harvest it in parts.")
