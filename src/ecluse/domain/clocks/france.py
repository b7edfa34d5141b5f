"""The French rules of time: opinion of the committee, authorisation, silence, appeal, declaration.

The committee (CESREES) and the authority (CNIL) act in parallel with, and inside, the clock of the
EHDS: see `tracks`. Figures follow the articles named; check them against the consolidated text
before a first use, since the national law that adapts them to the EHDS is not published.
"""

from ecluse.domain import parameters as law
from ecluse.domain.actors import Actor
from ecluse.domain.clocks.periods import Counting
from ecluse.domain.clocks.rules import ClockRule, Extension, Force, Resumption, rule_set

INCORRECT = "correction-requested"
INCOMPLETE = "incomplete"

FRANCE = rule_set(
    "france",
    Counting.FRENCH_SILENCE,
    (
        ClockRule(
            rule_id="committee-opinion",
            article="loi 78-17 art. 76",
            trigger="file received by the committee (CESREES)",
            act="give an opinion",
            limit=law.COMMITTEE_OPINION_MONTHS,
            owner=Actor.COMMITTEE,
        ),
        ClockRule(
            rule_id="authority-authorisation",
            article="loi 78-17 art. 66",
            trigger="request received by the authority (CNIL)",
            act="authorise or refuse",
            limit=law.AUTHORITY_MONTHS,
            owner=Actor.AUTHORITY,
            extension=Extension(law.AUTHORITY_EXTENSION_MONTHS, "loi 78-17 art. 66, reasoned"),
            lapse="authorised if the prior opinion is expressly favourable, otherwise not",
        ),
        *(
            ClockRule(
                rule_id=rule_id,
                article="CRPA art. " + article,
                trigger="request deposited",
                act="decide",
                limit=law.SILENCE_MONTHS,
                owner=Actor.DECIDER,
                suspended_by={INCORRECT: Resumption.CONTINUE, INCOMPLETE: Resumption.RESTART},
                lapse=lapse,
            )
            for rule_id, article, lapse in (
                ("silence-acceptance", "L231-1, L114-5", "the request is accepted"),
                ("silence-refusal", "L231-4, L114-5", "the request is refused"),
            )
        ),
        ClockRule(
            rule_id="appeal",
            article="CJA art. R421-1",
            trigger="decision notified",
            act="bring the decision before the court",
            limit=law.APPEAL_MONTHS,
            owner=Actor.DATA_USER,
            lapse="the decision is final",
        ),
        ClockRule(
            rule_id="methodology-report",
            article="reference methodologies of the CNIL",
            trigger="conformity declared or last report",
            act="report to the authority",
            limit=law.METHODOLOGY_REPORT_YEARS,
            owner=Actor.DATA_USER,
            force=Force.TARGET,
        ),
    ),
)
