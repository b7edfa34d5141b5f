"""The review of what is asked, variable by variable: never more, less for a reason, all counted."""

import pytest

from ecluse.domain.documents import Coarsening, Precision, TableScope
from ecluse.domain.errors import InvalidInput
from ecluse.domain.minimisation_reviews import (
    Finding,
    Tally,
    Verdict,
    check_findings,
    reviewed,
    tally,
)

BY_MONTH = Coarsening("EXE_SOI_DTD", Precision.MONTH)
BY_YEAR = Coarsening("EXE_SOI_DTD", Precision.YEAR)
ASKED = (
    TableScope("ER_PRS_F", ("EXE_SOI_DTD", "BEN_RES_COM"), (BY_MONTH,)),
    TableScope("IR_BEN_R", ("BEN_SEX_COD",)),
)
DAY, TOWN, SEX = (
    ("ER_PRS_F", "EXE_SOI_DTD"),
    ("ER_PRS_F", "BEN_RES_COM"),
    ("IR_BEN_R", "BEN_SEX_COD"),
)


def test_kept_coarsened_and_dropped_variables_leave_what_is_given() -> None:
    findings = (
        Finding(DAY, Verdict.COARSEN, BY_YEAR, "L’année suffit."),
        Finding(TOWN, Verdict.KEEP),
        Finding(SEX, Verdict.DROP, None, "Non étudié."),
    )

    assert reviewed(ASKED, findings) == (
        TableScope("ER_PRS_F", ("EXE_SOI_DTD", "BEN_RES_COM"), (BY_YEAR,)),
    )
    assert tally(findings, ASKED) == Tally(1, 1, 1, 0)


def test_what_nobody_reviewed_stays_as_asked() -> None:
    assert reviewed(ASKED, ()) == ASKED
    assert tally((), ASKED) == Tally(0, 0, 0, 3)


@pytest.mark.parametrize(
    ("finding", "says"),
    [
        (Finding(("IR_BEN_R", "BEN_NAI_ANN"), Verdict.KEEP), "not asked"),
        (Finding(SEX, Verdict.DROP), "say why"),
        (Finding(DAY, Verdict.COARSEN, BY_YEAR, " "), "say why"),
        (Finding(DAY, Verdict.COARSEN, None, "Le jour."), "more exactly"),
        (Finding(DAY, Verdict.KEEP, BY_YEAR), "kept means as asked"),
        (Finding(DAY, Verdict.COARSEN, BY_MONTH, "Pareil."), "kept means as asked"),
    ],
)
def test_a_finding_gives_no_more_than_asked_and_says_why_it_gives_less(
    finding: Finding, says: str
) -> None:
    with pytest.raises(InvalidInput, match=says):
        check_findings([finding], ASKED)
