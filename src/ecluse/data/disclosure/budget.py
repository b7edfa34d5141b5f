"""R17: the privacy budget of a dataset, and of each project on it.

What noise costs is reserved before any is drawn, under the lock of the dataset, and never given
back: a program that dies after it has drawn has told something. Committing only says what a
reservation was used for. The ledger is that of the answers to data requests: one budget.

What is counted is what is spent: epsilon for each column and each partition of which a person may
be in several, once for partitions in which each person is once (parallel composition). Releases
under zero-concentrated privacy convert by ε = ρ + 2√(ρ ln 1/δ). Source: Bun and Steinke (2016).
"""

import json
import math
import os
import secrets
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from ecluse.data.tabulation.memory import LEDGER, Memory
from ecluse.domain.disclosure import DisclosurePolicy
from ecluse.domain.errors import InvalidInput, NotFound, Refused, Replayed

COMMITS: Final = "privacy-commits.jsonl"
THOUSAND: Final = 1000


@dataclass(frozen=True, slots=True)
class Spending:
    """What one release of noise costs: epsilon of one column, in thousandths, and how many times.

    `partitions_per_person`: in how many partitions of the release one person may be, 1 where
    partitions share nobody.
    """

    epsilon_thousandths: int
    columns: int
    partitions_per_person: int = 1

    def __post_init__(self) -> None:
        """Raise InvalidInput for a spending that counts nothing."""
        if min(self.epsilon_thousandths, self.columns, self.partitions_per_person) < 1:
            raise InvalidInput("Noise: epsilon, columns and partitions by person are from 1.")

    @property
    def total_thousandths(self) -> int:
        """What a person loses at most, all columns and partitions together."""
        return self.epsilon_thousandths * self.columns * self.partitions_per_person


def epsilon_of(rho_thousandths: int, *, delta_exponent: int) -> int:
    """Return, rounded up, the epsilon in thousandths of ρ-zCDP at δ = 10^-delta_exponent."""
    rho = rho_thousandths / THOUSAND
    epsilon = rho + 2 * math.sqrt(rho * delta_exponent * math.log(10))
    return math.ceil(epsilon * THOUSAND)


class Budget:
    """The budget of datasets, in the folder of the answers to data requests."""

    def __init__(self, folder: Path, policy: DisclosurePolicy) -> None:
        self._folder = folder
        self._policy = policy
        self._memory = Memory(folder)

    def spent(self, dataset: str, *, project: str | None = None) -> int:
        """Return what was reserved on a dataset, by all or by one project, in thousandths.

        Raises Refused when the ledger cannot be read.
        """
        with self._memory.of(dataset) as answers:
            total = answers.spent()
            return total if project is None else self._of_project(dataset, project)

    def reserve(self, dataset: str, spending: Spending, *, project: str) -> str:
        """Enter a spending before any noise is drawn; return the number of the reservation.

        Raises:
            Refused: the dataset or the project has less left; nothing is entered.
        """
        with self._memory.of(dataset) as answers:
            asked = spending.total_thousandths
            left = min(
                self._policy.epsilon_thousandths - answers.spent(),
                self._policy.project_epsilon_thousandths - self._of_project(dataset, project),
            )
            if asked > left:
                raise Refused(
                    f"No noise is drawn: {asked} thousandths of epsilon asked, {left} left to "
                    f"project {project} on this dataset, rule R17. Ask for fewer columns or "
                    "partitions."
                )
            number = secrets.token_hex(16)
            entry = {"number": number, "project": project, "epsilon_thousandths": asked}
            _append(self._folder / dataset / LEDGER, entry)
            return number

    def commit(self, dataset: str, number: str, *, digest: str) -> None:
        """Say which file a reservation was used for, once.

        Raises:
            NotFound: there is no such reservation.
            Replayed: it was used: reserve again.
        """
        with self._memory.of(dataset):
            if all(line["number"] != number for line in _lines(self._folder / dataset / LEDGER)):
                raise NotFound(f"No privacy loss was reserved under {number}: reserve it first.")
            path = self._folder / dataset / COMMITS
            if any(line["number"] == number for line in _lines(path)):
                raise Replayed(f"Reservation {number} was used: noise drawn again costs again.")
            _append(path, {"number": number, "digest": digest})

    def _of_project(self, dataset: str, project: str) -> int:
        """What a project reserved; answers to data requests bear their own number."""
        lines = _lines(self._folder / dataset / LEDGER)
        mine = (line for line in lines if project in (line.get("project"), line["number"]))
        return sum(int(line["epsilon_thousandths"]) for line in mine)


def _lines(path: Path) -> list[dict[str, Any]]:
    if not path.exists():
        return []
    try:
        return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
    except ValueError:
        raise Refused(f"{path.name} cannot be read: restore it; no noise without it.") from None


def _append(path: Path, entry: dict[str, object]) -> None:
    file = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, mode=0o600)
    try:
        os.write(file, f"{json.dumps(entry)}\n".encode())
        os.fsync(file)
    finally:
        os.close(file)
