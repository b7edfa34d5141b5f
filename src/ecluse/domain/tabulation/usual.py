"""The variables that most data requests ask for, where each data model tells them.

Sex, age and region of residence. Other variables are written in a plan of one's own.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Final

from ecluse.domain.regions import REGIONS
from ecluse.domain.tabulation.variables import AgeBands, CodeGroup, CodeGroups

SEX, AGE, REGION, YEAR = "sex", "age", "region", "year"


@dataclass(frozen=True, slots=True)
class Register:
    """The table that tells of persons, its columns, and the codes of men and women."""

    table: str
    sex_column: str
    men: str
    women: str
    year_column: str
    month_column: str
    department_column: str | None = None


REGISTERS: Final[Mapping[str, Register]] = {
    "snds": Register(
        "IR_BEN_R", "BEN_SEX_COD", "1", "2", "BEN_NAI_ANN", "BEN_NAI_MOI", "BEN_RES_DPT"
    ),
    "omop": Register(
        "person", "gender_concept_id", "8507", "8532", "year_of_birth", "month_of_birth"
    ),
}
"""By data model; a model that is not here has no usual variable."""


def sex(register: Register) -> CodeGroups:
    """Return the sex of persons."""
    groups = (
        CodeGroup("M", "Hommes", (register.men,)),
        CodeGroup("F", "Femmes", (register.women,)),
    )
    return CodeGroups(SEX, "Sexe", register.table, register.sex_column, groups, is_exact=True)


def age(register: Register, *, on: date, starts: tuple[int, ...]) -> AgeBands:
    """Return the age of persons on a day, in bands that begin at `starts`. Raises InvalidInput."""
    columns = (register.year_column, register.month_column)
    return AgeBands(AGE, f"Âge au {on:%d/%m/%Y}", register.table, *columns, on, starts)


def region(register: Register) -> CodeGroups | None:
    """Return the region of residence, None where the model does not tell the department.

    A department is written 75 or 075.
    """
    if register.department_column is None:
        return None
    groups = tuple(
        CodeGroup(
            code, f"Région {code}", tuple(form for one in departments for form in _written(one))
        )
        for code, departments in REGIONS.items()
    )
    column = register.department_column
    title = "Région de résidence"
    return CodeGroups(REGION, title, register.table, column, groups, is_exact=True)


def _written(department: str) -> tuple[str, ...]:
    """Return the ways in which files write a department."""
    return (department, f"0{department}") if len(department) == 2 else (department,)  # noqa: PLR2004
