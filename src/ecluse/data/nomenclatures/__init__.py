"""Nomenclatures: code lists with their days of validity, and code lists checked against them."""

from ecluse.data.nomenclatures.checking import CodeCheck, Suggestion, check
from ecluse.data.nomenclatures.cohorts import SourceCheck, check_cohort
from ecluse.data.nomenclatures.loading import load
from ecluse.data.nomenclatures.versions import Nomenclature, Nomenclatures, Version

__all__ = [
    "CodeCheck",
    "Nomenclature",
    "Nomenclatures",
    "SourceCheck",
    "Suggestion",
    "Version",
    "check",
    "check_cohort",
    "load",
]
