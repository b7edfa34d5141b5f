"""Pseudonyms: one person, one pseudonym per project, made with the keys of two custodians."""

from ecluse.data.pseudonyms.labels import PERSON_PSEUDONYM, Label, identifier_columns, values_of
from ecluse.data.pseudonyms.projects import ProjectKeys, ProjectPseudonyms, PseudonymKeys
from ecluse.data.pseudonyms.versions import ProjectVersions

__all__ = [
    "PERSON_PSEUDONYM",
    "Label",
    "ProjectKeys",
    "ProjectPseudonyms",
    "ProjectVersions",
    "PseudonymKeys",
    "identifier_columns",
    "values_of",
]
