"""R10: noise that depends on who is in a cell, so that the same persons get the same noise always.

Each person has a key of 64 bits, fixed for the dataset and drawn from its secret; the key of a cell
is the sum of those of its persons. Key and number of persons choose the noise in a table, which is
data: `schemas/disclosure/cell-keys-NAME.csv`. Asking again, elsewhere or under another name tells
nothing more; two cells that differ by one person get noises that have nothing to do with each
other. Source: Fraser and Wooton (2005); Marley and Leaver (2011).
"""

import csv
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Final

import numpy as np
import numpy.typing as npt
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from ecluse.data.tabulation.holdings import PersonKeys
from ecluse.domain.errors import InvalidInput, NotFound

FOLDER: Final = files("ecluse") / "schemas" / "disclosure"
WHOLE: Final = 1 << 16
"""Weights of a table are in 65,536ths: the 16 highest bits of a key choose."""
RUN: Final = 1 << 16
KEY_BYTES: Final = 8
_BLOCK_BYTES: Final = 16

Keys = npt.NDArray[np.uint64]


@dataclass(frozen=True, slots=True)
class NoiseTable:
    """For each number of persons, noises with their weights; the last row is for all larger."""

    rows: Mapping[int, Mapping[int, int]]

    def noise(self, persons: int, key: int) -> int:
        """Return what is added to a number of persons in a cell of this key."""
        row = self.rows[min(persons, max(self.rows))]
        place = key >> 48
        for noise, weight in row.items():
            place -= weight
            if place < 0:
                return noise
        raise InvalidInput("The weights of a table of noise make one whole.")


@cache
def noise_table(name: str) -> NoiseTable:
    """Return a table of noise by its name.

    Raises:
        NotFound: there is no such table.
        InvalidInput: its weights make no whole, its mean is not 0, or a number could become < 0.
    """
    file = FOLDER / f"cell-keys-{name}.csv"
    if not name.isalnum() or not file.is_file():
        raise NotFound(f"No table of noise is called {name[:40]}: see schemas/disclosure.")
    rows: dict[int, dict[int, int]] = {}
    for line in csv.DictReader(file.read_text(encoding="utf-8").splitlines()):
        rows.setdefault(int(line["persons"]), {})[int(line["noise"])] = int(line["weight"])
    for persons, row in rows.items():
        is_whole = sum(row.values()) == WHOLE and min(row.values()) >= 0
        mean = sum(noise * weight for noise, weight in row.items())
        if not is_whole or mean or persons + min(row) < 0:
            raise InvalidInput(f"Table of noise {name}: its row {persons} is not unbiased.")
    if sorted(rows) != list(range(len(rows))):
        raise InvalidInput(f"Table of noise {name}: a row for each number of persons from 0.")
    return NoiseTable(rows)


def person_keys(ordinals: PersonKeys, secret: bytes) -> Keys:
    """Return the keys of persons, in the order given: those of their ordinals, whoever asks."""
    key = HKDF(algorithm=SHA256(), length=32, salt=None, info=b"ecluse cell keys").derive(secret)
    found = np.zeros(ordinals.size, np.uint64)
    runs = ordinals.astype(np.int64) // RUN
    for run in np.unique(runs):
        is_here = runs == run
        found[is_here] = _stream(key, int(run))[ordinals[is_here] % RUN]
    return found


def _stream(key: bytes, run: int) -> Keys:
    """Return the keys of a run of ordinals, as a stream cipher gives them."""
    begin = run * RUN * KEY_BYTES // _BLOCK_BYTES
    counter = begin.to_bytes(_BLOCK_BYTES, "big")
    drawn = Cipher(algorithms.AES(key), modes.CTR(counter)).encryptor()
    return np.frombuffer(drawn.update(bytes(RUN * KEY_BYTES)), "<u8").astype(np.uint64)


def cell_key(keys: Keys) -> int:
    """Return the key of a cell, from those of its persons: their sum, whatever their order."""
    return int(np.add.reduce(keys, dtype=np.uint64)) if keys.size else 0
