"""P1: the pseudonyms of an extract, looked for in what leaves, whole or in part, in usual writings.

A pseudonym is known by its first 64 bits: 16 hexadecimal digits wherever they stand, the beginning
alone from 10 digits, the number they make in decimal, or the same bytes in base64. One that was
enciphered or cut smaller passes here: only the results that the engine makes itself exclude that.
"""

import base64
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final, Self

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from pyarrow import parquet

from ecluse.data.extraction import ExtractFiles
from ecluse.data.pseudonyms.labels import PERSON_PSEUDONYM
from ecluse.data.results.requests import Persons
from ecluse.domain.disclosure import DisclosurePolicy, finding
from ecluse.domain.documents import Finding

DIGITS: Final = 16
LEAST_DIGITS: Final = 10
"""Of a beginning: fewer would be met by chance in a table of large numbers."""
_MODULUS: Final = 1 << 64
_HEXADECIMAL = re.compile(rb"[0-9a-fA-F]{10,}")
_DECIMAL = re.compile(rb"(-?)([0-9]{15,20})(?![0-9])")
_BASE64 = re.compile(rb"[A-Za-z0-9+/_-]{11,}")
_URL_SAFE: Final = bytes.maketrans(b"-_", b"+/")


@dataclass(frozen=True, slots=True)
class Identifiers:
    """The first 64 bits of the pseudonyms of an extract, rising."""

    persons: Persons

    @classmethod
    def of(cls, files: ExtractFiles) -> Self:
        """Return those of all persons named in the tables of an extract. Raises BadSignature."""
        found = np.zeros(0, np.uint64)
        for name in files.names():
            if name.endswith(".parquet"):
                found = np.union1d(found, _named(files, name))
        return cls(found.astype(np.uint64))

    @classmethod
    def among(cls, names: pa.ChunkedArray) -> Self:
        """Return those of a column of names that are written as pseudonyms are."""
        texts = names.cast(pa.string())
        written = pc.match_substring_regex(texts, f"^[0-9a-fA-F]{{{DIGITS},}}$")
        return cls(np.unique(_bits(pc.unique(texts.filter(written)))))

    def check(self, name: str, data: bytes, policy: DisclosurePolicy) -> list[Finding]:
        """Return what stands against a file whose name or content tells of a pseudonym."""
        text = "holds, whole or in part, a pseudonym of the extract"
        found = [finding("P1", "name", text, policy)] if self._meets(name.encode()) else []
        for number, line in enumerate(data.splitlines(), start=1):
            if self._meets(line):
                found.append(finding("P1", f"line {number}", text, policy))
        return found

    def _meets(self, line: bytes) -> bool:
        beginnings = [*_windows(line), *_numbers(line), *_decoded(line)]
        if not beginnings or not self.persons.size:
            return False
        lows = np.array([low for low, _ in beginnings], np.uint64)
        highs = np.array([high for _, high in beginnings], np.uint64)
        first = np.searchsorted(self.persons, lows, side="left")
        after = np.searchsorted(self.persons, highs, side="right")
        return bool((after > first).any())


def _windows(line: bytes) -> Iterator[tuple[int, int]]:
    """Yield, as first and last number, what each run of hexadecimal digits could begin."""
    for run in _HEXADECIMAL.findall(line):
        for start in range(max(1, len(run) - DIGITS + 1)):
            digits = run[start : start + DIGITS]
            free = 4 * (DIGITS - len(digits))
            low = int(digits, 16) << free
            yield low, low + (1 << free) - 1


def _numbers(line: bytes) -> Iterator[tuple[int, int]]:
    """Yield the numbers of 64 bits, with or without a sign."""
    for sign, digits in _DECIMAL.findall(line):
        number = int(sign + digits)
        if -_MODULUS // 2 <= number < _MODULUS:
            yield number % _MODULUS, number % _MODULUS


def _decoded(line: bytes) -> Iterator[tuple[int, int]]:
    """Yield the first 8 bytes of each word in base64."""
    for word in _BASE64.findall(line):
        told = base64.b64decode(word[:11].translate(_URL_SAFE) + b"=")
        number = int.from_bytes(told[:8], "big")
        yield number, number


def _named(files: ExtractFiles, name: str) -> Persons:
    """Return the persons of one table, each once; none where it names nobody."""
    found = np.zeros(0, np.uint64)
    with files.open(name) as source, parquet.ParquetFile(source) as table:
        if PERSON_PSEUDONYM not in table.schema_arrow.names:
            return found
        for batch in table.iter_batches(columns=[PERSON_PSEUDONYM]):
            told = pc.unique(batch.column(0)).drop_null()
            found = np.union1d(found, _bits(told))
    return found


def _bits(pseudonyms: pa.Array) -> Persons:
    return np.array(
        [int(one[:DIGITS], 16) for one in pseudonyms.cast(pa.string()).to_pylist()], np.uint64
    )
