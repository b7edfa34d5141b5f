"""The rule of time of the GDPR that this hub keeps: the answer to what a person asks.

Source: Regulation (EU) 2016/679 art. 12(3).
"""

from ecluse.domain import parameters as law
from ecluse.domain.actors import Actor
from ecluse.domain.clocks.periods import Counting
from ecluse.domain.clocks.rules import ClockRule, Extension, rule_set

GDPR = rule_set(
    "gdpr",
    Counting.UNION,
    (
        ClockRule(
            rule_id="rights-answer",
            article="GDPR art. 12(3)",
            trigger="request of a person received",
            act="tell what was done, or why nothing was",
            limit=law.RIGHTS_ANSWER_MONTHS,
            owner=Actor.OPT_OUT_DESK,
            extension=Extension(law.RIGHTS_EXTENSION_MONTHS, "GDPR art. 12(3), told with reasons"),
        ),
    ),
)
