"""What was answered before about a dataset, so that no two answers tell more than each.

Kept inside the secure zone, readable by its account alone: the plan, which cells were shown and
which were not, and who was counted, as one bit a person.
"""

import base64
import fcntl
import hashlib
import json
import os
import secrets
import zlib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np

from ecluse.data.tabulation.holdings import PersonKeys
from ecluse.domain import codec
from ecluse.domain.errors import InvalidInput, Refused
from ecluse.domain.tabulation import Cell, Source, TabulationPlan, plan_digest, sources
from ecluse.trust import durable

SECRET_BYTES: Final = 32
PRIVATE: Final = 0o700
LEDGER: Final = "privacy.jsonl"


@dataclass(frozen=True, slots=True)
class Earlier:
    """One answer given: by source, the persons shown in each cell, None where it was hidden."""

    plan: TabulationPlan
    snapshot: str
    persons: PersonKeys
    shown: Mapping[Source | None, Mapping[Cell, int | None]]

    @property
    def population_digest(self) -> str:
        """The digest of who was counted."""
        return population_digest(self.persons)

    @property
    def digest(self) -> str:
        """The digest under which the answer is kept."""
        return hashlib.sha256(_encoded(self)).hexdigest()


class Memory:
    """The answers given, by dataset, in one folder of the secure zone."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    @contextmanager
    def of(self, dataset: str) -> Iterator["Answers"]:
        """Give the answers of one dataset; another request about it waits until this one is done.

        Raises:
            InvalidInput: the name of the dataset cannot be that of a folder.
        """
        if not dataset or dataset.startswith(".") or "/" in dataset or not dataset.isprintable():
            raise InvalidInput(f"A dataset cannot be called so ({len(dataset)} characters).")
        folder = self._folder / dataset
        folder.mkdir(mode=PRIVATE, parents=True, exist_ok=True)
        with (folder / ".lock").open("a") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield Answers(folder)


class Answers:
    """The answers given about one dataset, held while one more is made."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def secret(self) -> bytes:
        """Return the secret that draws of this dataset are keyed with, made at the first call."""
        file = self._folder / "secret"
        if not file.exists():
            durable.write(file, secrets.token_bytes(SECRET_BYTES))
        return file.read_bytes()

    def earlier(self) -> tuple[Earlier, ...]:
        """Return the answers given, oldest first. Raises Refused when one was altered."""
        return tuple(_read(file) for file in sorted(self._folder.glob("*.json")))

    def remember(self, given: Earlier) -> str:
        """Keep one more answer, and return its digest. Nothing is given before it is kept."""
        body = _encoded(given)
        digest = hashlib.sha256(body).hexdigest()
        rank = len(list(self._folder.glob("*.json"))) + 1
        durable.write(self._folder / f"{rank:06d}-{digest[:16]}.json", body)
        return digest

    def holds(self, digest: str) -> bool:
        """Say whether the answer of this digest was kept."""
        return any(self._folder.glob(f"*-{digest[:16]}.json"))

    def spent(self) -> int:
        """Return the privacy loss spent, in thousandths of epsilon. Raises Refused."""
        return sum(line["epsilon_thousandths"] for line in self._ledger())

    def spend(self, epsilon_thousandths: int, *, limit: int, plan: TabulationPlan) -> None:
        """Enter the privacy loss of a plan in the ledger, before any noise is drawn.

        A loss that was entered for an answer which was never kept, hence never given, is not
        entered again.

        Raises:
            Refused: the dataset has less than that left; nothing is entered.
        """
        entry = {
            "number": plan.number,
            "plan": plan_digest(plan),
            "epsilon_thousandths": epsilon_thousandths,
        }
        given = sum(earlier.plan == plan for earlier in self.earlier())
        if self._ledger().count(entry) > given:
            return
        left = limit - self.spent()
        if epsilon_thousandths > left:
            raise Refused(
                f"No table leaves: {epsilon_thousandths} thousandths of epsilon asked, {left} left "
                "for this dataset. Ask for suppression, or for less precision."
            )
        line = json.dumps(entry)
        file = os.open(self._folder / LEDGER, os.O_WRONLY | os.O_APPEND | os.O_CREAT, mode=0o600)
        try:
            os.write(file, f"{line}\n".encode())
            os.fsync(file)
        finally:
            os.close(file)

    def _ledger(self) -> list[dict[str, Any]]:
        file = self._folder / LEDGER
        if not file.exists():
            return []
        try:
            lines = [json.loads(line) for line in file.read_text(encoding="utf-8").splitlines()]
            if all(int(line["epsilon_thousandths"]) > 0 for line in lines):
                return lines
        except (ValueError, KeyError, TypeError):
            pass
        raise Refused(f"{file.name} cannot be read: restore it; no noise is drawn without it.")


def population_digest(persons: PersonKeys) -> str:
    """Return the digest of a set of persons of a snapshot."""
    return hashlib.sha256(np.ascontiguousarray(persons, np.int32).tobytes()).hexdigest()


def _encoded(given: Earlier) -> bytes:
    frames = [
        [[[*map(list, cell)], shown] for cell, shown in sorted(given.shown.get(source, {}).items())]
        for source in sources(given.plan)
    ]
    bits = np.packbits(np.isin(np.arange(_size(given.persons)), given.persons))
    made = {
        "plan": codec.encode(given.plan),
        "snapshot": given.snapshot,
        "persons": base64.b64encode(zlib.compress(bits.tobytes())).decode(),
        "population": given.population_digest,
        "shown": frames,
    }
    return json.dumps(made, sort_keys=True, separators=(",", ":")).encode()


def _size(persons: PersonKeys) -> int:
    return int(persons.max()) + 1 if persons.size else 0


def _read(file: Path) -> Earlier:
    body = file.read_bytes()
    if hashlib.sha256(body).hexdigest()[:16] != file.stem.partition("-")[2]:
        raise Refused(f"The earlier answer {file.name} was altered: restore it from its copy.")
    content = json.loads(body)
    plan: TabulationPlan = codec.decode(content["plan"], TabulationPlan)
    bits = np.frombuffer(zlib.decompress(base64.b64decode(content["persons"])), np.uint8)
    persons = np.flatnonzero(np.unpackbits(bits)).astype(np.int32)
    shown = {
        source: {tuple((name, code) for name, code in cell): value for cell, value in frame}
        for source, frame in zip(sources(plan), content["shown"], strict=True)
    }
    return Earlier(plan, content["snapshot"], persons, shown)
