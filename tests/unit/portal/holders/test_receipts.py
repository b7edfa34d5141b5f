"""The list of files that a holder supplies: strict lines, and what differs on arrival."""

import pytest

from ecluse.domain.errors import InvalidInput
from ecluse.portal.holders.receipts import Receipt, differing, read_receipts

A, B = "a" * 64, "b" * 64


def test_a_line_is_a_digest_a_size_and_a_name() -> None:
    read = read_receipts(f"{B} 2048 b.csv\n\nsha256:{A}  10 a-1.tar.gz\n")

    assert read == (Receipt("a-1.tar.gz", 10, f"sha256:{A}"), Receipt("b.csv", 2048, f"sha256:{B}"))


@pytest.mark.parametrize(
    "line",
    [
        f"{A} 10 ../etc/passwd",
        f"{A} 10 dossier/a.csv",
        f"{A} 10 .cache",
        f"{A} 0 a.csv",
        f"{A[:-1]} 10 a.csv",
        f"{A.upper()} 10 a.csv",
        f"{A} dix a.csv",
        f"{A} 10 " + "a" * 121,
        f"{A} 99999999999999999 a.csv",
        "a.csv",
    ],
)
def test_any_other_line_is_refused_by_its_rank_and_never_repeated(line: str) -> None:
    with pytest.raises(InvalidInput, match="Line 2: write") as refusal:
        read_receipts(f"{B} 1 b.csv\n{line}")

    assert line not in str(refusal.value)


def test_a_name_is_given_once_and_a_list_is_not_empty() -> None:
    with pytest.raises(InvalidInput, match="same name"):
        read_receipts(f"{A} 1 a.csv\n{B} 2 a.csv")
    with pytest.raises(InvalidInput, match="0 were given"):
        read_receipts(" \n")


def test_what_is_missing_unannounced_or_other_is_named() -> None:
    declared = [Receipt("a", 1, A), Receipt("b", 2, B), Receipt("c", 3, A)]
    arrived = [Receipt("a", 1, A), Receipt("b", 2, A), Receipt("d", 3, A)]

    assert differing(declared, arrived) == ("b", "c", "d")
