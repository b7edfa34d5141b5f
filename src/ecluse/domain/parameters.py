"""Legal and statistical figures: value, unit, date of effect, source."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True)
class Parameter:
    """A figure that a text fixes. `effective_on` is the day it begins to bind."""

    value: int
    unit: str
    effective_on: date
    source: str


CHAPTER_IV = date(2029, 3, 26)  # EHDS art. 105: secondary use applies from this day

COMPLETION_WEEKS = Parameter(4, "weeks", CHAPTER_IV, "EHDS art. 68(4)")
DECISION_MONTHS = Parameter(3, "months", CHAPTER_IV, "EHDS art. 68(4)")
DECISION_EXTENSION_MONTHS = Parameter(3, "months", CHAPTER_IV, "EHDS art. 68(4)")
PERMIT_MAXIMUM_YEARS = Parameter(10, "years", CHAPTER_IV, "EHDS art. 68(12)")
DELETION_MONTHS = Parameter(6, "months", CHAPTER_IV, "EHDS art. 68(12)")
RESULTS_PUBLIC_MONTHS = Parameter(18, "months", CHAPTER_IV, "EHDS art. 61(4)")
ACCESS_LOG_YEARS = Parameter(1, "years", CHAPTER_IV, "EHDS art. 73(1)(e)")
ACCELERATED_DECISION_MONTHS = Parameter(2, "months", CHAPTER_IV, "EHDS art. 68(6)")
ACCELERATED_EXTENSION_MONTHS = Parameter(1, "months", CHAPTER_IV, "EHDS art. 68(6)")
PROVISION_MONTHS = Parameter(2, "months", CHAPTER_IV, "EHDS art. 68(7)")
PERMIT_EXTENSION_YEARS = Parameter(10, "years", CHAPTER_IV, "EHDS art. 68(12)")
RENEWAL_ASKED_MONTHS = Parameter(1, "months", CHAPTER_IV, "EHDS art. 68(12)")
REQUEST_ASSESSMENT_MONTHS = Parameter(3, "months", CHAPTER_IV, "EHDS art. 69(4)")
REQUEST_ANSWER_MONTHS = Parameter(3, "months", CHAPTER_IV, "EHDS art. 69(4)")
TRUSTED_ASSESSMENT_MONTHS = Parameter(2, "months", CHAPTER_IV, "EHDS art. 72(5)")
TRUSTED_DECISION_MONTHS = Parameter(2, "months", CHAPTER_IV, "EHDS art. 72(5)")
TRUSTED_REVIEW_YEARS = Parameter(
    3,
    "years",
    CHAPTER_IV,
    "Choice of this project: EHDS art. 72 has designations reviewed regularly and gives no figure",
)
SUPPLY_MONTHS = Parameter(3, "months", CHAPTER_IV, "EHDS art. 60(2)")
SUPPLY_EXTENSION_MONTHS = Parameter(3, "months", CHAPTER_IV, "EHDS art. 60(2)")
DESCRIPTION_CHECK_YEARS = Parameter(1, "years", CHAPTER_IV, "EHDS art. 60(3)")
DECISION_PUBLIC_DAYS = Parameter(30, "working days", CHAPTER_IV, "EHDS art. 57(1)(j)(iii)")
ACTIVITY_REPORT_YEARS = Parameter(2, "years", CHAPTER_IV, "EHDS art. 59(1)")
ACTIVITY_REPORT_SENT_MONTHS = Parameter(6, "months", CHAPTER_IV, "EHDS art. 59(1)")
FEE_AGREEMENT_MONTHS = Parameter(1, "months", CHAPTER_IV, "EHDS art. 62(4)")
VIEWS_WEEKS = Parameter(4, "weeks", CHAPTER_IV, "EHDS art. 63(2)")
FINDING_CHECK_DAYS = Parameter(
    10,
    "working days",
    CHAPTER_IV,
    "Choice of this project: EHDS art. 58(3) and 61(5) give no figure for significant findings",
)
FINDING_TOLD_MONTHS = Parameter(
    1,
    "months",
    CHAPTER_IV,
    "Choice of this project: EHDS art. 58(3) leaves how and when persons are told to national law",
)
EXCLUSION_YEARS = Parameter(5, "years", CHAPTER_IV, "EHDS art. 63(3) and 63(4)")

GDPR_APPLIES = date(2018, 5, 25)
RIGHTS_ANSWER_MONTHS = Parameter(1, "months", GDPR_APPLIES, "GDPR art. 12(3)")
RIGHTS_EXTENSION_MONTHS = Parameter(2, "months", GDPR_APPLIES, "GDPR art. 12(3)")

COMPLETENESS_TARGET_DAYS = Parameter(
    10, "working days", CHAPTER_IV, "TEHDAS2 D6.3 (consultation version, 2025): 5 to 10, a target"
)
SUPPLEMENT_TARGET_WEEKS = Parameter(
    2, "weeks", CHAPTER_IV, "TEHDAS2 D6.3 (consultation version, 2025): a target"
)
INCIDENT_WARNING_HOURS = Parameter(24, "hours", CHAPTER_IV, "TEHDAS2 D7.4, OPR-19: should")
INCIDENT_DETAIL_HOURS = Parameter(72, "hours", CHAPTER_IV, "TEHDAS2 D7.4, OPR-19: should")
INCIDENT_REPORT_MONTHS = Parameter(1, "months", CHAPTER_IV, "TEHDAS2 D7.4, OPR-19: should")
ENFORCEMENT_NOTICE_DAYS = Parameter(
    10, "working days", CHAPTER_IV, "TEHDAS2 M4.1.2 (consultation version, 2025): a suggestion"
)

_LIL = date(2019, 6, 1)  # loi 78-17 as rewritten by the ordinance of 12 December 2018
COMMITTEE_OPINION_MONTHS = Parameter(
    1, "months", _LIL, "Loi 78-17 art. 76: opinion of the committee (CESREES)"
)
AUTHORITY_MONTHS = Parameter(2, "months", _LIL, "Loi 78-17 art. 66 (CNIL)")
AUTHORITY_EXTENSION_MONTHS = Parameter(2, "months", _LIL, "Loi 78-17 art. 66: renewable once")
_COMMISSIONS = date(2016, 1, 1)  # code des relations entre le public et l'administration
COMMITTEE_QUORUM_PERCENT = Parameter(
    50,
    "% of the members, at least, present on each file",
    _COMMISSIONS,
    "Code des relations entre le public et l'administration art. R133-10: half of the members;"
    " whoever has an interest in the file is not counted (R133-12)",
)
COMMITTEE_NOTICE_DAYS = Parameter(
    5, "days", _COMMISSIONS, "Code des relations entre le public et l'administration art. R133-8"
)
MINUTES_SIGNERS = Parameter(
    2,
    "members present",
    _COMMISSIONS,
    "Choice of this project: who presides and another member; R133-13 asks minutes, no number",
)
OPINION_LINK_DAYS = Parameter(
    30, "days", CHAPTER_IV, "Choice of this project: how long an expert's link can be used"
)
METHODOLOGY_REPORT_YEARS = Parameter(
    3, "years", _LIL, "Reference methodologies of the CNIL: report every three years"
)
SILENCE_MONTHS = Parameter(
    2, "months", date(2016, 1, 1), "Code des relations entre le public et l'administration L231-1"
)
APPEAL_MONTHS = Parameter(
    2, "months", date(2017, 1, 1), "Code de justice administrative art. R421-1"
)
APPEAL_FROM_OVERSEAS_MONTHS = Parameter(
    1, "months", date(2001, 1, 1), "Code de justice administrative art. R421-7: added, overseas"
)
APPEAL_FROM_ABROAD_MONTHS = Parameter(
    2, "months", date(2001, 1, 1), "Code de justice administrative art. R421-7: added, abroad"
)
OPENED_WITHIN_DAYS = Parameter(
    15,
    "days",
    date(2017, 12, 24),
    "Code des relations entre le public et l'administration art. L112-15, R112-20 (décret"
    " 2017-1728): not opened within it, a document counts as notified the day it was made"
    " available; read in a summary, check the consolidated text",
)
DRAFT_KEPT_MONTHS = Parameter(
    6, "months", CHAPTER_IV, "Choice of this project after TEHDAS2 D6.4: drafts expire with notice"
)
CONDITIONS_ANSWER_MONTHS = Parameter(
    1, "months", CHAPTER_IV, "Choice of this project: after it, silence may be taken as withdrawal"
)

MINIMUM_COUNT = Parameter(
    11,
    "persons per published cell",
    date(2020, 1, 1),
    "Practice for the SNDS: no cell under 11 patients or stays; the EHDS fixes no threshold",
)
INDEPENDENT_CHECKERS = Parameter(
    2,
    "checkers per release",
    date(2020, 1, 1),
    "Choice of this project; EHDS art. 73(2) asks a review of each download without a number",
)
CLAIMS_LAG_MONTHS = Parameter(
    27, "months", date(2013, 1, 1), "SNDS documentation: longest delay from care to claims flow"
)
RETENTION_YEARS = Parameter(
    20,
    "years",
    date(2017, 4, 1),
    "SNDS documentation, introduction: individual data are kept 20 years (CSP art. L1461-1)",
)
ARCHIVE_YEARS = Parameter(
    10,
    "years after the retention",
    date(2017, 4, 1),
    "SNDS documentation, introduction: then archived 10 years",
)


@dataclass(frozen=True)
class OptOutRefresh:
    """Whether a new version of a permit has the list of opt-outs of its own day, or the former one.

    Both by default: doubt goes to the person.
    """

    on_extension: bool = True
    on_amendment: bool = True


OPT_OUT_REFRESH: Mapping[str, OptOutRefresh] = {
    "fr": OptOutRefresh(on_extension=True, on_amendment=True),
}
"""By country (ISO 3166-1, small letters); a country that is not named refreshes both.

Source: EHDS art. 71(3) does not settle it; a choice of each country.
"""
OPT_OUT_QUESTIONS_A_DAY = Parameter(
    2_000,
    "questions a day that a zone answers on who was in which project",
    CHAPTER_IV,
    "Choice of this project: more than citizens ask, too few to try every number",
)
