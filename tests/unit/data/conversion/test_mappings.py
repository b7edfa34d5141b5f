"""Maps that the operator supplies: read, preferred, refused, and how much they cover."""

from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from ecluse.data.conversion import Converted, UnmappedCode
from ecluse.domain.errors import InvalidInput
from tests.unit.data.conversion.converting import (
    YEAR_2022,
    claim,
    converted,
    detail,
    of_stay,
    rows,
    stay,
)

MAY_2 = date(2022, 5, 2)
MAY_9 = date(2022, 5, 9)
HEART_FAILURE, DIABETES, METFORMIN = 316139, 201826, 1503297


def with_maps(folder: Path, maps: dict[str, str]) -> Converted:
    """Convert a stay for I501 with E1190 and X999 associated, under these files of maps."""
    (folder / "maps").mkdir()
    for name, text in maps.items():
        (folder / "maps" / name).write_text(text, encoding="utf-8")
    tables = {
        **stay(21, MAY_2, MAY_9, DGN_PAL="I501"),
        "T_MCOaaD": [
            of_stay(21, MAY_2, ASS_DGN="E1190"),
            of_stay(21, MAY_2, ASS_DGN="X999"),
        ],
    }
    choices = replace(YEAR_2022, mappings=folder / "maps")
    return converted(folder, tables, choices=choices)


CONDITIONS = "condition_source_value, condition_concept_id"
ICD_MAP = f"""\
source_code,source_vocabulary_id,target_concept_id,source_code_description
I50.1,CIM10,{HEART_FAILURE},Insuffisance ventriculaire gauche
E11,CIM10,{DIABETES},Diabète de type 2
"""


def test_a_code_takes_its_concept_or_that_of_its_nearest_mapped_parent(tmp_path: Path) -> None:
    made = with_maps(tmp_path, {"icd.csv": ICD_MAP})

    assert rows(made, "condition_occurrence", CONDITIONS) == [
        ("E1190", DIABETES),
        ("I501", HEART_FAILURE),
        ("X999", 0),
    ]


def test_the_report_tells_what_share_is_mapped_and_which_codes_are_not(tmp_path: Path) -> None:
    made = with_maps(tmp_path, {"icd.csv": ICD_MAP})

    (told,) = (c for c in made.told.coverage if c.target == "condition_occurrence")
    assert (told.rows, told.rows_mapped, told.rows_by_parent) == (3, 2, 1)
    assert (told.codes, told.codes_mapped) == (3, 2)
    assert told.top_unmapped == (UnmappedCode("CIM10", "X999", 1),)


def test_without_maps_codes_stay_as_source_values_with_a_concept_of_their_own(
    tmp_path: Path,
) -> None:
    made = converted(tmp_path, stay(21, MAY_2, MAY_9, DGN_PAL="I501"))

    ((code, concept, own),) = rows(
        made,
        "condition_occurrence",
        "condition_source_value, condition_concept_id, condition_source_concept_id",
    )
    assert (code, concept) == ("I501", 0)
    assert (own, "CIM10", "I501") in rows(
        made, "concept", "concept_id, vocabulary_id, concept_code"
    )


def test_a_concept_of_another_domain_is_not_used(tmp_path: Path) -> None:
    concept = (
        "concept_id\tconcept_name\tdomain_id\tvocabulary_id\tconcept_class_id\tstandard_concept\t"
        "concept_code\tvalid_start_date\tvalid_end_date\tinvalid_reason\n"
        f'{HEART_FAILURE}\tHeart "failure"\tCondition\tSNOMED\tDisorder\tS\t84114007\t\t\t\n'
        f"{DIABETES}\tType 2\tObservation\tSNOMED\tFinding\tS\t44054006\t\t\t\n"
        "1\tNever named\tDrug\tRxNorm\tIngredient\tS\t1\t\t\t\n"
    )

    made = with_maps(tmp_path, {"icd.csv": ICD_MAP, "CONCEPT.csv": concept})

    assert made.told.mapped.other_domain == 1
    assert rows(made, "condition_occurrence", CONDITIONS) == [
        ("E1190", 0),
        ("I501", HEART_FAILURE),
        ("X999", 0),
    ]
    names = dict(rows(made, "concept", "concept_id, concept_name"))
    assert names[HEART_FAILURE] == 'Heart "failure"'
    assert 1 not in names


def test_a_code_with_two_concepts_keeps_the_first_and_is_counted(tmp_path: Path) -> None:
    two = "source_code;source_vocabulary;target_concept_id\nI501;CIM10;5\nI501;CIM10;4\n"

    made = with_maps(tmp_path, {"icd.csv": two})

    assert made.told.mapped.several_targets == 1
    assert ("I501", 5) in rows(made, "condition_occurrence", CONDITIONS)


def test_a_map_of_the_operator_comes_before_ours(tmp_path: Path) -> None:
    own = "source_code\tsource_vocabulary_id\ttarget_concept_id\nMCO\tPMSI\t8717\n"

    made = with_maps(tmp_path, {"visits.csv": own})

    assert rows(made, "visit_occurrence", "visit_concept_id") == [(8717,)]


def test_a_drug_takes_the_concept_of_its_pack(tmp_path: Path) -> None:
    maps = tmp_path / "maps"
    maps.mkdir()
    line = f"3400949800308,CIP13,{METFORMIN}\n"
    head = "source_code,source_vocabulary_id,target_concept_id\n"
    (maps / "drugs.csv").write_text(head + line, encoding="utf-8")
    tables = {
        "ER_PRS_F": [claim(11, MAY_2, 3313)],
        "ER_PHA_F": [detail(11, MAY_2, PHA_PRS_C13=3400949800308, PHA_ACT_QSN=1)],
    }

    made = converted(tmp_path, tables, choices=replace(YEAR_2022, mappings=maps))

    assert rows(made, "drug_exposure", "drug_concept_id") == [(METFORMIN,)]


def test_a_file_that_is_no_map_is_refused_with_what_it_lacks(tmp_path: Path) -> None:
    with pytest.raises(InvalidInput, match=r"icd\.csv is not a map: .* lacks target_concept_id"):
        with_maps(tmp_path, {"icd.csv": "source_code,source_vocabulary_id\nI501,CIM10\n"})


def test_a_concept_that_is_no_number_is_refused_with_its_line(tmp_path: Path) -> None:
    lines = "source_code,source_vocabulary_id,target_concept_id\nI501,CIM10,5\nE11,CIM10,five\n"

    with pytest.raises(InvalidInput, match=r"icd\.csv, line 3"):
        with_maps(tmp_path, {"icd.csv": lines})


def test_a_folder_without_any_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InvalidInput, match="is not a folder with maps"):
        with_maps(tmp_path, {})


def test_a_map_in_another_encoding_is_refused(tmp_path: Path) -> None:
    maps = tmp_path / "maps"
    maps.mkdir()
    (maps / "icd.csv").write_bytes("source_code;source_vocabulary_id\nDiabète".encode("latin-1"))

    with pytest.raises(InvalidInput, match="not written in UTF-8"):
        converted(tmp_path, {}, choices=replace(YEAR_2022, mappings=maps))
