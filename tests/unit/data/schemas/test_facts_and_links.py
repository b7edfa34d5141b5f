"""What a model says of its persons, of events that last, and of one person on another's row."""

import dataclasses
import json

import pytest

from ecluse.data.schemas import Facts, Mark, Model, decode, encode, model, models
from ecluse.data.schemas.checks import check
from ecluse.domain.errors import InvalidInput, Malformed, NotFound

SNDS = model("snds")


def test_the_snds_tells_sex_birth_residence_and_death_of_a_person() -> None:
    assert SNDS.register.facts == Facts(
        sex="BEN_SEX_COD",
        female=("2",),
        male=("1",),
        birth=("BEN_NAI_ANN", "BEN_NAI_MOI"),
        department="BEN_RES_DPT",
        latest="MAX_TRT_DTD",
        death="BEN_DCD_DTE",
    )


def test_omop_tells_death_in_a_table_of_its_own() -> None:
    facts = model("omop").register.facts

    assert facts is not None
    assert (facts.death_table, facts.death) == ("death", "death_date")


@pytest.mark.parametrize("name", models())
def test_every_model_of_the_product_is_coherent_and_comes_back_from_json(name: str) -> None:
    known = model(name)
    check(known)

    written = json.loads(json.dumps(encode(known, list(known.tables))))

    assert decode(written) == known


def test_a_long_term_illness_lasts_until_its_end() -> None:
    assert SNDS.source("long_term_illness").end_column == "IMB_ALD_DTF"
    assert SNDS.source("stay_main_diagnosis").end_column is None


def test_a_newborn_is_joined_to_the_mother() -> None:
    mother = SNDS.link("mother")

    assert mother.columns == (
        ("T_MCOaaC", "NIR_ANO_MAM"),
        ("T_MCOaaC", "ETA_NUM"),
        ("T_MCOaaB", "AGE_JOU"),
        ("T_MCOaaB", "AGE_ANN"),
        ("T_MCOaaB", "ENT_MOD"),
        ("T_MCOaaB", "COD_SEX"),
    )
    assert (mother.day, mother.days_apart, mother.no_number) == ("EXE_SOI_DTD", 1, ("AB" * 16,))


def test_an_unknown_link_is_not_found() -> None:
    with pytest.raises(NotFound, match="godmother"):
        SNDS.link("godmother")


def test_a_snapshot_keeps_the_links_found_in_its_tables() -> None:
    with_stays = decode(encode(SNDS, ["T_MCOaaB"]))  # its parent holds the number
    without_marks = decode(encode(SNDS, ["T_MCOaaC"]))
    without = decode(encode(SNDS, ["ER_PRS_F"]))

    assert with_stays.links == SNDS.links
    assert without_marks.links == without.links == {}


def test_a_model_written_before_links_were_known_is_read() -> None:
    written = encode(SNDS, ["ER_PRS_F"])
    assert isinstance(written, dict)
    del written["links"]

    assert decode(written).links == {}


@pytest.mark.parametrize(
    ("table", "records"),
    [
        ("T_MCOaaUM", "T_MCOaaC"),
        ("T_MCOaaC", "T_MCOaaC"),
        ("ER_PHA_F", "ER_PRS_F"),
        ("T_SSRaaD", "T_SSRaaC"),
        ("T_MCOaaFMSTC", "T_MCOaaCSTC"),
        ("IR_IMB_R", None),
        ("KI_CCI_R", None),
    ],
)
def test_the_records_of_a_table_are_those_of_its_highest_parent(
    table: str, records: str | None
) -> None:
    assert SNDS.record_table(table) == records


def changed(**register: object) -> Model:
    facts = dataclasses.replace(SNDS.register.facts, **register)  # type: ignore[type-var]
    return dataclasses.replace(SNDS, register=dataclasses.replace(SNDS.register, facts=facts))


COMMON = (Mark("ETA_NUM", ("1",)),)


def linked(**changes: object) -> Model:
    link = dataclasses.replace(SNDS.link("mother"), **changes)  # type: ignore[arg-type]
    return dataclasses.replace(SNDS, links={"mother": link})


@pytest.mark.parametrize(
    ("wrong", "told"),
    [
        (changed(sex="SEXE"), "IR_BEN_R.SEXE"),
        (changed(birth=("BEN_NAI_ANN", "MOIS")), "IR_BEN_R.MOIS"),
        (changed(birth=()), "a year, then a month"),
        (changed(latest="DERNIER"), "IR_BEN_R.DERNIER"),
        (changed(department="DPT"), "IR_BEN_R.DPT"),
        (changed(death_table="DECES"), "the table DECES"),
        (changed(death_table="KI_CCI_R", death="MORT"), "KI_CCI_R.MORT"),
        (linked(number="NO_SUCH"), "T_MCOaaC.NO_SUCH"),
        (linked(told_by="NO_TABLE"), "NO_TABLE.AGE_JOU"),
        (linked(own=(Mark("MOOD", ("8",)),)), "T_MCOaaB.MOOD"),
        (linked(number="SOR_MOI"), "its role must be person"),
        (linked(day="SOR_MOI"), "dated by SOR_MOI, which is no date"),
        (linked(told_by="T_SSRaaB", own=COMMON, other=COMMON), "not of the same records"),
        (linked(other=()), "needs marks of both records"),
        (linked(days_apart=-1), "days apart of 0 or more"),
        (
            dataclasses.replace(
                SNDS,
                sources={
                    "x": dataclasses.replace(
                        SNDS.source("long_term_illness"), end_column="IMB_ALD_NUM"
                    )
                },
            ),
            "which is no date",
        ),
    ],
)
def test_a_model_that_names_what_it_lacks_is_refused(wrong: Model, told: str) -> None:
    with pytest.raises(InvalidInput, match=told):
        check(wrong)


def test_facts_of_another_shape_are_malformed() -> None:
    written = json.loads(json.dumps(encode(SNDS, ["ER_PRS_F"])))
    written["register"]["facts"]["female"] = "2"

    with pytest.raises(Malformed, match="female"):
        decode(written)


@pytest.mark.parametrize("marks", ["AGE_JOU", [{"values": ["0"]}], [{"column": 1}], None])
def test_marks_of_another_shape_are_malformed(marks: object) -> None:
    written = json.loads(json.dumps(encode(SNDS, ["T_MCOaaB"])))
    written["links"][0]["own"] = marks

    with pytest.raises(Malformed, match="link mother"):
        decode(written)
