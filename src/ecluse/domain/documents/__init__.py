"""The documents that cross a gate: what each holds, and who may sign it.

A `Document` is a header and a body. Its JSON form is fixed by the dataclasses below (see `codec`);
the published JSON Schemas are generated from them. `trust.documents` signs and verifies.
"""

import dataclasses
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import cast, get_args

from ecluse.domain import codec
from ecluse.domain.documents.boards import (
    BoardClosing,
    BoardOpening,
    BoardResult,
    ScoreRelease,
    Submission,
)
from ecluse.domain.documents.deletions import (
    DeletionCertificate,
    DeletionOrder,
    DestroyedExtract,
    DestroyedWorkspace,
)
from ecluse.domain.documents.drills import DrillPart, DrillReport, DrillStep
from ecluse.domain.documents.evaluations import (
    EvaluationLock,
    EvaluationOrder,
    EvaluationProtocol,
    EvaluationReceipt,
    EvaluationReport,
    EvaluationWithdrawal,
)
from ecluse.domain.documents.extractions import (
    AttritionStep,
    ColumnDescription,
    DeliveredFile,
    ExtractedTable,
    ExtractionOrder,
    ExtractionReceipt,
    FileFormat,
    FilterDescription,
    FilterState,
    FilterSwitch,
    Refusal,
    Removal,
    RemovedRows,
    SnapshotNotice,
    Software,
    SourceDescription,
    TableDescription,
)
from ecluse.domain.documents.findings import (
    FindingAnswer,
    FindingOrder,
    FindingReceipt,
    FindingRecipient,
    WishList,
)
from ecluse.domain.documents.kinds import NUMBERS, SIGNERS
from ecluse.domain.documents.letters import LetterTwin, SealedFile, UnmetCriterion
from ecluse.domain.documents.optouts import (
    Basis,
    ListCommitment,
    ListFile,
    MembershipAnswer,
    MembershipQuestion,
    OptOutEvidence,
    OptOutList,
    RemovedPersons,
    SourceOptOuts,
)
from ecluse.domain.documents.outputs import (
    ActionProgress,
    ActionState,
    CheckReport,
    Decision,
    FileVerdict,
    Finding,
    JobCancellation,
    JobOrder,
    JobProgress,
    JobReceipt,
    JobStatus,
    OutputFile,
    OutputRequest,
    Recall,
    RecallReason,
    Release,
    ReleaseReceipt,
    RequestedFile,
    Verdict,
    Vote,
)
from ecluse.domain.documents.permits import (
    AuthorisedPerson,
    Coarsening,
    DataFormat,
    DatasetScope,
    FeeLine,
    Linkage,
    LinkageWay,
    Permit,
    Precision,
    Revocation,
    Suspension,
    TableScope,
)
from ecluse.domain.documents.quality import QualityEvidence, QualityScore
from ecluse.domain.documents.signers import (
    AGENT,
    CHECKING_SITE,
    PUBLIC_SITE,
    KeyRotation,
    Signer,
)
from ecluse.domain.documents.tabulations import Rejection, TabulationOrder, TabulationReceipt
from ecluse.domain.errors import InvalidInput, Malformed

__all__ = [
    "AGENT",
    "CHECKING_SITE",
    "KINDS",
    "NUMBERS",
    "PUBLIC_SITE",
    "SIGNERS",
    "VERSION",
    "ActionProgress",
    "ActionState",
    "AttritionStep",
    "AuthorisedPerson",
    "Basis",
    "BoardClosing",
    "BoardOpening",
    "BoardResult",
    "Body",
    "CheckReport",
    "Coarsening",
    "ColumnDescription",
    "DataFormat",
    "DatasetScope",
    "Decision",
    "DeletionCertificate",
    "DeletionOrder",
    "DeliveredFile",
    "DestroyedExtract",
    "DestroyedWorkspace",
    "Document",
    "DrillPart",
    "DrillReport",
    "DrillStep",
    "EvaluationLock",
    "EvaluationOrder",
    "EvaluationProtocol",
    "EvaluationReceipt",
    "EvaluationReport",
    "EvaluationWithdrawal",
    "ExtractedTable",
    "ExtractionOrder",
    "ExtractionReceipt",
    "FeeLine",
    "FileFormat",
    "FileVerdict",
    "FilterDescription",
    "FilterState",
    "FilterSwitch",
    "Finding",
    "FindingAnswer",
    "FindingOrder",
    "FindingReceipt",
    "FindingRecipient",
    "JobCancellation",
    "JobOrder",
    "JobProgress",
    "JobReceipt",
    "JobStatus",
    "KeyRotation",
    "LetterTwin",
    "Linkage",
    "LinkageWay",
    "ListCommitment",
    "ListFile",
    "MembershipAnswer",
    "MembershipQuestion",
    "OptOutEvidence",
    "OptOutList",
    "OutputFile",
    "OutputRequest",
    "Permit",
    "Precision",
    "QualityEvidence",
    "QualityScore",
    "Recall",
    "RecallReason",
    "Refusal",
    "Rejection",
    "Release",
    "ReleaseReceipt",
    "Removal",
    "RemovedPersons",
    "RemovedRows",
    "RequestedFile",
    "Revocation",
    "ScoreRelease",
    "SealedFile",
    "Signer",
    "SnapshotNotice",
    "Software",
    "SourceDescription",
    "SourceOptOuts",
    "Submission",
    "Suspension",
    "TableDescription",
    "TableScope",
    "TabulationOrder",
    "TabulationReceipt",
    "UnmetCriterion",
    "Verdict",
    "Vote",
    "WishList",
    "from_json",
    "number_of",
    "to_json",
]

Body = (
    Permit
    | Revocation
    | Suspension
    | OptOutList
    | SourceOptOuts
    | ExtractionOrder
    | SnapshotNotice
    | ExtractionReceipt
    | Refusal
    | JobOrder
    | JobCancellation
    | JobProgress
    | JobReceipt
    | CheckReport
    | OutputRequest
    | Release
    | ReleaseReceipt
    | Recall
    | Rejection
    | TabulationOrder
    | TabulationReceipt
    | LetterTwin
    | DeletionOrder
    | DeletionCertificate
    | MembershipQuestion
    | MembershipAnswer
    | WishList
    | FindingOrder
    | FindingReceipt
    | KeyRotation
    | QualityEvidence
    | EvaluationProtocol
    | EvaluationLock
    | EvaluationReport
    | EvaluationWithdrawal
    | EvaluationOrder
    | EvaluationReceipt
    | BoardOpening
    | Submission
    | ScoreRelease
    | BoardClosing
    | BoardResult
    | DrillReport
)

KINDS: Mapping[str, type[Body]] = {kind.__name__: kind for kind in get_args(Body)}


def number_of(body: Body) -> str:
    """The number by which people call this document."""
    return str(getattr(body, NUMBERS[type(body).__name__]))


VERSION = 1

_IDENTIFIER = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.ASCII)


@dataclass(frozen=True)
class Document:
    """A body with its header: who issued it, for whom, when, and until when it may be obeyed.

    `id` is a UUID. `audience` names the receivers: `site:public`, `site:checking`, `agent:<zone>`.
    """

    id: str
    issuer: Signer
    audience: tuple[str, ...]
    issued_at: datetime
    expires_at: datetime | None
    body: Body

    @property
    def kind(self) -> str:
        """The name of the body's class, as published."""
        return type(self.body).__name__


def to_json(document: Document) -> dict[str, codec.JSON]:
    """The JSON object that is signed."""
    members = {
        field.name: codec.encode(getattr(document, field.name))
        for field in dataclasses.fields(document)
    }
    return {**members, "kind": document.kind, "version": VERSION}


def from_json(json: codec.JSON) -> Document:
    """The document written by `to_json`. Raises Malformed naming the member at fault."""
    if not isinstance(json, dict):
        raise Malformed("The document is not a JSON object.")
    body_type = KINDS.get(str(json.get("kind")))
    if body_type is None:
        raise Malformed(f"Unknown kind of document {str(json.get('kind'))[:40]!r}.")
    if type(json.get("version")) is not int or json["version"] != VERSION:
        raise Malformed(f"This software reads version {VERSION} of a {json['kind']}.")
    header = {k: v for k, v in json.items() if k not in {"kind", "version", "body"}}
    body = _body(json.get("body"), body_type)
    parts = codec.decode(header, _Header)
    return Document(parts.id, parts.issuer, parts.audience, parts.issued_at, parts.expires_at, body)


def _body(json: codec.JSON, body_type: type[Body]) -> Body:
    try:
        return cast(Body, codec.decode(json, body_type, at=body_type.__name__))
    except InvalidInput as error:
        # A part that contradicts itself is no document of the published shape either.
        raise Malformed(f"{body_type.__name__}: {error}") from None


@dataclass(frozen=True)
class _Header:
    id: str
    issuer: Signer
    audience: tuple[str, ...]
    issued_at: datetime
    expires_at: datetime | None

    def __post_init__(self) -> None:
        """Refuse an identifier of another shape: refusals and journals quote it."""
        if _IDENTIFIER.fullmatch(self.id) is None:
            raise ValueError("The identifier is not a UUID in small letters.")
