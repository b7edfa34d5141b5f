"""The table of time of the EHDS, read against the Regulation: figure, owner, extension, force."""

import pytest

from ecluse.domain.actors import Actor
from ecluse.domain.clocks.ehds import EHDS, SUPPLEMENT
from ecluse.domain.clocks.france import FRANCE
from ecluse.domain.clocks.gdpr import GDPR
from ecluse.domain.clocks.rules import Force, Resumption, Shape
from ecluse.domain.errors import NotFound
from ecluse.domain.parameters import Parameter

# rule, article, figure (or words, without one), extension, force: 28 lines of the Regulation and
# the papers beside it, line 14 in three rules, 18 in two, 23 in two, 27 in three
ROWS = [
    ("publish-application", "57(1)(j)(ii)", "without undue delay", None, "legal"),
    ("completion", "68(4)", "4 weeks", None, "legal"),
    ("decision", "68(4)", "3 months", "3 months", "legal"),
    ("decision-accelerated", "68(6)", "2 months", "1 months", "legal"),
    ("request-assessment", "69(4)", "3 months", None, "legal"),
    ("request-answer", "69(4)", "3 months", None, "target"),
    ("trusted-holder-assessment", "72(5)", "2 months", None, "legal"),
    ("decision-after-trusted-holder", "72(5)", "2 months", None, "legal"),
    ("request-data", "68(7)", "immediately", None, "legal"),
    ("supply", "60(2), 63(4)", "3 months", "3 months", "legal"),
    ("provision", "68(7)", "2 months", "named", "legal"),
    ("publish-decision", "57(1)(j)(iii)", "30 working days", None, "legal"),
    ("fee-agreement", "62(4)", "1 months", None, "legal"),
    ("permit-duration", "68(12)", "10 years", None, "legal"),
    ("permit-extension", "68(12)", "10 years", None, "legal"),
    ("renewal-request", "68(12)", "1 months", None, "legal"),
    ("deletion", "68(12)", "6 months", None, "legal"),
    ("results-public", "61(4)", "18 months", "named", "legal"),
    ("access-log", "73(1)(e)", "1 years", None, "legal"),
    ("notify-finding", "63(2)", "immediately", None, "legal"),
    ("views", "63(2)", "4 weeks", None, "legal"),
    ("communicate-measure", "63(5)", "without delay", None, "legal"),
    ("exclusion", "63(3), 63(4)", "5 years", None, "legal"),
    ("tell-authority", "63(2)", "immediately", None, "legal"),
    ("description-check", "60(3)", "1 years", None, "legal"),
    ("activity-report", "59(1)", "2 years", None, "legal"),
    ("activity-report-sent", "59(1)", "6 months", None, "legal"),
    ("opt-out", "71(3)", "from the next approval", None, "legal"),
    ("completeness-check", "68(4)", "10 working days", None, "suggestion"),
    ("supplement", "68(4)", "2 weeks", None, "suggestion"),
    ("incident-warning", "73", "24 hours", None, "target"),
    ("incident-detail", "73", "72 hours", None, "target"),
    ("incident-report", "73", "1 months", None, "target"),
    ("enforcement-notice", "63(6)", "10 working days", None, "suggestion"),
    ("draft-kept", "67", "6 months", None, "target"),
    ("conditions-answer", "68(10)(h)", "1 months", None, "target"),
    ("designation-review", "72(3)", "3 years", None, "target"),
    ("finding-check", "58(3), 61(5)", "10 working days", None, "target"),
    ("finding-told", "58(3)", "1 months", None, "target"),
]


def figure_of(limit: Parameter | None) -> str:
    return f"{limit.value} {limit.unit}" if limit else ""


@pytest.mark.parametrize(("rule_id", "article", "figure", "extension", "force"), ROWS)
def test_each_rule_says_what_its_article_says(
    rule_id: str, article: str, figure: str, extension: str | None, force: str
) -> None:
    rule = EHDS.rule(rule_id)

    assert rule.article == article
    assert (figure_of(rule.limit) or rule.wording).startswith(figure)
    assert (rule.extension and (figure_of(rule.extension.limit) or "named")) == extension
    assert rule.force is Force(force)


def test_the_table_has_these_rules_and_no_other() -> None:
    assert list(EHDS.rules) == [row[0] for row in ROWS]


def test_every_rule_says_who_must_act_on_what_from_when() -> None:
    silent = [
        rule.rule_id
        for rules in (EHDS, FRANCE, GDPR)
        for rule in rules.rules.values()
        if not (rule.trigger and rule.act and rule.article) or rule.owner is Actor.NOBODY
    ]

    assert silent == []


def test_a_rule_without_a_figure_has_the_words_of_the_text() -> None:
    wordless = [r.rule_id for r in EHDS.rules.values() if r.limit is None and not r.wording]

    assert wordless == []


def test_an_extension_is_in_the_unit_of_its_period() -> None:
    mixed = [
        rule.rule_id
        for rules in (EHDS, FRANCE, GDPR)
        for rule in rules.rules.values()
        if rule.extension
        and rule.extension.limit
        and rule.limit
        and rule.extension.limit.unit != rule.limit.unit
    ]

    assert mixed == []


def test_only_a_clock_from_the_complete_application_is_suspended() -> None:
    suspended = [rule.rule_id for rule in EHDS.rules.values() if rule.suspended_by]

    assert suspended == ["decision", "decision-accelerated", "trusted-holder-assessment"]


def test_a_supplement_restarts_the_clock_unless_a_country_chooses_a_pause() -> None:
    pausing = EHDS.resuming(Resumption.CONTINUE)

    assert EHDS.rule("decision").resumption(SUPPLEMENT) is Resumption.RESTART
    assert pausing.rule("decision").resumption(SUPPLEMENT) is Resumption.CONTINUE
    assert pausing.rule("request-assessment").resumption(SUPPLEMENT) is None


def test_the_month_before_expiry_is_the_only_period_counted_back() -> None:
    back = [rule.rule_id for rule in EHDS.rules.values() if rule.shape is Shape.BEFORE]

    assert back == ["renewal-request"]


def test_an_unknown_rule_is_refused() -> None:
    with pytest.raises(NotFound, match="15-working-days"):
        EHDS.rule("15-working-days")
