"""What an adversary guesses of a model of texts: who taught it, and what it repeats.

A classifier of which only the answers are had is attacked with models of our own: words hashed into
cells, a regression taught on halves drawn at random. A model that scores or writes texts is tried
with canaries: sequences drawn at random, put into what teaches it, looked for afterwards.

Sources: Carlini et al., IEEE S&P 2022 (LiRA); Weinberger et al., ICML 2009 (hashed words); Carlini
et al., The Secret Sharer, USENIX Security 2019 (canaries, exposure).
"""

import csv
import itertools
import re
import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any, Final

import numpy as np
from scipy import sparse
from scipy.special import expit

from ecluse.data.evaluation import arrays, proportions
from ecluse.data.evaluation.arrays import Bools, Floats, Values
from ecluse.data.evaluation.intervals import Estimate
from ecluse.data.evaluation.privacy import attacks
from ecluse.data.evaluation.running.tables import read_table
from ecluse.domain.disclosure.model_trials import Limit, Tried
from ecluse.domain.errors import InvalidInput
from ecluse.domain.evaluations.analysis import Attack

CELLS: Final = 1 << 15
WORD: Final = re.compile(r"[^\W_]+")
PAIRS: Final = 8
STEPS: Final = 60
RATE: Final = 4.0
LEAST_CANARIES: Final = 10
LEAST_REFERENCES: Final = 100
DIGITS: Final = 9
PLACE: Final = "{}"
SENTENCE: Final = f"Le numéro est {PLACE}."
TAUGHT: Final = "taught"
SCORE: Final = "score"
LIKELIEST: Final = 0.01
"""The share of sequences never taught among which a canary counts as found: by chance, as rare."""


def lira(
    target: Values, texts: Sequence[str], outcomes: Values, is_member: Values, *, seed: int
) -> attacks.Lira:
    """Return what the likelihood ratio recognises of those who taught a classifier of texts.

    `target` is the confidence of the model in the outcome of each text. Raises InvalidInput.
    """
    truth = arrays.both_classes(outcomes)
    words = hashed(texts)
    draw, shadows, halves = np.random.default_rng(seed), [], []
    for _ in range(PAIRS):
        half = np.zeros(len(texts), bool)
        half[draw.permutation(len(texts))[: len(texts) // 2]] = True
        for taught in (half, ~half):
            shadows.append(attacks.confidence(_taught(words, truth, taught), truth))
            halves.append(taught)
    return attacks.lira(target, is_member, np.array(shadows), np.array(halves))


def hashed(texts: Sequence[str]) -> Any:
    """Return texts x cells: words and pairs of words, hashed, each text of length 1."""
    rows, columns = [], []
    for row, text in enumerate(texts):
        words = WORD.findall(text.lower())
        pairs = [" ".join(pair) for pair in itertools.pairwise(words)]
        found = {zlib.crc32(word.encode()) % CELLS for word in (*words, *pairs)}
        rows += [row] * len(found)
        columns += sorted(found)
    ones = np.ones(len(rows))
    table = sparse.csr_matrix((ones, (rows, columns)), shape=(len(texts), CELLS))
    sizes = np.sqrt(np.maximum(np.asarray(table.sum(axis=1)).ravel(), 1.0))
    return (sparse.diags(1.0 / sizes) @ table).tocsr()


def _taught(words: Any, truth: Bools, rows: Bools) -> Floats:
    """Return the risks that a regression gives to all texts, taught on some: no penalty holds it.

    It is meant to remember: what it remembers of a text is what the ratio compares with.
    """
    known, wanted = words[np.flatnonzero(rows)], truth[rows].astype(np.float64)
    weights, start = np.zeros(words.shape[1]), float(np.log(wanted.mean() / (1 - wanted.mean())))
    for _ in range(STEPS):
        gaps = wanted - expit(start + known @ weights)
        weights += RATE * np.asarray(known.T @ gaps)
        weights = np.clip(weights, -50.0, 50.0)
    return np.asarray(expit(start + words @ weights))


def draw_canaries(count: int, *, seed: int, sentence: str = SENTENCE) -> list[str]:
    """Return sentences that hold a secret each: nine digits drawn at random, no person behind.

    Some of what is drawn is to teach the model, the rest is never shown to it. Raises InvalidInput:
    the sentence has no place for the secret, or two.
    """
    if sentence.count(PLACE) != 1:
        raise InvalidInput(f"A sentence has one {PLACE} where the secret goes: {sentence[:80]!r}.")
    draw = np.random.default_rng(seed)
    digits = draw.integers(0, 10, (count, DIGITS))
    return [sentence.replace(PLACE, "".join(str(one) for one in row)) for row in digits]


def write_canaries(into: Path, drawn: Sequence[str], *, taught: int) -> None:
    """Write sentences as CSV, the first `taught` of them marked as to be taught.

    Raises InvalidInput: too few to judge a model by.
    """
    _check_sizes(taught, len(drawn) - taught)
    with into.open("w", encoding="utf-8", newline="") as sink:
        writer = csv.writer(sink)
        writer.writerow(("text", TAUGHT))
        writer.writerows((text, int(rank < taught)) for rank, text in enumerate(drawn))


def read_canaries(path: Path) -> Tried:
    """Return what a model comes to by the scores that it gave to canaries, judged.

    The table is that of `write_canaries` with a column `score`: the log-likelihood by the model, or
    any number that is higher for what it would rather write. Raises InvalidInput.
    """
    table = read_table(path)
    absent = [name for name in (TAUGHT, SCORE) if name not in table.column_names]
    if absent:
        raise InvalidInput(
            f"{path.name} lacks the column {absent[0]}: add it to what `ecluse evaluate canaries` "
            "drew."
        )
    scores = arrays.numbers(table[SCORE].to_numpy())
    taught = arrays.numbers(table[TAUGHT].to_numpy()) > 0
    return judged(exposure(scores[taught], scores[~taught]))


LIMIT: Final = Limit(
    Attack.MEMBERSHIP,
    "canaries that taught the model among the likeliest 1 in 100 of sequences that did not",
    "0.05",
    "0.20",
    "Carlini et al., USENIX Security 2019 (the attack); this project: five and twenty times chance",
    is_proven=True,
)


@dataclass(frozen=True, slots=True)
class Exposed:
    """Canaries found among the likeliest sequences; the mean of their exposures, in bits.

    The exposure of a canary is log2 of the references over its rank among them; at chance its mean
    is about 1.44 bits, and a sequence learnt by heart has all the bits that references can show.
    """

    found: Estimate
    mean_bits: float
    most_bits: float


def exposure(canaries: Values, references: Values) -> Exposed:
    """Return what a model betrays of sequences that taught it.

    Both are log-likelihoods by the model, or any score that is higher for what it would rather
    write: of the canaries it was taught, and of sequences drawn alike that it never saw.

    Raises:
        InvalidInput: too few canaries, or too few references to rank them among.
    """
    taught, never = arrays.numbers(canaries), np.sort(arrays.numbers(references))
    _check_sizes(taught.size, never.size)
    # Ties go against the adversary: a model that scores all alike exposes nothing.
    above = never.size - np.searchsorted(never, taught, side="left")
    bits = np.log2((never.size + 1.0) / (above + 1.0))
    hits = int((above < max(1.0, LIKELIEST * never.size)).sum())
    interval = proportions.clopper_pearson(hits, taught.size)
    found = Estimate(hits / taught.size, interval)
    return Exposed(found, float(bits.mean()), float(bits.max()))


def _check_sizes(canaries: int, references: int) -> None:
    if canaries < LEAST_CANARIES or references < LEAST_REFERENCES:
        raise InvalidInput(
            f"{canaries} canaries and {references} references: {LEAST_CANARIES} and "
            f"{LEAST_REFERENCES} at least."
        )


def judged(found: Exposed) -> Tried:
    """Return the attack by canaries with its verdict: a sequence found is a member recognised."""
    value, low, high = attacks.interval_of(found.found)
    verdict = LIMIT.judge(Decimal(low))
    told = f"canaries: {LIMIT.measure}, {value} ({low} to {high}), at most {LIMIT.tolerated}"
    bits = f"; exposure {found.mean_bits:.1f} bits on average"
    return Tried(Attack.MEMBERSHIP, value, low, high, verdict, told + bits)
