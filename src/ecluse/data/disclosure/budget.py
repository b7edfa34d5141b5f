"""R17: the privacy budget of a dataset, and of each project on it.

What noise costs is reserved before any is drawn, under the lock of the dataset, and never given
back: a program that dies after it has drawn has told something. Committing says what a reservation
was used for. The ledger is that of the answers to data requests: one budget.

What is counted is what is spent: epsilon for each column and each partition of which a person may
be in several, once for partitions in which each person is once (parallel composition). Releases
under zero-concentrated privacy convert by ε = ρ + 2√(ρ ln 1/δ). Source: Bun and Steinke (2016).
"""

import hashlib
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


@dataclass(frozen=True, slots=True)
class Ledger:
    """The budget of one dataset, in its folder, for who holds the lock of the dataset."""

    folder: Path
    policy: DisclosurePolicy

    def spent(self, project: str | None = None) -> int:
        """Return what was reserved, by all or by one project, in thousandths. Raises Refused."""
        lines = self._reserved()
        mine = (one for one in lines if project in (None, one.get("project"), one["number"]))
        return sum(int(line["epsilon_thousandths"]) for line in mine)

    def reserve(self, spending: Spending, *, project: str, number: str = "") -> str:
        """Enter a spending before any noise is drawn; return the number of the reservation.

        What is reserved under a `number` and never used is not entered again: nothing was told.

        Raises:
            Refused: the dataset or the project has less left; nothing is entered.
        """
        asked = spending.total_thousandths
        number = number or secrets.token_hex(16)
        if self._is_used(number):
            number = secrets.token_hex(16)
        entry = {"number": number, "project": project, "epsilon_thousandths": asked}
        if entry in self._reserved():
            return number
        left = self.left(project)
        if asked > left:
            raise Refused(
                f"No noise is drawn: {asked} thousandths of epsilon asked, {left} left to "
                f"project {project} on this dataset, rule R17. Ask for fewer columns or "
                "partitions."
            )
        _append(self.folder / LEDGER, entry)
        return number

    def left(self, project: str) -> int:
        """Return what a project may still spend on the dataset, in thousandths. Raises Refused."""
        return min(
            self.policy.epsilon_thousandths - self.spent(),
            self.policy.project_epsilon_thousandths - self.spent(project),
        )

    def commit(self, number: str, *, digest: str) -> None:
        """Say which file a reservation was used for, once.

        Raises:
            NotFound: there is no such reservation.
            Replayed: it was used: reserve again.
        """
        if all(line["number"] != number for line in self._reserved()):
            raise NotFound(f"No privacy loss was reserved under {number}: reserve it first.")
        if self._is_used(number):
            raise Replayed(f"Reservation {number} was used: noise drawn again costs again.")
        _append(self.folder / COMMITS, {"number": number, "digest": digest})

    def _is_used(self, number: str) -> bool:
        return any(line["number"] == number for line in _lines(self.folder / COMMITS))

    def _reserved(self) -> list[dict[str, Any]]:
        """Return what was reserved; answers to data requests bear their own number."""
        lines = _lines(self.folder / LEDGER)
        if any(type(one.get("epsilon_thousandths")) is not int for one in lines):
            raise Refused(f"{LEDGER} cannot be read: restore it; no noise is drawn without it.")
        return lines


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
        with self._memory.of(dataset):
            return self._ledger(dataset).spent(project)

    def reserve(self, dataset: str, spending: Spending, *, project: str) -> str:
        """Enter a spending; return the number of the reservation. Raises Refused, as `Ledger`."""
        with self._memory.of(dataset):
            return self._ledger(dataset).reserve(spending, project=project)

    def commit(self, dataset: str, number: str, *, digest: str) -> None:
        """Say which file a reservation was used for. Raises NotFound, Replayed, as `Ledger`."""
        with self._memory.of(dataset):
            self._ledger(dataset).commit(number, digest=digest)

    def _ledger(self, dataset: str) -> Ledger:
        return Ledger(self._folder / dataset, self._policy)


@dataclass(frozen=True, slots=True)
class Purse:
    """What the noise of one job is paid from: each result of it is reserved under its own name."""

    ledger: Ledger
    project: str
    job: str

    def pay(self, request: bytes, epsilon_thousandths: int) -> str:
        """Reserve what one request costs; return the number of the reservation. Raises Refused."""
        name = hashlib.sha256(self.job.encode() + b"\n" + request).hexdigest()[:32]
        spending = Spending(epsilon_thousandths, columns=1)
        return self.ledger.reserve(spending, project=self.project, number=name)

    def used(self, number: str, file: bytes) -> None:
        """Say which file a reservation was used for. Raises NotFound, Replayed."""
        digest = f"sha256:{hashlib.sha256(file).hexdigest()}"
        self.ledger.commit(number, digest=digest)


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
