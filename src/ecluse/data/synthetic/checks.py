"""The country against published marginals: how far are the shares, how large is the largest gap."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np

from ecluse.data.synthetic.counting import Marginals
from ecluse.data.synthetic.people import MEN, WOMEN, regimes
from ecluse.data.synthetic.reading import read_rows

INHABITANTS: Final = 66_700_000
"""France in 2016, the year of the published hospital and illness counts."""


YEARLY: Final = {
    # what, as marginals name it: how many a year in France, published by
    "deaths": (594_000, "INSEE, 2016"),
    "births": (784_000, "INSEE, 2016"),
    "outpatient visits": (77_000_000, "DREES, public hospitals, 2017"),
    "stays at home": (267_000, "ATIH, 2021"),
    "stays in psychiatry": (806_000, "ATIH, 2021"),
}
"""Events of which the number alone is compared."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One comparison. `distance`: Jensen-Shannon of the shares, in bits: 0 same, 1 apart.

    `ratio`: how many events a person a year here, over the published number; 0 if not comparable.
    """

    name: str
    source: str
    distance: float
    ratio: float
    shares: tuple[tuple[str, float, float], ...]
    """Category, share published, share here; the most frequent first."""


def check(marginals: Marginals, *, persons: int, years: int) -> tuple[Finding, ...]:
    """Return the comparisons with each published marginal."""
    exposure = persons * years
    return (
        _compare("acts", "CNAM, lines of June 2014", _acts(), marginals["acts"]),
        _compare(
            "regimes",
            "HDH documentation, 2016",
            {row["name"]: float(row["share"]) for row in regimes()},
            marginals["regimes"],
        ),
        _compare(
            "diagnoses",
            "ATIH ScanSanté, 2016",
            _published("diagnoses", ("code",), "stays"),
            marginals["diagnoses"],
            exposure=exposure,
        ),
        *(_stays(kind, marginals, exposure) for kind in ("overnight", "day", "session")),
        *(_illnesses(number, marginals, persons) for number in _numbers()),
        _compare(
            "ages",
            "INSEE, about 2021 (rounded)",
            _pyramid(),
            marginals["ages"],
        ),
        *(
            _compare(name, source, {name: count}, marginals["yearly"], exposure=exposure)
            for name, (count, source) in YEARLY.items()
        ),
    )


def distance(first: Mapping[str, float], second: Mapping[str, float]) -> float:
    """Return the Jensen-Shannon divergence, in bits, between two distributions."""
    names = sorted(first.keys() | second.keys())
    p = np.array([first.get(name, 0.0) for name in names])
    q = np.array([second.get(name, 0.0) for name in names])
    p, q = p / max(p.sum(), 1e-300), q / max(q.sum(), 1e-300)
    middle = (p + q) / 2
    return float((_information(p, middle) + _information(q, middle)) / 2)


def _information(shares: np.ndarray, middle: np.ndarray) -> float:
    known = shares > 0
    return float((shares[known] * np.log2(shares[known] / middle[known])).sum())


def _compare(
    name: str,
    source: str,
    published: Mapping[str, float],
    here: Counter[str],
    *,
    exposure: int = 0,
) -> Finding:
    found = {category: float(here[category]) for category in published}
    totals = max(sum(published.values()), 1e-9), max(sum(found.values()), 1e-9)
    shares = sorted(
        ((c, published[c] / totals[0], found[c] / totals[1]) for c in published),
        key=lambda item: -item[1],
    )
    ratio = totals[1] / exposure / (totals[0] / INHABITANTS) if exposure else 0.0
    return Finding(
        name, source, round(distance(published, found), 5), round(ratio, 3), tuple(shares)
    )


def _published(file: str, keys: tuple[str, ...], value: str) -> dict[str, float]:
    rows = read_rows(f"marginals/{file}")
    return {":".join(row[key] for key in keys): float(row[value]) for row in rows}


def _acts() -> dict[str, float]:
    return _published("acts", ("act",), "share")


def _stays(kind: str, marginals: Marginals, exposure: int) -> Finding:
    rows = [row for row in read_rows("marginals/stays_by_age") if row["kind"] == kind]
    published = {f"{row['age_from']}-{row['age_to']}": float(row["stays"]) for row in rows}
    here: Counter[str] = Counter()
    for key, count in marginals["stays"].items():
        found, age = key.split(":")
        for row in rows if found == kind else ():
            if int(row["age_from"]) <= int(age) <= int(row["age_to"]):
                here[f"{row['age_from']}-{row['age_to']}"] += count
    source = "ATIH ScanSanté, 2016"
    return _compare(f"stays: {kind}", source, published, here, exposure=exposure)


def _numbers() -> tuple[str, ...]:
    return tuple(dict.fromkeys(row["number"] for row in read_rows("marginals/long_term_illnesses")))


def _illnesses(number: str, marginals: Marginals, persons: int) -> Finding:
    rows = read_rows("marginals/long_term_illnesses")
    published = {
        f"{row['sex']}:{row['age_from']}": float(row["persons"])
        for row in rows
        if row["number"] == number
    }
    start = f"{number}:"
    here = Counter(
        {
            key.removeprefix(start): count
            for key, count in marginals["illnesses"].items()
            if key.startswith(start)
        }
    )
    source = "CNAM, long-term illnesses 2016"
    return _compare(f"long-term illness {number}", source, published, here, exposure=persons)


def _pyramid() -> dict[str, float]:
    return {
        f"{sex}:{rank * 5}": float(count)
        for sex, counts in ((1, MEN), (2, WOMEN))
        for rank, count in enumerate(counts)
    }
