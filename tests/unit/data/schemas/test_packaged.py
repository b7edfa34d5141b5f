"""The tables that the product ships: coherent, and no identity left without protection."""

import re

import pytest

from ecluse.data.schemas import TableSchema, model
from ecluse.data.schemas.checks import check
from ecluse.data.schemas.roles import plain

PROTECTED = ("person", "identifier", "link", "professional", "facility")
LEAVES_AS_IT_IS = ("attribute", "code", "text")
NAME = re.compile(
    r"(^|_)(NUM|NUMC|NIR|ANO|IDT|IDE|ID|PSA|GEM|IPP|CRY|NOM|NO|MAT|FIN|COM|POST|POS|NAI|KEY|RNG|"
    r"LIB|ADR|TEL|SIR)\d*(_|$)",
    re.IGNORECASE,
)
TITLE = re.compile(
    r"numero|\bn°|\bn\.i\.r|\bnir\b|identif|anonym|pseudon|matricule|commune|naissance|postal|"
    r"adresse|finess|crypt|\bnom\b|raison sociale|telephone"
)
SAFE = {
    "whether a field was well formed, not what it holds": r".*_(RET|CTL)|NV_VAR_ANO",
    "counts lines, weeks, wards, teeth, measures within one claim or stay": (
        r"(ACT|ARO|BIO|CAM|CPT|GRS|ITR|LOT|MES|PHA|RUM|TIP|TRS|UCD|UM)_ORD_NUM|.+_SEQ_NUM|"
        r"CER_LIG_NUM|DENT_NUM_\d+|DGN_ASS_NUM|ECD_CAU_RNG|MES_(IDT|REP_TPS)|NUM_(ANO_UM|SEM_RHS)|"
        r"PERIOD_(IDT|NUM)|PRS_ENT_NUM|RHS_NUM|RUM_SEQ|SEQ_(RUM|SEJ|TRSP_NUM|VEN_NUM)|SSEQ_NUM|"
        r"UCD_LGN_NUM|UM_NUM_ETB|DP_POS|DEB_FIN|AME_FIN_FAC|RNG_BEN"
    ),
    "version of a file format, a grouper or a certificate": (
        r"FORMAT|FIC_TYP|FOR_NUM(_\w+)?|\w+_VER|GEN_VER|RAPSS_NUM|RSS_NUM|VID_HOSP_FOR|CER_VER_NUM"
    ),
    "a mark that a number is known or good, not the number": (
        r"(BEN|DCD)_IDT_TOP|BEN_CDI_NIR|BEN_QAF_COD|PSP_SVI_PPS|ANO_IND|CPL_ANO_COD|"
        r"PRS_ANO_(COD|DON)|ETB_SAN_AUTOR"
    ),
    "code of a published list: act, drug, diagnosis, group, illness, innovation": (
        r"(BIO|CAM|PHA|TIP|TRS)_PRS_IDE|PHA_IDE_CPL|CIP13|ASS_DGN_\d+|MOD(UL)?_PAT_?\d(_COD)?|"
        r"(ETE_GHS|GEN|GHM|GHS|GHT|GMT|IMB_ALD|INNOV)_NUM|GHS_SUP_COD|GRG_GME|\w+_GHPC|"
        r"IMB_MLP_TAB|MED_NCL_IDT|INJ_VAC_NOM|PEC_DIS_LIB|PHA_(FRM_LIB|LAB_NOM|MED_NOM|NOM_\w+)|"
        r"TIP_SIR_NUM"
    ),
    "an insurance body, thousands of persons each": (
        r"CAI_(GES|NUM)|CENT_GES|(FIS|STA)_CAI_NUM|(STA|T733)_CTR_NUM|OR[BL]_BSE_NUM|ORG_CAI_NUM|"
        r"MUT_ORG|IDE_(CPA|CRA)_NUM|IDE_CAI_PIV"
    ),
    "a municipality: permits widen or narrow it": r"BEN_RES_COM|DCD_COM_COD|BDI_DEP|SEC_NUM",
    "a kind or a state, named with the same letters": (
        r"ACT_LIB_IND|BEN_EHP_TOP|EXC_FIN_MTF|IPP_SEX_COD|LIT_DEDIE|RNG_NAI_TYP|SCO_DEP_COM|"
        r"SEJ_FIN|TOP_MAIS_NAI"
    ),
    "kinds, contracts and dates of a facility; its names and numbers are protected": (
        r"IDE_(A24|ATI|BGL|CBU|COD|ETA_TYP|FIN_IND|HON|IDE_(CON|CTR|EAM|EAS)|IMP_DPT|NAT|PSH|PSP|"
        r"SAN)\w*"
    ),
    "concepts, vocabularies, domains and descriptions of OMOP, never persons": (
        r"\w*concept(_class)?_(id|name)(_\d)?|(source|target)_vocabulary_id|vocabulary_(id|name)|"
        r"(cost_)?domain_(id|name)|(reverse_)?relationship_(id|name)|cohort_definition_(id|name)|"
        r"metadata_id|cdm_source_name|name"
    ),
}


def type_of(schema: TableSchema, name: str) -> str | None:
    column = schema.column(name)
    return column.type if column else None


@pytest.mark.parametrize("name", ["omop", "snds"])
def test_a_packaged_model_is_coherent(name: str) -> None:
    check(model(name))


def test_every_snds_table_is_there() -> None:
    snds = model("snds").tables

    # published in 2021, first listed in 2024, and the drug reference table
    assert len(snds) == 191 + 36 + 1
    assert sum(len(schema.columns) for schema in snds.values()) > 5_500


def test_all_tables_of_omop_5_4_are_there() -> None:
    assert len(model("omop").tables) == 39


@pytest.mark.parametrize(
    ("table", "column", "role"),
    [
        ("ER_PRS_F", "BEN_NIR_PSA", "person"),
        ("ER_PRS_F", "PFS_EXE_NUM", "professional"),
        ("ER_PRS_F", "DCT_ORD_NUM", "link"),
        ("ER_ETE_F", "ETB_EXE_FIN", "facility"),
        ("ER_TRS_F", "TRS_VEH_NUM", "identifier"),
        ("ER_ANO_F", "PRS_ANO_ORI", "identifier"),
        ("IR_BEN_R", "ASS_NIR_ANO", "identifier"),
        ("IR_BEN_R", "CTO_IDT_ANO", "identifier"),
        ("DA_PRA_R", "IPP_IDV_NUM", "identifier"),
        ("BE_IDE_R", "IDE_ETA_NOM", "identifier"),
        ("EB_PRS_F", "BEN_NIR_IDT", "person"),
        ("NS_PRS_F", "BEN_IDT_ANO", "person"),
        ("T_MCOaaC", "NIR_ANO_MAM", "identifier"),
        ("T_MCOaaC", "SEJ_NUM", "identifier"),
        ("T_MCOaaB", "ETA_NUM", "facility"),
        ("T_MCOaaB", "RSA_NUM", "link"),
        ("T_MCOaaB", "COD_POST", "identifier"),
        ("T_HADaaSTC", "DAT_HOS", "identifier"),
        ("T_RIPaaRSA", "IPP_IRR_CRY", "link"),
        ("KI_CCI_R", "DCD_LIE_LIB", "identifier"),
        ("KI_ECD_R", "ECD_CAU_LIB", "identifier"),
        ("KI_CCI_R", "BEN_NIR_ANO", "person"),
        ("IR_ESM_R", "ESM_FIN_ANO", "facility"),
        ("IR_VAC_F", "PFS_EXE_CRY", "professional"),
    ],
)
def test_identities_of_the_snds_have_the_role_that_protects_them(
    table: str, column: str, role: str
) -> None:
    found = model("snds").table(table).column(column)

    assert found is not None
    assert found.role == role


@pytest.mark.parametrize(
    ("table", "column", "role"),
    [
        ("person", "birth_datetime", "identifier"),
        ("person", "location_id", "identifier"),
        ("note", "note_text", "identifier"),
        ("note_nlp", "snippet", "identifier"),
        ("location", "zip", "identifier"),
        ("provider", "npi", "identifier"),
        ("care_site", "care_site_name", "facility"),
        ("cohort", "subject_id", "person"),
        ("device_exposure", "unique_device_id", "identifier"),
        ("fact_relationship", "fact_id_1", "identifier"),
        ("observation", "value_as_string", "identifier"),
    ],
)
def test_identities_of_omop_have_the_role_that_protects_them(
    table: str, column: str, role: str
) -> None:
    found = model("omop").table(table).column(column)

    assert found is not None
    assert found.role == role


@pytest.mark.parametrize("name", ["omop", "snds"])
def test_no_column_that_looks_like_an_identity_leaves_the_lake_as_it_is(name: str) -> None:
    safe = re.compile("|".join(f"({pattern})" for pattern in SAFE.values()))

    unexplained = {
        (schema.name, column.name, column.title_fr)
        for schema in model(name).tables.values()
        for column in schema.columns
        if column.role in LEAVES_AS_IT_IS
        and (NAME.search(column.name) or TITLE.search(plain(column.title_fr)))
        and not safe.fullmatch(column.name)
    }

    assert unexplained == set()


@pytest.mark.parametrize("name", ["omop", "snds"])
def test_one_column_name_has_one_protection_in_every_table(name: str) -> None:
    """A stay number protected in one table and open in another would not be protected."""
    roles = {
        (column.name, column.role)
        for schema in model(name).tables.values()
        for column in schema.columns
        if schema.is_about_persons
    }
    protected = {(column, role) for column, role in roles if role in PROTECTED}

    mixed = {
        column
        for column, role in protected
        if any(other == column and role != also for other, also in roles)
    }

    assert mixed == set()


def test_rows_that_carry_the_number_of_a_stay_are_about_persons() -> None:
    stays = {"RSA_NUM", "RHA_NUM", "RHAD_NUM", "RIP_NUM", "NIR_ANO_17", "IPP_IRR_CRY"}

    unprotected = {
        schema.name
        for schema in model("snds").tables.values()
        if stays & {column.name for column in schema.columns} and not schema.is_about_persons
    }

    assert unprotected == set()


@pytest.mark.parametrize("name", ["omop", "snds"])
def test_a_child_and_its_parent_name_the_event_by_the_same_columns(name: str) -> None:
    tables = model(name).tables

    different = {
        schema.name
        for schema in tables.values()
        if schema.parent
        and not (schema.event_key == schema.parent.columns == tables[schema.parent.table].event_key)
    }

    assert different == set()


def test_the_columns_of_a_join_have_the_same_type_on_both_sides_of_a_parent() -> None:
    snds = model("snds")

    different = {
        (schema.name, name)
        for schema in snds.tables.values()
        if schema.parent
        for name in schema.parent.columns
        if type_of(schema, name) != type_of(snds.table(schema.parent.table), name)
    }

    assert different == set()
