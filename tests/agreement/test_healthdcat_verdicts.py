"""The shapes say of every file what they said when they were published: the same counts."""

import csv
from collections import defaultdict
from collections.abc import Mapping

import pytest

from ecluse.portal.catalogue.rdf.profiles import R5, R8, profile
from ecluse.portal.catalogue.rdf.reading import read_graph
from ecluse.portal.catalogue.rdf.upgrades import upgrade
from ecluse.portal.catalogue.rdf.validation import validate
from tests.agreement.healthdcat import EXAMPLES, FOLDER, PRESENT, document

pytestmark = PRESENT
Counts = Mapping[tuple[str, str, str], int]
PROFILES = {"healthdcat-ap-r8 + dcat-ap-3.0.1": R8, "healthdcat-ap-r5": R5}
CASES = (
    ("examples/r8/ARCA.ttl", "public", R8),
    ("examples/real-de/FDZ-Gesundheit.ttl", "non-public", R8),
    ("examples/real-de/RKI-sars-cov-2-infektionen.ttl", "public", R8),
    ("examples/real-de/RKI-sars-cov-2-sequenzdaten.ttl", "public", R8),
    ("examples/r5-synthetic/health-catalog.ttl", "non-public", R5),
    ("examples/r5-synthetic/health-catalog.ttl", "non-public", R8),
)


@pytest.fixture(scope="module")
def published() -> Mapping[tuple[str, str, str], Counts]:
    """What the table of results says, by file, level and profile."""
    by_file: dict[tuple[str, str, str], dict[tuple[str, str, str], int]] = defaultdict(dict)
    with (EXAMPLES / "validation-baseline.csv").open(encoding="utf-8") as file:
        for line in csv.DictReader(file):
            key = (line["file"], line["level"], PROFILES[line["shapes"]])
            rule = (line["severity"].lower(), line["path"], line["constraint"])
            by_file[key] |= {rule: int(line["count"])} if line["severity"] else {}
    return by_file


def test_every_line_of_the_table_is_asked(
    published: Mapping[tuple[str, str, str], Counts],
) -> None:
    assert set(published) == set(CASES)


@pytest.mark.parametrize(("path", "level", "name"), CASES)
def test_the_verdict_is_the_published_one(
    published: Mapping[tuple[str, str, str], Counts], path: str, level: str, name: str
) -> None:
    graph = read_graph(document(path), "text/turtle")

    verdict = validate(graph, profile(name), level=level, folder=FOLDER)

    assert verdict.counts() == published[path, level, name]
    assert verdict.conforms == (not published[path, level, name])


def test_structured_data_without_variables_are_found_by_hand() -> None:
    text = document("examples/r8/ARCA.ttl").decode()
    graph = read_graph(
        text.replace("healthdcatap:hasVariables arca:variables-group ;", "").encode(),
        "text/turtle",
    )

    verdict = validate(graph, profile(R8), level="public", folder=FOLDER)

    assert [(one.path, one.rule) for one in verdict.findings] == [
        ("healthdcatap:hasVariables", "Structured")
    ]


def test_release_5_upgraded_leaves_only_what_its_holder_alone_can_say() -> None:
    graph = read_graph(document("examples/r5-synthetic/health-catalog.ttl"), "text/turtle")

    verdict = validate(upgrade(graph)[0], profile(R8), level="non-public", folder=FOLDER)

    # 2,161 before: lists of wikidata, of other standards, and of the catalogue itself remain.
    assert len(verdict.findings) == 1284
