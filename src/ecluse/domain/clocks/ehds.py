"""The rules of time of Regulation (EU) 2025/327, chapter IV, row by row, and the aims beside them.

Targets and suggestions come from the TEHDAS2 papers and bind nobody. "15 working days" and "annual
report", often quoted, are in no article and so not here.
"""

from collections.abc import Iterator

from ecluse.domain import parameters as law
from ecluse.domain.actors import Actor
from ecluse.domain.clocks.periods import Counting
from ecluse.domain.clocks.rules import (
    ClockRule,
    Extension,
    Force,
    Resumption,
    Shape,
    rule_set,
)

SUPPLEMENT = "information-requested"
FROM_COMPLETE = {SUPPLEMENT: Resumption.RESTART}


def _instruction() -> Iterator[ClockRule]:
    yield ClockRule(
        rule_id="publish-application",
        article="57(1)(j)(ii)",
        trigger="application or request received",
        act="publish it",
        limit=None,
        wording="without undue delay after initial reception",
        owner=Actor.ASSESSOR,
        note="before its completeness is settled",
    )
    yield ClockRule(
        rule_id="completion",
        article="68(4)",
        trigger="applicant told that the file is incomplete",
        act="complete the file",
        limit=law.COMPLETION_WEEKS,
        owner=Actor.DATA_USER,
        lapse="the permit is not issued",
    )
    yield ClockRule(
        rule_id="decision",
        article="68(4)",
        trigger="application complete",
        act="issue or refuse the permit",
        limit=law.DECISION_MONTHS,
        owner=Actor.DECIDER,
        extension=Extension(law.DECISION_EXTENSION_MONTHS, "68(4): told at once, with reasons"),
        suspended_by=FROM_COMPLETE,
    )
    yield ClockRule(
        rule_id="decision-accelerated",
        article="68(6)",
        trigger="application of a public-health body for purposes a to c complete",
        act="issue or refuse the permit",
        limit=law.ACCELERATED_DECISION_MONTHS,
        owner=Actor.DECIDER,
        extension=Extension(law.ACCELERATED_EXTENSION_MONTHS, "68(6)"),
        suspended_by=FROM_COMPLETE,
    )
    yield ClockRule(
        rule_id="request-assessment",
        article="69(4)",
        trigger="data request received",
        act="assess the request",
        limit=law.REQUEST_ASSESSMENT_MONTHS,
        owner=Actor.ASSESSOR,
        note="from receipt, complete or not; no extension",
    )
    yield ClockRule(
        rule_id="request-answer",
        article="69(4)",
        trigger="data request assessed",
        act="give the answer",
        limit=law.REQUEST_ANSWER_MONTHS,
        wording="where possible",
        owner=Actor.PREPARER,
        force=Force.TARGET,
    )
    yield ClockRule(
        rule_id="trusted-holder-assessment",
        article="72(5)",
        trigger="file received by the trusted data holder",
        act="assess it and propose a decision",
        limit=law.TRUSTED_ASSESSMENT_MONTHS,
        owner=Actor.TRUSTED_HOLDER,
        suspended_by=FROM_COMPLETE,
        note="for applications and requests",
    )
    yield ClockRule(
        rule_id="decision-after-trusted-holder",
        article="72(5)",
        trigger="assessment of the trusted data holder received",
        act="decide",
        limit=law.TRUSTED_DECISION_MONTHS,
        owner=Actor.DECIDER,
        note="the access body is not bound by the proposal; no extension",
    )


def _data() -> Iterator[ClockRule]:
    yield ClockRule(
        rule_id="request-data",
        article="68(7)",
        trigger="permit issued",
        act="request the data from the holder",
        limit=None,
        wording="immediately",
        owner=Actor.PREPARER,
    )
    yield ClockRule(
        rule_id="supply",
        article="60(2), 63(4)",
        trigger="request received by the data holder",
        act="put the data at the disposal of the access body",
        limit=law.SUPPLY_MONTHS,
        wording="reasonable time, at most",
        owner=Actor.DATA_HOLDER,
        extension=Extension(law.SUPPLY_EXTENSION_MONTHS, "60(2): where justified"),
        lapse="periodic penalty payments (63(4))",
    )
    yield ClockRule(
        rule_id="provision",
        article="68(7)",
        trigger="data received from the holder",
        act="make the data available to the user",
        limit=law.PROVISION_MONTHS,
        owner=Actor.PREPARER,
        extension=Extension(None, "68(7): unless the access body specifies longer"),
    )
    yield ClockRule(
        rule_id="publish-decision",
        article="57(1)(j)(iii)",
        trigger="permit issued, request approved, or either refused",
        act="publish the decision, with reasons if refused",
        limit=law.DECISION_PUBLIC_DAYS,
        owner=Actor.ASSESSOR,
    )
    yield ClockRule(
        rule_id="fee-agreement",
        article="62(4)",
        trigger="permit issued",
        act="agree on the fees of the holder",
        limit=law.FEE_AGREEMENT_MONTHS,
        owner=Actor.DATA_USER,
        lapse="the access body may set the fees",
    )


def _permit() -> Iterator[ClockRule]:
    yield ClockRule(
        rule_id="permit-duration",
        article="68(12)",
        trigger="permit issued",
        act="use the data",
        limit=law.PERMIT_MAXIMUM_YEARS,
        wording="as long as necessary, at most",
        owner=Actor.DATA_USER,
        shape=Shape.AT_MOST,
        lapse="the permit expires",
    )
    yield ClockRule(
        rule_id="permit-extension",
        article="68(12)",
        trigger="permit extended",
        act="use the data",
        limit=law.PERMIT_EXTENSION_YEARS,
        wording="once, at most",
        owner=Actor.DATA_USER,
        shape=Shape.AT_MOST,
        lapse="the permit expires",
    )
    yield ClockRule(
        rule_id="renewal-request",
        article="68(12)",
        trigger="expiry of the permit",
        act="ask for the extension",
        limit=law.RENEWAL_ASKED_MONTHS,
        owner=Actor.DATA_USER,
        shape=Shape.BEFORE,
        lapse="the extension is refused",
    )
    yield ClockRule(
        rule_id="deletion",
        article="68(12)",
        trigger="permit expired or revoked",
        act="delete the data from the secure environment, copies kept for safety included",
        limit=law.DELETION_MONTHS,
        owner=Actor.PREPARER,
    )
    yield ClockRule(
        rule_id="results-public",
        article="61(4)",
        trigger="processing completed or answer received",
        act="make the results public",
        limit=law.RESULTS_PUBLIC_MONTHS,
        owner=Actor.DATA_USER,
        extension=Extension(None, "61(4): where justified by the purposes, as for a journal"),
    )
    yield ClockRule(
        rule_id="access-log",
        article="73(1)(e)",
        trigger="access to the secure environment",
        act="keep the log of access",
        limit=law.ACCESS_LOG_YEARS,
        owner=Actor.CHECKER,
        shape=Shape.AT_LEAST,
    )


def _supervision() -> Iterator[ClockRule]:
    yield ClockRule(
        rule_id="notify-finding",
        article="63(2)",
        trigger="non-compliance found",
        act="tell whom it concerns",
        limit=None,
        wording="immediately",
        owner=Actor.DECIDER,
    )
    yield ClockRule(
        rule_id="views",
        article="63(2)",
        trigger="told of the finding",
        act="state views",
        limit=law.VIEWS_WEEKS,
        wording="reasonable time, at most",
        owner=Actor.DATA_USER,
    )
    yield ClockRule(
        rule_id="communicate-measure",
        article="63(5)",
        trigger="measure decided",
        act="communicate it with its reasons and a period to comply",
        limit=None,
        wording="without delay; the period to comply is reasonable",
        owner=Actor.DECIDER,
    )
    yield ClockRule(
        rule_id="exclusion",
        article="63(3), 63(4)",
        trigger="user or holder excluded from applying",
        act="remain excluded",
        limit=law.EXCLUSION_YEARS,
        owner=Actor.DECIDER,
        shape=Shape.AT_MOST,
        note="an excluded holder still supplies data",
    )
    yield ClockRule(
        rule_id="tell-authority",
        article="63(2)",
        trigger="possible breach of the GDPR",
        act="inform the data protection authority",
        limit=None,
        wording="immediately",
        owner=Actor.DECIDER,
    )
    yield ClockRule(
        rule_id="description-check",
        article="60(3)",
        trigger="description published or checked",
        act="check that the description of the dataset is right",
        limit=law.DESCRIPTION_CHECK_YEARS,
        wording="at least yearly",
        owner=Actor.DATA_HOLDER,
    )
    yield ClockRule(
        rule_id="activity-report",
        article="59(1)",
        trigger="end of the former reporting period",
        act="close the period of the activity report",
        limit=law.ACTIVITY_REPORT_YEARS,
        owner=Actor.AUDITOR,
    )
    yield ClockRule(
        rule_id="activity-report-sent",
        article="59(1)",
        trigger="end of the second year",
        act="send the activity report",
        limit=law.ACTIVITY_REPORT_SENT_MONTHS,
        owner=Actor.AUDITOR,
    )
    yield ClockRule(
        rule_id="opt-out",
        article="71(3)",
        trigger="opt-out recorded",
        act="leave the person out of every permit and request approved from then on",
        limit=None,
        wording="from the next approval",
        owner=Actor.PREPARER,
        note="earlier permits are untouched; see domain.optouts",
    )


def _aims() -> Iterator[ClockRule]:
    yield ClockRule(
        rule_id="completeness-check",
        article="68(4)",
        trigger="application received",
        act="say whether the file is complete",
        limit=law.COMPLETENESS_TARGET_DAYS,
        owner=Actor.ASSESSOR,
        force=Force.SUGGESTION,
    )
    yield ClockRule(
        rule_id="supplement",
        article="68(4)",
        trigger="information asked during the assessment",
        act="supply it",
        limit=law.SUPPLEMENT_TARGET_WEEKS,
        owner=Actor.DATA_USER,
        force=Force.SUGGESTION,
        note="the clock of the decision is void meanwhile",
    )
    for rule_id, limit, act in (
        ("incident-warning", law.INCIDENT_WARNING_HOURS, "give an early warning"),
        ("incident-detail", law.INCIDENT_DETAIL_HOURS, "give the details"),
        ("incident-report", law.INCIDENT_REPORT_MONTHS, "give the final report"),
    ):
        yield ClockRule(
            rule_id=rule_id,
            article="73",
            trigger="incident of the secure environment known",
            act=act,
            limit=limit,
            owner=Actor.CHECKER,
            force=Force.TARGET,
        )
    yield ClockRule(
        rule_id="enforcement-notice",
        article="63(6)",
        trigger="measure decided",
        act="enter it in the common enforcement tool",
        limit=law.ENFORCEMENT_NOTICE_DAYS,
        owner=Actor.DECIDER,
        force=Force.SUGGESTION,
    )
    yield ClockRule(
        rule_id="draft-kept",
        article="67",
        trigger="draft saved",
        act="send the file",
        limit=law.DRAFT_KEPT_MONTHS,
        owner=Actor.DATA_USER,
        force=Force.TARGET,
        lapse="the draft is deleted, with notice before",
    )
    yield ClockRule(
        rule_id="conditions-answer",
        article="68(10)(h)",
        trigger="conditions of the permit sent",
        act="accept or decline them",
        limit=law.CONDITIONS_ANSWER_MONTHS,
        owner=Actor.DATA_USER,
        force=Force.TARGET,
        lapse="the file may be withdrawn",
    )
    yield ClockRule(
        rule_id="designation-review",
        article="72(3)",
        trigger="trusted data holder designated, or confirmed by its last review",
        act="review whether the conditions of the designation are still met",
        limit=law.TRUSTED_REVIEW_YEARS,
        wording="regularly",
        owner=Actor.ASSESSOR,
        force=Force.TARGET,
        note="the figure is this hub's; past it, the review opens by itself",
    )
    yield ClockRule(
        rule_id="finding-check",
        article="58(3), 61(5)",
        trigger="significant finding reported, or its precisions given",
        act="send it to the data holders, ask for more, or set it aside",
        limit=law.FINDING_CHECK_DAYS,
        owner=Actor.ASSESSOR,
        force=Force.TARGET,
        note="the figure is this hub's: the articles give none",
    )
    yield ClockRule(
        rule_id="finding-told",
        article="58(3)",
        trigger="sealed list of persons ready for the data holder",
        act="tell the person or their health professional, as national law says",
        limit=law.FINDING_TOLD_MONTHS,
        owner=Actor.DATA_HOLDER,
        force=Force.TARGET,
        note="the figure is this hub's: the article gives none",
    )


EHDS = rule_set(
    "ehds",
    Counting.UNION,
    (*_instruction(), *_data(), *_permit(), *_supervision(), *_aims()),
)
