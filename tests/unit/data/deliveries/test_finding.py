"""What is found in a delivery: which files are which tables, and what stops a load at once."""

from pathlib import Path

import pytest

from ecluse.data.deliveries.finding import Delivery, find
from ecluse.domain.errors import InvalidInput, LoadFailed
from tests.unit.data.deliveries.readings import ILLNESSES, SNDS

REGISTER = "BEN_NIR_PSA;BEN_RNG_GEM\nANNA;1\n"


def deliver(folder: Path, **files: str) -> Delivery:
    """Find the tables among files written as `<name>.csv`."""
    for name, text in files.items():
        (folder / f"{name}.csv").write_bytes(text.encode("utf-8", "surrogateescape"))
    return find(folder, model=SNDS)


def test_names_of_the_portal_and_of_project_deliveries_are_recognised(tmp_path: Path) -> None:
    delivery = deliver(
        tmp_path, ir_ben_r=REGISTER, IR_IMB_R_2016=ILLNESSES, T_MCO21B="ETA_NUM;RSA_NUM\n1;2\n"
    )

    assert [(file.name, file.schema.name, file.year) for file in delivery.files] == [
        ("IR_IMB_R_2016.csv", "IR_IMB_R", 2016),
        ("T_MCO21B.csv", "T_MCOaaB", 2021),
        ("ir_ben_r.csv", "IR_BEN_R", None),
    ]


def test_an_unknown_column_is_kept_with_a_warning(tmp_path: Path) -> None:
    delivery = deliver(tmp_path, IR_BEN_R="BEN_NIR_PSA;BEN_RNG_GEM;NEW_2027\n")

    assert delivery.warnings == (
        "IR_BEN_R.csv: column NEW_2027 is not in the schema of IR_BEN_R, kept as text",
    )
    assert [item.column.role for item in delivery.files[0].columns][-1] == "identifier"


def test_an_unknown_file_is_left_out_with_a_warning(tmp_path: Path) -> None:
    delivery = deliver(tmp_path, IR_BEN_R=REGISTER, NOT_A_TABLE="A;B\n")

    assert delivery.warnings == ("NOT_A_TABLE.csv: not a table of snds, not loaded",)


def test_a_missing_key_column_is_named(tmp_path: Path) -> None:
    with pytest.raises(LoadFailed, match=r"IR_BEN_R\.csv: IR_BEN_R .* BEN_RNG_GEM"):
        deliver(tmp_path, IR_BEN_R="BEN_NIR_PSA;SOMETHING\n")


def test_the_same_column_under_two_names_is_refused(tmp_path: Path) -> None:
    with pytest.raises(LoadFailed, match="twice the column BEN_NIR_PSA"):
        deliver(tmp_path, IR_BEN_R="BEN_NIR_PSA;NUM_ENQ;BEN_RNG_GEM\n")


@pytest.mark.parametrize("header", ["", "no separator here", "\udcff\udcfe\x00;BEN_NIR_PSA"])
def test_a_file_without_a_usable_header_is_refused(tmp_path: Path, header: str) -> None:
    with pytest.raises(LoadFailed, match=r"IR_BEN_R\.csv"):
        deliver(tmp_path, IR_BEN_R=f"{header}\n1;2\n")


def test_a_folder_with_no_table_is_refused(tmp_path: Path) -> None:
    with pytest.raises(LoadFailed, match="No file"):
        deliver(tmp_path, readme="hello")


def test_a_source_that_does_not_exist_is_named(tmp_path: Path) -> None:
    with pytest.raises(InvalidInput, match="absent"):
        find(tmp_path / "absent", model=SNDS)


def test_a_symbolic_link_is_not_followed(tmp_path: Path) -> None:
    outside = tmp_path / "outside.csv"
    outside.write_text(ILLNESSES)
    folder = tmp_path / "delivery"
    folder.mkdir()
    (folder / "IR_IMB_R.csv").symlink_to(outside)

    delivery = deliver(folder, IR_BEN_R=REGISTER)

    assert delivery.tables() == ("IR_BEN_R",)
    assert delivery.warnings == ("IR_IMB_R.csv: symbolic link, not read",)


def test_a_changed_file_has_another_identity(tmp_path: Path) -> None:
    before = deliver(tmp_path, IR_BEN_R=REGISTER).files[0].identity

    after = deliver(tmp_path, IR_BEN_R=REGISTER + "BRUNO;1\n").files[0].identity

    assert before != after
