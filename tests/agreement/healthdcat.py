"""Where the shapes, lists and examples of the standard are, beside the repository."""

from pathlib import Path

import pytest

from ecluse.portal.catalogue.harvest import ckan
from ecluse.portal.catalogue.harvest.found import Found, in_graph
from ecluse.portal.catalogue.models import HarvestRecord
from ecluse.portal.catalogue.rdf.reading import SUFFIXES, read_graph

SHARED = Path(__file__).parents[2].parent / "shared"
FOLDER = SHARED / "healthdcat"
EXAMPLES = FOLDER / "examples"
DCAT = SHARED / "access" / "dcat"
PRESENT = pytest.mark.skipif(
    not (FOLDER.is_dir() and DCAT.is_dir()), reason="the HealthDCAT-AP material is not here"
)
MISSING_PREFIX = b"@prefix geodcatap: <http://data.europa.eu/930/> .\n"
"""What two of the real files forgot to declare; the published counts were taken with it."""

PATHS = (
    "examples/r8/ARCA.ttl",
    "examples/real-de/FDZ-Gesundheit.ttl",
    "examples/real-de/RKI-sars-cov-2-infektionen.ttl",
    "examples/real-de/RKI-sars-cov-2-sequenzdaten.ttl",
    "examples/r5-synthetic/health-catalog.ttl",
    "examples/dcat-ap/bee-population-dataset-series.ttl",
    "examples/dcat-ap/ms_catalogue.ttl",
    "examples/dcat-ap/ms_dataset_2_identifiers.ttl",
    "examples/dcat-ap/ms_dataset_data_service.ttl",
    "../access/dcat/catalog.rdf",
    "../access/dcat/catalog_datasets_list.rdf",
    "../access/dcat/dataset_gov_de.rdf",
    "../access/dcat/ckan_health_dcat_ap.json",
)


def document(path: str) -> bytes:
    """The bytes of a file, with the prefix that two of them lack."""
    data = (FOLDER / path).read_bytes()
    return MISSING_PREFIX + data if "RKI" in path else data


def found_in(path: str) -> tuple[Found, ...]:
    """The descriptions of datasets of a file."""
    if path.endswith(".json"):
        return ckan.in_packages(ckan.packages_in(document(path))[0])
    found = in_graph(read_graph(document(path), SUFFIXES[Path(path).suffix]))
    return tuple(one for one in found if one.kind == HarvestRecord.Kind.DATASET)
