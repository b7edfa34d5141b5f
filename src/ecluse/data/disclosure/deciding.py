"""What an analysis asked through `data.results`, computed again and decided on by the engine.

The request of a job is the work of an adversary: persons that are not of the extract are refused,
numbers are computed here from rows, the file is written here. What it says of rows themselves
(which person has which value) cannot be proved: see docs/explanation/disclosure.md.
"""

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Final

import numpy as np

from ecluse.data.disclosure import differencing, figures, modelling, noising, surviving, tabulating
from ecluse.data.disclosure.budget import Purse
from ecluse.data.disclosure.making import Made
from ecluse.data.disclosure.policies import digest_of
from ecluse.data.disclosure.population import Known, Population, alone
from ecluse.data.disclosure.predicates import Released
from ecluse.data.results import Figure, Regression, Request, Survival, Tabulation, read_request
from ecluse.domain.disclosure import DisclosurePolicy, finding, secret, shortened, verdict
from ecluse.domain.documents import FileVerdict, Finding
from ecluse.domain.errors import EcluseError, InvalidInput, Refused


@dataclass(frozen=True, slots=True)
class Decided:
    """What a request came to: files with their verdicts, and who is behind them.

    `released` is to be remembered in the zone when the files leave, never to be shown.
    """

    files: tuple[tuple[str, bytes], ...]
    verdicts: tuple[FileVerdict, ...]
    released: Released


_MAKERS: Final[dict[type, Callable[[Request, Known, DisclosurePolicy], Made]]] = {
    Tabulation: tabulating.protect,
    Regression: modelling.judge,
    Survival: surviving.protect,
}


def decide(
    data: bytes,
    policy: DisclosurePolicy,
    *,
    project: str,
    population: Population | None = None,
    earlier: Sequence[Released] = (),
    purse: Purse | None = None,
) -> Decided:
    """Return the files that a request comes to, with what stands against them.

    `population`: the persons of the extract; without it, as on made-up data, any person is
    taken. `earlier`: all that was released on the dataset, whatever the project. `purse`: what
    pays for noise; real persons get none without it.

    Raises:
        InvalidInput: the request cannot be computed, or names persons who are not of the extract.
        SetupIncomplete: a figure is asked where none can be drawn.
    """
    request = read_request(data)
    people = np.unique(request.persons)
    known = population.know(people) if population is not None else alone(people)
    if getattr(request.asked, "epsilon_thousandths", 0):
        if population is not None and purse is None:
            raise InvalidInput("Noise is paid from the budget of the dataset, which is not here.")
        made = _with_noise(request, data, purse, policy)
    else:
        made = _MAKERS[type(request.asked)](request, known, policy)
    name = f"{request.name}.csv"
    released = Released("", project, name, made.predicates)
    found = [*made.findings, *differencing.compare(released, earlier, policy)]
    told = _note(made, (people.size, len(earlier), released), policy)
    files = [(name, made.csv())] if made.rows else []
    drawn = _drawn(request, made)
    if drawn is not None and made.rows:
        files.append((f"{request.name}.png", drawn))
    verdicts = tuple(_verdict(one, body, found, told, policy) for one, body in files)
    if not files:
        verdicts = (_verdict(name, b"", found, told, policy),)
    return Decided(tuple(files), verdicts, released)


def _with_noise(
    request: Request, data: bytes, purse: Purse | None, policy: DisclosurePolicy
) -> Made:
    """Return a table with noise, once it is paid for: what is drawn again is paid again."""
    if purse is None:
        return noising.protect(request, policy)
    asked = getattr(request.asked, "epsilon_thousandths", 0)
    try:
        number = purse.pay(data, asked)
    except Refused:
        left = max(0, purse.ledger.left(purse.project))
        told = f"{asked} thousandths of epsilon asked, {left} left to the project on this dataset"
        return Made((), (), (finding("R17", "file", told, policy),), (), "not made")
    made = noising.protect(request, policy)
    purse.used(number, made.csv())
    return made


def refused(name: str, error: EcluseError, policy: DisclosurePolicy) -> FileVerdict:
    """Return the verdict on a request that cannot be computed: the reason, and nothing leaves."""
    told = str(error).rstrip(".")
    return _verdict(name, b"", [finding("D2", "file", told, policy)], None, policy)


def as_release(released: Released, release: str) -> Released:
    """Return what a file tells under the number of the release by which it left."""
    return replace(released, release=release)


def _drawn(request: Request, made: Made) -> bytes | None:
    figure = getattr(request.asked, "figure", Figure.NONE)
    if figure is Figure.NONE:
        return None
    axes = len(request.asked.by) if isinstance(request.asked, Tabulation) else 1
    return figures.draw(made, figure=figure, axes=axes)


def _note(made: Made, of: tuple[int, int, Released], policy: DisclosurePolicy) -> Finding:
    """Say what the engine did, and the digest of who is behind the numbers."""
    persons, releases, released = of
    shown = secret(persons) if persons < policy.minimum_count else str(persons)
    text = (
        f"made by the engine from {shown} persons: {made.note}; compared with "
        f"{secret(releases)} earlier files; persons {released.digest}; figures {digest_of(policy)}"
    )
    return finding("M1", "file", text, policy)


def _verdict(
    name: str,
    body: bytes,
    found: Sequence[Finding],
    told: Finding | None,
    policy: DisclosurePolicy,
) -> FileVerdict:
    kept = shortened([*found, *([told] if told else [])], policy)
    digest = f"sha256:{hashlib.sha256(body).hexdigest()}"
    return FileVerdict(name, len(body), digest, verdict(kept), kept)
