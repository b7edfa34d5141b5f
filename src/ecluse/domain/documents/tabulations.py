"""The answer to a data request: the order to tabulate, what was tabulated, what may not leave."""

from dataclasses import dataclass
from datetime import date, datetime

from ecluse.domain.cohorts import Cohort
from ecluse.domain.documents.optouts import OptOutEvidence
from ecluse.domain.documents.outputs import OutputFile, Vote
from ecluse.domain.tabulation.plans import TabulationPlan


@dataclass(frozen=True)
class TabulationOrder:
    """Answer a data request by the tables of its plan, and by nothing else (EHDS art. 69).

    The order is the decision: `dataset` is the one that was granted, `persons` are the accounts of
    those who asked, and `assessed_by`, `decided_by` and `ordered_by` those of officers. None of
    these persons may check the answer (art. 55(3)). `cohort` says whom of the dataset to count,
    None everybody; `plan.population` says the same in words. `policy` names the figures of the
    protection, `minimum_count` the least number of persons that a table may show.
    `opt_out_exception_reason` is there when the decision applies the exception of art. 71(4).
    """

    order_number: str
    request_number: str
    title: str
    persons: tuple[str, ...]
    dataset: str
    snapshot: str
    cohort: Cohort | None
    plan: TabulationPlan
    policy: str
    minimum_count: int
    opt_out_list_digest: str
    assessed_by: tuple[str, ...]
    decided_by: str
    decided_at: datetime
    valid_until: date
    ordered_by: str
    opt_out_exception_reason: str | None = None


@dataclass(frozen=True)
class TabulationReceipt:
    """What was tabulated for a data request: counts of cells and digests, no number of a table.

    `primary_count` cells were hidden because they were at risk, `secondary_count` to keep these
    from being computed back. For officers alone: how many were hidden for others helps whoever
    attacks the tables. `answer_digest` is that of what the secure zone keeps to judge later
    answers; `plan_digest` is that of the plan in canonical JSON.
    `opt_outs` binds the lists applied and the persons counted, and gives no count: one of persons
    would tell what the protection of the tables hides.
    """

    order_number: str
    order_digest: str
    request_number: str
    dataset: str
    snapshot: str
    opt_out_list_digest: str
    plan_digest: str
    policy: str
    answer_digest: str
    table_count: int
    cell_count: int
    primary_count: int
    secondary_count: int
    rounding_base: int
    epsilon_thousandths: int
    files: tuple[OutputFile, ...]
    started_at: datetime
    finished_at: datetime
    opt_outs: OptOutEvidence | None = None


@dataclass(frozen=True)
class Rejection:
    """These files may not leave: two checkers voted. Their reasons stay in the checking room."""

    request_number: str
    job_number: str
    permit_number: str
    request_digest: str
    votes: tuple[Vote, ...]
