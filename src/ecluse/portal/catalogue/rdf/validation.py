"""Whether a description obeys the shapes of a profile, finding by finding.

The shapes are those of their publisher, read from a folder of the operator (`ECLUSE_SHAPES`, see
docs/how-to/catalogue.md): two folders, `shapes` and `vocab`. They are read once. Imports that they
name are never followed. A result is one line of the report: the details under it are not counted.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Final

from pyshacl import validate as run_shacl
from rdflib import OWL, SH, BNode, Graph, URIRef
from rdflib.term import Node as Term

from ecluse.domain.errors import SetupIncomplete
from ecluse.portal.catalogue.rdf.profiles import LEVELS, Profile
from ecluse.portal.catalogue.rdf.reading import read_graph

HEALTH: Final = "http://healthdataportal.eu/ns/health#"
STRUCTURED: Final = URIRef(f"{HEALTH}hasStructuredData")
VARIABLES: Final = URIRef(f"{HEALTH}hasVariables")
ACCESS_RIGHTS: Final = URIRef("http://purl.org/dc/terms/accessRights")
STRICTEST: Final = LEVELS[-1]
COMPONENT: Final = "ConstraintComponent"
CACHED_SHAPES: Final = 8
VALUE_LENGTH: Final = 200


@dataclass(frozen=True, slots=True, order=True)
class Finding:
    """One result: how grave, of which property, under which kind of rule, on which thing.

    `severity` is `violation`, `warning` or `info`; `path` the short name of the property, empty for
    a rule on the thing itself; `rule` a SHACL constraint such as `MinCount`; `subject` an IRI, or
    empty for a thing without address; `value` the value that is refused, if there is one.
    """

    severity: str
    path: str
    rule: str
    subject: str = ""
    value: str = ""


@dataclass(frozen=True, slots=True)
class Verdict:
    """What the shapes say of a graph at one level of access."""

    profile: str
    level: str
    findings: tuple[Finding, ...]

    @property
    def conforms(self) -> bool:
        """Whether nothing was found, not even a warning, as SHACL has it."""
        return not self.findings

    @property
    def obeys(self) -> bool:
        """Whether no rule is broken; warnings, such as a publisher out of the EU list, may stay."""
        return all(one.severity != "violation" for one in self.findings)

    def counts(self) -> Mapping[tuple[str, str, str], int]:
        """Return how often each (severity, path, rule) was found."""
        return Counter((one.severity, one.path, one.rule) for one in self.findings)


def level_of(graph: Graph, profile: Profile) -> str:
    """Return the level that the access rights of a graph ask for; the strictest of several."""
    found = {
        profile.levels.get(str(right), STRICTEST) for right in graph.objects(None, ACCESS_RIGHTS)
    }
    return max(found, key=LEVELS.index) if found else STRICTEST


def validate(graph: Graph, profile: Profile, *, level: str, folder: Path) -> Verdict:
    """Judge a graph under a profile at a level: `public`, `restricted`, `non-public`.

    Raises:
        SetupIncomplete: the folder does not hold the shapes of the profile.
    """
    rules = _rules(folder, profile.files[level])
    merged = graph + _rules(folder, profile.lists)
    _, report, _ = run_shacl(
        merged, shacl_graph=rules, inference="none", advanced=False, do_owl_imports=False
    )
    assert isinstance(report, Graph)  # noqa: S101 - a text only where a format is asked for
    found = [_finding(report, one, profile) for one in report.objects(None, SH.result)]
    if profile.structured_needs_variables:
        found += _without_variables(graph, profile)
    return Verdict(profile.name, level, tuple(sorted(found)))


def _finding(report: Graph, result: Term, profile: Profile) -> Finding:
    severity = str(report.value(result, SH.resultSeverity) or "").rpartition("#")[2].lower()
    rule = str(report.value(result, SH.sourceConstraintComponent) or "").rpartition("#")[2]
    path, subject = report.value(result, SH.resultPath), report.value(result, SH.focusNode)
    return Finding(
        severity,
        profile.short(str(path)) if isinstance(path, URIRef) else "",
        rule.removesuffix(COMPONENT),
        str(subject) if isinstance(subject, URIRef) else "",
        _shown(report.value(result, SH.value)),
    )


def _shown(value: Term | None) -> str:
    return "" if value is None or isinstance(value, BNode) else str(value)[:VALUE_LENGTH]


def _without_variables(graph: Graph, profile: Profile) -> Iterator[Finding]:
    """Find structured datasets without variables: a rule that the shapes give without a path."""
    for dataset, is_structured in graph.subject_objects(STRUCTURED):
        is_true = str(is_structured).lower() in {"true", "1"}
        if is_true and (dataset, VARIABLES, None) not in graph:
            address = str(dataset) if isinstance(dataset, URIRef) else ""
            yield Finding("violation", profile.short(str(VARIABLES)), "Structured", address)


def _rules(folder: Path, names: tuple[str, ...]) -> Graph:
    """Return files of the operator as one graph, read once."""
    missing = [name for name in names if not (folder / name).is_file()]
    if missing:
        raise SetupIncomplete(
            f"{folder} does not hold {missing[0]}: get the shapes of the profile from their "
            "publisher and name their folder in ECLUSE_SHAPES."
        )
    return _read(folder, names)


@lru_cache(maxsize=CACHED_SHAPES)
def _read(folder: Path, names: tuple[str, ...]) -> Graph:
    graph = Graph()
    for name in names:
        graph += read_graph((folder / name).read_bytes(), "text/turtle", base=f"urn:shapes:{name}")
    graph.remove((None, OWL.imports, None))
    _drop_pathless(graph, list(graph.subject_objects(SH.property)))
    return graph


def _drop_pathless(graph: Graph, properties: Iterable[tuple[Term, Term]]) -> None:
    """Take out property shapes that have no path, which no engine accepts."""
    for shape, rule in properties:
        if (rule, SH.path, None) not in graph:
            graph.remove((shape, SH.property, rule))
            graph.remove((rule, None, None))
