"""A data request on its way: a small clinic in the lake, a decision, an order to tabulate."""

from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path

from ecluse.data.lake import Snapshot
from ecluse.domain import data_requests
from ecluse.domain.cohorts import AtLeast, Events, cohort_of
from ecluse.domain.documents import (
    CheckReport,
    OptOutList,
    OutputFile,
    OutputRequest,
    Release,
    RequestedFile,
    TabulationOrder,
    Vote,
)
from ecluse.domain.tabulation import TabulationPlan, policy_of
from ecluse.trust import canonical
from tests.unit.data.agent.worlds import World
from tests.unit.data.lakes import publish
from tests.unit.data.tabulation.clinics import MAN, condition, person, plan, table
from tests.unit.domain import build

REQUEST = "DR-2026-00001"
ORDER = f"{REQUEST}-T1"
DECIDED_AT = datetime(2026, 1, 5, 10, tzinfo=UTC)
REQUESTER = "camille.moreau@univ.example"
PREPARER = "nora.blanc@hub.example"
DIABETES = cohort_of(AtLeast(Events("condition_concept", ("201826",))))
OPT_OUTS = OptOutList(REQUEST, DECIDED_AT, ("N00", "N30", "N31"))
"""One woman and two men."""


def load(folder: Path) -> Snapshot:
    """30 women and 20 men, each with the opt-out identifier N<key>; women 0 to 14 are diabetic."""
    people = [person(key) for key in range(30)]
    people += [person(key, sex=MAN) for key in range(30, 50)]
    diabetes = {"condition_concept_id": 201826}
    ill = [{**condition(key, "E11", date(2021, 3, 1)), **diabetes} for key in range(15)]
    names = [(key, str(key), f"N{key:02}") for key in range(50)]
    tables = {"person": people, "condition_occurrence": ill}
    return publish(folder, "clinic", tables, names, model_name="omop")


def asked(number: str = REQUEST, **changes: object) -> TabulationPlan:
    """A plan by sex, about everybody."""
    made = replace(plan(table("sex", name="by_sex")), number=number)
    made = replace(made, population=data_requests.EVERYBODY)
    return replace(made, **changes)  # type: ignore[arg-type]


class Requests(World):
    """A world whose lake holds the clinic."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder, load)

    def order(self, opt_outs: OptOutList = OPT_OUTS, **changes: object) -> TabulationOrder:
        """Send the list of opt-outs of the decision; return the order that may follow."""
        made = TabulationOrder(
            order_number=ORDER,
            request_number=REQUEST,
            title="Sex of the persons of a clinic",
            persons=(REQUESTER,),
            dataset="clinic",
            snapshot=self.snapshot.snapshot_id,
            cohort=None,
            plan=asked(),
            policy=policy_of().reference,
            minimum_count=11,
            opt_out_list_digest=self.send(opt_outs),
            assessed_by=(build.ASSESSOR,),
            decided_by=build.DECIDER,
            decided_at=DECIDED_AT,
            valid_until=date(2026, 7, 5),
            ordered_by=PREPARER,
        )
        return replace(made, **changes)  # type: ignore[arg-type]

    def report(self) -> CheckReport:
        """The last report that the checking room received."""
        report = self.bodies(self.checking, CheckReport)[-1]
        assert isinstance(report, CheckReport)
        return report

    def ask(self) -> tuple[OutputRequest, str]:
        """Ask, as the checking room does, that every file of the answer leaves."""
        report = self.report()
        files = tuple(RequestedFile(f.name, f.digest, "Art. 69.") for f in report.files)
        body = OutputRequest(f"{ORDER}-R1", ORDER, REQUEST, files, PREPARER)
        return body, self.send(body)

    def release(self, *votes: Vote) -> None:
        """Release the files of the answer with these votes, and let the agent act."""
        request, digest = self.ask()
        report = self.report()
        self.send(
            Release(
                request.request_number,
                ORDER,
                REQUEST,
                PREPARER,
                digest,
                canonical.digest(self.documents(self.checking, "CheckReport")[-1]),
                tuple(OutputFile(f.name, f.size, f.digest) for f in report.files),
                votes,
            )
        )
        self.step()

    def tables(self) -> dict[str, str]:
        """The CSV files that reached the checking room, by name."""
        return {
            file.name: (self.checking.path / "blobs" / file.digest[7:]).read_text()
            for file in self.report().files
            if file.name.endswith(".csv")
        }

    def kept(self) -> int:
        """How many answers the zone remembers about the clinic."""
        return len(list((self.zone.path / "answers" / "clinic").glob("*.json")))
