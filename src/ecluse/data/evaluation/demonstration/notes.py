"""A text model that is wrong: pneumonia in reports written from templates.

It counts words as if each were a proof of its own (naive Bayes), so its risks are far too extreme;
and it never read the abbreviations of one site, where it misses most cases. The texts are made up,
each from a template: no person is behind them.
"""

import re
from collections.abc import Sequence
from typing import Final

import numpy as np

from ecluse.data.evaluation.arrays import Bools, Floats
from ecluse.data.evaluation.demonstration.cases import Trial
from ecluse.data.evaluation.robustness import optical_noise, without_accents

TRAINED: Final = 3_000
TRIED: Final = 9_000
PREVALENCE: Final = 0.3
SITES: Final = ("A", "B", "C")
UNREAD_SITE: Final = "D"
WORD: Final = re.compile(r"[^\W\d_]+")
OPENINGS: Final = (
    "Patient adressé pour altération de l'état général",
    "Consultation aux urgences pour toux depuis cinq jours",
    "Hospitalisation pour surveillance",
    "Adressée par son médecin pour essoufflement",
    "Passage aux urgences après une chute à domicile",
)
SIGNS: Final = (
    ("fièvre à 38,7", 0.75, 0.30),
    ("toux productive", 0.65, 0.30),
    ("foyer de crépitants à la base droite", 0.70, 0.10),
    ("essoufflement au moindre effort", 0.55, 0.35),
    ("opacité systématisée à la radiographie", 0.60, 0.06),
    ("douleur thoracique à l'inspiration", 0.40, 0.20),
    ("œdèmes des membres inférieurs", 0.10, 0.30),
    ("tension artérielle conservée", 0.50, 0.55),
    ("antibiothérapie débutée", 0.70, 0.20),
)
"""A phrase, and how often it is written of a case and of another."""
CLOSINGS: Final = (
    "Retour à domicile.",
    "Transfert en médecine.",
    "Contrôle dans une semaine.",
    "Suivi par le médecin traitant.",
)
ABBREVIATIONS: Final = (
    ("fièvre", "T°"),
    ("toux productive", "TP+"),
    ("foyer de crépitants à la base droite", "FCBD"),
    ("essoufflement au moindre effort", "DE st3"),
    ("opacité systématisée à la radiographie", "RP: OS"),
    ("douleur thoracique à l'inspiration", "DT insp"),
    ("antibiothérapie débutée", "ATB J1"),
)
"""What the unread site writes instead."""
KINDS: Final = ("emergency", "ward", "imaging")
SHARE_READ_WRONG: Final = 0.08


def trial(*, tried: int = TRIED, seed: int = 11) -> Trial:
    """Return the model tried on notes of four sites, of which it learnt from three."""
    rng = np.random.default_rng(seed)
    taught, truth, _ = _notes(rng, TRAINED, SITES)
    weights = _learn(taught, truth)
    texts, outcomes, sites = _notes(rng, tried, (*SITES, UNREAD_SITE))
    noisy = [
        optical_noise(one, share=SHARE_READ_WRONG, seed=rank) for rank, one in enumerate(texts)
    ]
    return Trial(
        outcomes=outcomes,
        predictions=_read(texts, weights),
        groups={
            "sex": rng.choice(["men", "women"], tried),
            "age_band": rng.choice(["under 55", "55-69", "70 and over"], tried),
            "site": np.array(sites),
            "source": rng.choice(KINDS, tried),
            "period": rng.choice(["2023", "2024"], tried),
        },
        perturbed={
            "no-accents": _read([without_accents(one) for one in texts], weights),
            "optical-noise": _read(noisy, weights),
        },
        parameters=weights,
    )


def _notes(
    rng: np.random.Generator, count: int, sites: Sequence[str]
) -> tuple[list[str], Bools, list[str]]:
    """Return texts with whether each tells of a pneumonia, and where it was written."""
    truth = rng.random(count) < PREVALENCE
    places = [str(place) for place in rng.choice(list(sites), count)]
    texts = [_note(rng, place, is_case=bool(ill)) for ill, place in zip(truth, places, strict=True)]
    return texts, truth, places


def _note(rng: np.random.Generator, site: str, *, is_case: bool) -> str:
    said = [str(rng.choice(OPENINGS))]
    said += [
        phrase for phrase, of_case, of_other in SIGNS
        if rng.random() < (of_case if is_case else of_other)
    ]  # fmt: skip
    text = ", ".join(said) + ". " + str(rng.choice(CLOSINGS))
    if site == UNREAD_SITE:
        for long, short in ABBREVIATIONS:
            text = text.replace(long, short)
    return text


def _words(text: str) -> set[str]:
    return set(WORD.findall(text.lower()))


def _learn(texts: Sequence[str], truth: Bools) -> dict[str, float]:
    """Return what each word adds to the log-odds: naive Bayes, one added to every count."""
    seen: dict[str, list[int]] = {}
    for text, ill in zip(texts, truth, strict=True):
        for word in _words(text):
            seen.setdefault(word, [0, 0])[int(ill)] += 1
    cases, others = int(truth.sum()), int((~truth).sum())
    weights = {
        word: float(np.log((counts[1] + 1) / (cases + 2)) - np.log((counts[0] + 1) / (others + 2)))
        for word, counts in sorted(seen.items())
    }
    return {"": float(np.log(cases / others)), **weights}


def _read(texts: Sequence[str], weights: dict[str, float]) -> Floats:
    """Return risks as a run gives them: four decimals."""
    total = np.array([
        weights[""] + sum(weights.get(word, 0.0) for word in sorted(_words(text)))
        for text in texts
    ])  # fmt: skip
    return np.asarray(np.round(1.0 / (1.0 + np.exp(-total)), 4), np.float64)
