"""What the twins can speak of: illnesses, tumours, drugs, laboratory tests, reasons for a stay."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any, Final, Literal

from ecluse.data.synthetic.twins.drafts import Gender, Term

Style = Literal["medical", "surgical", "tumour", "session", "day", "obstetric", "newborn"]
ICD10, ATC, LOINC, CCAM, ICDO3 = "ICD-10", "ATC", "LOINC", "CCAM", "ICD-O-3"
PREFIX: Final = 3


@dataclass(frozen=True, slots=True)
class Treatment:
    """Drugs of which an ill person takes one, and the share of the ill who do."""

    atc: tuple[str, ...]
    share: float


@dataclass(frozen=True, slots=True)
class Condition:
    """A lasting illness; `recorded`: share of stays in which the hospital codes it."""

    name: str
    code: str
    concept: int
    terms: tuple[Term, ...]
    drugs: tuple[Treatment, ...]
    recorded: float


@dataclass(frozen=True, slots=True)
class Tumour:
    """A cancer site; `chances` among men and among women, `stages` I to IV."""

    icd10: str
    topography: str
    subsites: tuple[str, ...]
    morphologies: tuple[tuple[str, float], ...]
    stages: tuple[float, ...]
    chances: tuple[float, float]
    terms: tuple[Term, ...]


@dataclass(frozen=True, slots=True)
class Drug:
    """A drug as hospitals write it."""

    atc: str
    concept: int
    names: tuple[str, ...]
    doses: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Laboratory:
    """A measurement: its unit, its mean among men and women, what multiplies it."""

    name: str
    loinc: str
    concept: int
    names: tuple[str, ...]
    unit: str
    decimals: int
    mean: tuple[float, float]
    cv: float
    low: float
    high: float
    factors: Mapping[str, float]
    most: float = float("inf")

    def written(self, value: float) -> str:
        """Return a value as French letters write it."""
        return f"{value:.{self.decimals}f}".replace(".", ",")


@dataclass(frozen=True, slots=True)
class Diagnosis:
    """A reason for a stay and how letters tell it; `acts`: CCAM code, words, gender.

    `told`: share of the stays about which a letter is written: not every session has one.
    """

    codes: tuple[str, ...]
    service: str
    style: Style
    terms: tuple[Term, ...]
    story: tuple[str, ...]
    exam: tuple[str, ...]
    course: tuple[str, ...]
    plan: tuple[str, ...]
    acts: tuple[tuple[str, str, Gender], ...] = ()
    image: str = ""
    laboratory: tuple[str, ...] = ()
    treatment: tuple[str, ...] = ()
    told: float = 1.0


@dataclass(frozen=True, slots=True)
class Lexicon:
    """Everything by name; `diagnoses` by ICD-10 prefix of three or four characters."""

    conditions: Mapping[str, Condition]
    tumours: tuple[Tumour, ...]
    drugs: Mapping[str, Drug]
    laboratory: Mapping[str, Laboratory]
    diagnoses: Mapping[str, Diagnosis]

    def diagnosis(self, code: str) -> Diagnosis | None:
        """Return the reason for a stay of this main diagnosis, None if letters cannot tell it."""
        return self.diagnoses.get(code[: PREFIX + 1]) or self.diagnoses.get(code[:PREFIX])


@cache
def lexicon() -> Lexicon:
    """Return what the twins can speak of."""
    data = read("lexicon")
    diagnoses = [
        Diagnosis(
            **{
                **{name: _frozen(value) for name, value in fields.items()},
                "terms": _terms(fields),
            }
        )
        for fields in read("diagnoses")["diagnoses"]
    ]
    return Lexicon(
        conditions={fields["name"]: _condition(fields) for fields in data["conditions"]},
        tumours=tuple(_tumour(fields) for fields in data["tumours"]),
        drugs={
            atc: Drug(atc, **{name: _frozen(value) for name, value in fields.items()})
            for atc, fields in data["drugs"].items()
        },
        laboratory={
            name: Laboratory(name, **{key: _frozen(value) for key, value in fields.items()})
            for name, fields in data["laboratory"].items()
        },
        diagnoses={code: diagnosis for diagnosis in diagnoses for code in diagnosis.codes},
    )


@cache
def read(name: str) -> Mapping[str, Any]:
    """Return one of the data files of the twins."""
    file = files("ecluse.data.synthetic.twins") / f"{name}.toml"
    return tomllib.loads(file.read_text(encoding="utf-8"))


def _condition(fields: Mapping[str, Any]) -> Condition:
    drugs = tuple(Treatment(tuple(atc), share) for atc, share in fields["drugs"])
    return Condition(**{**fields, "terms": _terms(fields), "drugs": drugs})


def _tumour(fields: Mapping[str, Any]) -> Tumour:
    frozen = {name: _frozen(value) for name, value in fields.items()}
    return Tumour(**{**frozen, "terms": _terms(fields)})


def _terms(fields: Mapping[str, Any]) -> tuple[Term, ...]:
    genders: dict[str, Gender] = {"m": "m", "f": "f"}
    return tuple(Term(text, genders[gender]) for text, gender in fields["terms"])


def _frozen(value: Any) -> Any:
    return tuple(_frozen(item) for item in value) if isinstance(value, list) else value
