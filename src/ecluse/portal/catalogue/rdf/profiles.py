"""Profiles as data: which property of RDF gives which member of a description.

A profile may extend another: what it does not say is as there. Files: `schemas/profiles`.
"""

import tomllib
import typing
from collections.abc import Hashable, Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any, Final

from rdflib import URIRef

from ecluse.domain import metadata
from ecluse.domain.errors import NotFound
from ecluse.domain.metadata import Node

R8: Final = "healthdcat-ap-r8"
LEGACY: Final = "hdh-legacy"
R5: Final = "healthdcat-ap-r5"
LEVELS: Final = ("public", "restricted", "non-public")
SIMPLE: Final = frozenset({"text", "integer", "boolean", "iri"})


@dataclass(frozen=True, slots=True)
class Member:
    """One property: the member it gives, its predicate, its kind, and the class of its values."""

    name: str
    predicate: URIRef
    kind: str
    class_: URIRef | None = None


@dataclass(frozen=True, slots=True)
class Shape:
    """A class of the model as RDF writes it."""

    name: str
    class_: URIRef | None
    members: tuple[Member, ...]

    @property
    def value(self) -> type[Node]:
        """The class of `domain.metadata` that it stands for."""
        found: type[Node] = getattr(metadata, self.name)
        return found

    @property
    def single(self) -> frozenset[str]:
        """The members that hold one value at most."""
        return _single(typing.cast(Hashable, self.value))


@dataclass(frozen=True, slots=True)
class Profile:
    """A profile: its classes by name, its prefixes, and where its rules are.

    `levels` gives the level of each access right, by IRI. `files` are the SHACL files by level,
    relative to the operator's folder; `lists` the vocabularies that are merged into the data.
    `structured_needs_variables`: the one rule that no shape can say (it has no path).
    """

    name: str
    title_fr: str
    title_en: str
    prefixes: Mapping[str, str]
    classes: Mapping[str, Shape]
    levels: Mapping[str, str]
    files: Mapping[str, tuple[str, ...]]
    lists: tuple[str, ...]
    structured_needs_variables: bool

    def short(self, iri: str) -> str:
        """Return an IRI with the prefix of its vocabulary, or as it is."""
        for prefix, namespace in self.prefixes.items():
            if iri.startswith(namespace):
                return f"{prefix}:{iri.removeprefix(namespace)}"
        return iri


@cache
def _single(value: Hashable) -> frozenset[str]:
    hints = typing.get_type_hints(value)
    return frozenset(name for name, hint in hints.items() if typing.get_origin(hint) is not tuple)


@cache
def profile(name: str) -> Profile:
    """Return a profile by name. Raises NotFound."""
    file = files("ecluse") / "schemas" / "profiles" / f"{name}.toml"
    if not name.replace("-", "").isalnum() or not file.is_file():
        raise NotFound(f"No profile is called {name!r}: use one of {', '.join(profiles())}.")
    return _built(_merged(name))


def profiles() -> tuple[str, ...]:
    """Return the names of the profiles, sorted."""
    folder = files("ecluse") / "schemas" / "profiles"
    return tuple(
        sorted(f.name.removesuffix(".toml") for f in folder.iterdir() if f.name.endswith(".toml"))
    )


def _merged(name: str) -> dict[str, Any]:
    file = files("ecluse") / "schemas" / "profiles" / f"{name}.toml"
    own = tomllib.loads(file.read_text(encoding="utf-8"))
    return _over(_merged(own.pop("extends")), own) if "extends" in own else own


def _over(under: dict[str, Any], own: dict[str, Any]) -> dict[str, Any]:
    """Return `own` over `under`, tables member by member."""
    return under | {
        key: _over(under[key], value)
        if isinstance(value, dict) and isinstance(under.get(key), dict)
        else value
        for key, value in own.items()
    }


def _built(given: dict[str, Any]) -> Profile:
    prefixes = given["prefixes"]
    shapes = dict(given["shapes"])
    lists, common = tuple(shapes.pop("lists")), tuple(shapes.pop("common"))
    return Profile(
        name=given["name"],
        title_fr=given["title_fr"],
        title_en=given["title_en"],
        prefixes=prefixes,
        classes={name: _shape(name, one, prefixes) for name, one in given["classes"].items()},
        levels=given["levels"],
        files={level: (*own, *common) for level, own in shapes.items()},
        lists=lists,
        structured_needs_variables=given["structured_needs_variables"],
    )


def _shape(name: str, given: dict[str, Any], prefixes: Mapping[str, str]) -> Shape:
    type_ = given.get("type")
    members = []
    for member, line in given["members"].items():
        predicate, kind, *own = line.split()
        class_ = _long(own[0], prefixes) if own else None
        members.append(Member(member, _long(predicate, prefixes), kind, class_))
    return Shape(name, _long(type_, prefixes) if type_ else None, tuple(members))


def _long(name: str, prefixes: Mapping[str, str]) -> URIRef:
    prefix, _, local = name.partition(":")
    return URIRef(prefixes[prefix] + local)
