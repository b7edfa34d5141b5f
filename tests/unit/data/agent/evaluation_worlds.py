"""An evaluation on its way: the small study of four hundred in the zone, locked, ordered."""

import copy
import shutil
from dataclasses import replace
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from ecluse.data.agent import Zone, evaluation_files
from ecluse.data.agent.evaluation_files import GivenFiles, Prepared
from ecluse.data.evaluation.reporting.code import digest_of_code
from ecluse.domain.documents import (
    CheckReport,
    EvaluationOrder,
    EvaluationProtocol,
    EvaluationReceipt,
    OutputFile,
    OutputRequest,
    Refusal,
    Release,
    RequestedFile,
    Vote,
)
from ecluse.domain.evaluations import locks
from ecluse.domain.evaluations.protocols import Protocol
from ecluse.trust import canonical, protocols
from ecluse.trust.mailbox import FolderMailbox
from tests.unit.data.agent.worlds import World
from tests.unit.data.evaluation.reporting import small
from tests.unit.data.studies import NOW, PERMIT

ORDER = "EV-2026-00001-O1"
PERSON = PERMIT.persons[0].subject


def files(folder: Path) -> GivenFiles:
    """The small study as files; the model is its table of predictions."""
    folder.mkdir(parents=True, exist_ok=True)
    sample = small.sample()
    size = sample.cases.outcomes.size
    case = pa.array([f"C{rank:04}" for rank in range(size)])
    outcomes = pa.array(sample.cases.outcomes.astype(np.int8))
    sexes = pa.array(sample.groups["sex"].tolist())
    bands = pa.array(["18-64", "18-64", "65+", "65+"] * (size // 4))
    codes = pa.array([1, 2] * (size // 2))
    tables = {
        "inputs": {"case": case, "age": pa.array(sample.cases.scores), "sex_code": codes},
        "labels": {"case": case, "outcome": outcomes, "sex": sexes, "age_band": bands},
        "predictions": {"case": case, "prediction": pa.array(sample.cases.scores)},
    }
    for name, columns in tables.items():
        pq.write_table(pa.table(columns), folder / f"{name}.parquet")
    paths = {name: folder / f"{name}.parquet" for name in tables}
    return GivenFiles(paths["inputs"], paths["labels"], paths["predictions"])


def plan(model: str, **changes: object) -> Protocol:
    """The protocol of the small study, under the permit of the world."""
    made = small.protocol_of(artefact=model, code=digest_of_code(), **changes)
    identity = replace(made.identity, number="EV-2026-00001")
    population = replace(made.population, permit_number=PERMIT.permit_number)
    return replace(made, identity=identity, population=population)


class Evaluations(World):
    """A world whose zone holds the files of a locked evaluation."""

    def __init__(
        self, folder: Path, given: GivenFiles | None = None, *, is_granted: bool = True
    ) -> None:
        super().__init__(folder)
        self.permit_digest = self.send(PERMIT) if is_granted else ""
        self.prepared: Prepared = evaluation_files.prepare(
            self.zone, PERMIT.permit_number, given or files(folder / "given")
        )

    def copied(self, folder: Path) -> "Evaluations":
        """The same world in another folder, where it goes its own way."""
        shutil.copytree(self.public.path.parent, folder, dirs_exist_ok=True)
        twin = copy.copy(self)
        twin.zone = Zone(folder / "zone")
        twin.public = FolderMailbox(folder / "public")
        twin.checking = FolderMailbox(folder / "checking")
        return twin

    def lock(self, protocol: Protocol | None = None) -> str:
        """Send the protocol and its lock; return the digest of the lock."""
        said = protocol or plan(self.prepared.model)
        digest = protocols.digest(said)
        number, permit = said.identity.number, said.population.permit_number
        self.send(EvaluationProtocol(number, permit, digest, said))
        manifest = self.prepared.manifest
        return self.send(
            locks.lock_of(said, digest=digest, dataset=manifest, by="hub@example", now=small.NOW)
        )

    def order(self, lock: str, **changes: object) -> EvaluationOrder:
        """The order to run what a lock fixed."""
        made = EvaluationOrder(
            order_number=ORDER,
            evaluation_number="EV-2026-00001",
            title="Risque de complication du diabète",
            permit_number=PERMIT.permit_number,
            permit_digest=self.permit_digest,
            lock_digest=lock,
            model=self.prepared.model,
            dataset=self.prepared.manifest,
            deviations=(),
            ordered_by=PERSON,
        )
        return replace(made, **changes)  # type: ignore[arg-type]

    def refused(self) -> list[str]:
        """The codes of what the agent refused, to whichever site."""
        bodies = [*self.bodies(self.public, Refusal), *self.bodies(self.checking, Refusal)]
        return [body.code for body in bodies if isinstance(body, Refusal)]

    def reasons(self) -> str:
        """The reasons of these refusals."""
        bodies = self.bodies(self.public, Refusal)
        return " ".join(body.reason for body in bodies if isinstance(body, Refusal))

    def receipts(self) -> list[EvaluationReceipt]:
        """The receipts that reached the public site."""
        found = self.bodies(self.public, EvaluationReceipt)
        return [body for body in found if isinstance(body, EvaluationReceipt)]

    def report(self) -> CheckReport:
        """The last report on files that reached the checking room."""
        report = self.bodies(self.checking, CheckReport)[-1]
        assert isinstance(report, CheckReport)
        return report

    def ask(self) -> tuple[OutputRequest, str]:
        """Ask, as the checking room does, that the report leaves."""
        asked = tuple(RequestedFile(f.name, f.digest, "Art. 73.") for f in self.report().files)
        body = OutputRequest(f"{ORDER}-R1", ORDER, PERMIT.permit_number, asked, PERSON)
        return body, self.send(body)

    def release(self, *votes: Vote) -> None:
        """Release the report with these votes, and let the agent act."""
        request, digest = self.ask()
        report = self.report()
        self.send(
            Release(
                request.request_number,
                ORDER,
                PERMIT.permit_number,
                PERSON,
                digest,
                canonical.digest(self.documents(self.checking, "CheckReport")[-1]),
                tuple(OutputFile(f.name, f.size, f.digest) for f in report.files),
                votes,
            )
        )
        self.step()


__all__ = ["NOW", "ORDER", "PERSON", "Evaluations", "files", "plan"]
