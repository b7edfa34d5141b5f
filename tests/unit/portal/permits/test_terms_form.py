"""The form of a decision: each column with how precisely it is given, and what clashes."""

from dataclasses import replace

import pytest

from ecluse.domain import codec
from ecluse.domain.documents import (
    Coarsening,
    Linkage,
    LinkageWay,
    Permit,
    Precision,
    Signer,
    SnapshotNotice,
    TableDescription,
    TableScope,
)
from ecluse.domain.errors import InvalidInput
from ecluse.portal.applications.models import Application
from ecluse.portal.mailbox.actions import receive
from ecluse.portal.permits import actions
from ecluse.portal.permits.forms import TermsForm
from ecluse.portal.permits.terms import Terms
from tests.unit.portal.applications.road import NOW, TODAY, Road
from tests.unit.portal.permits.columns import ASKED, CODE, RICH, column

EVERY_COLUMN = {
    "tables_ER_PHA_F": ["event_date", "PHA_PRS_C13"],
    "tables_IR_BEN_R": ["BEN_SEX_COD", "BEN_NAI_ANN", "BEN_NAI_MOI", "BEN_DCD_DTE", "BDI_COD"],
}
TERMS = {
    "title": "Saignements digestifs",
    "purpose_text": "Comparer.",
    "data_format": "pseudonymised",
    "care_from": "2021-01-01",
    "care_to": "2023-12-31",
    "valid_from": "2026-01-05",
    "valid_until": "2028-01-04",
    "minimum_count": "11",
    "environment": "Analyses isolées.",
    "conditions": "Publier.",
    "fees": "Instruction ; 1500,50",
    **EVERY_COLUMN,
}


@pytest.fixture
def application(road: Road) -> Application:
    """A file to be decided that asks for four facts that could identify."""
    receive(road.signers.sign(RICH, issuer=Signer.AGENT, now=NOW), now=NOW)
    found = road.assessed()
    found.answers["tables"] = ASKED
    found.save()
    return found


def form(application: Application, **changes: object) -> TermsForm:
    names = {name.replace("__", "."): value for name, value in changes.items()}
    return TermsForm(application, RICH, {**TERMS, **names}, today=TODAY)


def given(application: Application, **changes: object) -> dict[str, tuple[Coarsening, ...]]:
    filled = form(application, **changes)
    assert filled.is_valid(), filled.errors
    return {table.table: table.coarsened for table in filled.terms().datasets[0].tables}


def test_without_a_word_one_fact_alone_stays_as_it_is(application: Application) -> None:
    assert given(application) == {
        "ER_PHA_F": (),
        "IR_BEN_R": (
            Coarsening("BEN_NAI_ANN", Precision.AGE_BAND, 5),
            Coarsening("BEN_NAI_MOI", Precision.CHOICE_ONLY),
            Coarsening("BEN_DCD_DTE", Precision.MONTH),
            Coarsening("BDI_COD", Precision.DEPARTMENT),
        ),
    }


def test_the_page_shows_what_is_proposed(application: Application) -> None:
    page = TermsForm(application, RICH, today=TODAY)

    assert page["tables_IR_BEN_R.BDI_COD"].value() == "department"
    assert page["tables_ER_PHA_F.event_date"].value() == "as-is"
    assert page["tables_IR_BEN_R.BEN_NAI_ANN"].value() == "age-band:5"


def test_the_decider_gives_less_than_was_asked(application: Application) -> None:
    found = given(application, tables_ER_PHA_F__PHA_PRS_C13="first-characters:3")

    assert found["ER_PHA_F"] == (Coarsening("PHA_PRS_C13", Precision.FIRST_CHARACTERS, 3),)


def test_nothing_sharper_than_what_was_asked_is_offered(application: Application) -> None:
    page = TermsForm(application, RICH, today=TODAY)
    offered = [word for word, _ in page["tables_IR_BEN_R.BEN_NAI_ANN"].field.choices]  # type: ignore[attr-defined]

    assert offered == ["age-band:5", "age-band:10", "choice-only"]


@pytest.mark.parametrize(
    ("column", "posted"),
    [
        ("IR_BEN_R__BEN_NAI_ANN", "as-is"),
        ("IR_BEN_R__BEN_NAI_ANN", "age-band:2"),
        ("IR_BEN_R__BDI_COD", "first-characters:5"),
        ("ER_PHA_F__event_date", "rounded:10"),
        ("ER_PHA_F__event_date", "'; DROP TABLE permits"),
    ],
)
def test_a_precision_posted_by_hand_is_refused(
    application: Application, column: str, posted: str
) -> None:
    filled = form(application, **{f"tables_{column}": posted})

    assert list(filled.errors) == [f"tables_{column.replace('__', '.')}"]


def test_a_column_posted_by_hand_is_refused(application: Application) -> None:
    filled = form(application, tables_IR_BEN_R=["BEN_SEX_COD", "BEN_NIR_ANO"])

    assert "tables_IR_BEN_R" in filled.errors


def test_a_table_posted_by_hand_is_not_read(application: Application) -> None:
    filled = form(application, tables_KI_CCI_R=["DCD_CIM_COD"])

    assert filled.is_valid()
    assert [t.table for t in filled.terms().datasets[0].tables] == ["ER_PHA_F", "IR_BEN_R"]


def test_two_facts_given_as_they_are_are_told_beside_each_of_their_columns(
    application: Application,
) -> None:
    filled = form(application, tables_IR_BEN_R__BEN_DCD_DTE="as-is")

    assert set(filled.errors) == {
        "__all__",
        "tables_ER_PHA_F.event_date",
        "tables_IR_BEN_R.BEN_DCD_DTE",
    }
    assert "jour exact des soins, jour exact du décès" in filled.errors["__all__"][0]
    assert "jour exact du décès" in filled.errors["tables_IR_BEN_R.BEN_DCD_DTE"][0]


def test_two_facts_pass_when_both_are_authorised_with_a_reason(application: Application) -> None:
    filled = form(
        application,
        tables_IR_BEN_R__BEN_DCD_DTE="as-is",
        together=["day-of-care", "day-of-death"],
        together_reason="Autorisation CNIL DR-2025-001.",
    )

    assert filled.is_valid(), filled.errors
    assert filled.terms().together == ("day-of-care", "day-of-death")
    assert filled.terms().together_reason == "Autorisation CNIL DR-2025-001."


def test_facts_authorised_without_a_reason_are_sent_back(application: Application) -> None:
    filled = form(
        application,
        tables_IR_BEN_R__BEN_DCD_DTE="as-is",
        together=["day-of-care", "day-of-death"],
    )

    assert list(filled.errors) == ["together_reason"]


def test_a_fact_that_is_not_asked_cannot_be_authorised(application: Application) -> None:
    filled = form(application, together=["municipality-of-death"], together_reason="Non.")

    assert "together" in filled.errors


def test_a_file_with_one_fact_has_nothing_to_authorise(road: Road) -> None:
    page = TermsForm(road.assessed(), RICH, today=TODAY)

    assert page.authorisation() == []


def test_what_is_signed_is_what_the_form_said(road: Road, application: Application) -> None:
    filled = form(application, tables_ER_PHA_F__PHA_PRS_C13="first-characters:3")
    assert filled.is_valid(), filled.errors

    granted = actions.decide(application, filled.terms(), by=road.decider, now=NOW)

    signed = granted.terms()
    assert signed.datasets == filled.terms().datasets
    assert codec.decode(codec.encode(signed), Permit) == signed


def many(application: Application) -> SnapshotNotice:
    """A notice with a table of 200 codes more, all of them asked."""
    names = [f"CODE_{number:03}" for number in range(200)]
    columns = tuple(column(name, "code", CODE) for name in names)
    application.answers["tables"] = [*ASKED, {"table": "ER_BIG_F", "columns": names}]
    big = TableDescription("ER_BIG_F", "Grande table", "Big table", 10, columns)
    return replace(RICH, tables=(*RICH.tables, big))


def test_with_many_columns_every_table_is_folded(application: Application) -> None:
    page = TermsForm(application, many(application), today=TODAY)

    groups = page.tables()
    assert [len(group.rows) for group in groups] == [2, 5, 200]
    assert [group.ticked for group in groups] == [2, 5, 200]
    assert [group.is_open for group in groups] == [False, False, False]


def test_with_many_columns_the_table_that_is_wrong_is_open(application: Application) -> None:
    data = {**TERMS, "tables_IR_BEN_R.BEN_NAI_ANN": "as-is"}
    page = TermsForm(application, many(application), data, today=TODAY)

    assert not page.is_valid()
    assert [group.is_open for group in page.tables()] == [False, True, False]


def sharper(terms: Terms, scope: TableScope) -> Terms:
    one = replace(terms.datasets[0], tables=(scope,))
    return replace(terms, datasets=(one,))


def test_the_action_refuses_more_precision_than_was_asked(
    road: Road, application: Application
) -> None:
    terms = sharper(form_terms(application), TableScope("IR_BEN_R", ("BEN_NAI_ANN",)))

    with pytest.raises(InvalidInput, match="less was asked"):
        actions.decide(application, terms, by=road.decider, now=NOW)


def test_the_action_refuses_a_precision_that_the_zone_cannot_give(
    road: Road, application: Application
) -> None:
    cut = Coarsening("event_date", Precision.FIRST_CHARACTERS, 4)
    terms = sharper(form_terms(application), TableScope("ER_PHA_F", ("event_date",), (cut,)))

    with pytest.raises(InvalidInput, match="event_date cannot be given"):
        actions.decide(application, terms, by=road.decider, now=NOW)


def form_terms(application: Application) -> Terms:
    filled = form(application)
    assert filled.is_valid(), filled.errors
    return filled.terms()


def test_the_permit_names_the_cohorts_that_may_be_joined(application: Application) -> None:
    typed = "Constances ; Inserm ; numéro ; Suivre l’asthme\nE3N ; Gustave Roussy ; indirect ; Idem"

    filled = form(application, linkages=typed)

    assert filled.is_valid(), filled.errors
    assert filled.terms().linkages == (
        Linkage("Constances", "Inserm", LinkageWay.NATIONAL_NUMBER, "Suivre l’asthme"),
        Linkage("E3N", "Gustave Roussy", LinkageWay.INDIRECT, "Idem"),
    )


@pytest.mark.parametrize("line", ["Constances ; Inserm", "Constances ; Inserm ; nom ; Suivre"])
def test_a_linkage_that_cannot_be_read_is_explained(application: Application, line: str) -> None:
    filled = form(application, linkages=line)

    assert "numéro ou indirect" in str(filled.errors["linkages"])
