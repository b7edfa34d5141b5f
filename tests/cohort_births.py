"""Random births: the two stays that share a number, and each way in which they join no one."""

from datetime import date

from hypothesis import strategies as st

from ecluse.data.cohorts.reference import Row

FIRST_NUMBERED = 1_000
IN_C = ("NIR_ANO_MAM", "ETA_NUM", "EXE_SOI_DTD")
IN_B = ("AGE_JOU", "AGE_ANN", "ENT_MOD", "COD_SEX")
BORN = {"ETA_NUM": "H1", "EXE_SOI_DTD": date(2022, 2, 2), "ENT_MOD": "8", "COD_SEX": "2"}
CHILD = {**BORN, "AGE_JOU": 0, "AGE_ANN": None}
MOTHER = {**BORN, "AGE_JOU": None, "AGE_ANN": 30}
NUMBERS = st.sampled_from(["N1", "N2", " N2", "N3", "N4", "AB" * 16])
CHILDREN: st.SearchStrategy[Row] = st.sampled_from(
    [
        *[CHILD] * 6,
        {**CHILD, "AGE_ANN": 0, "ENT_MOD": "N"},
        {**CHILD, "ENT_MOD": "7"},
        {**CHILD, "AGE_JOU": 1},
        {**CHILD, "ETA_NUM": None},
    ]
)
MOTHERS: st.SearchStrategy[Row] = st.sampled_from(
    [
        *[MOTHER] * 9,
        {**MOTHER, "EXE_SOI_DTD": date(2022, 2, 3)},
        {**MOTHER, "EXE_SOI_DTD": date(2022, 2, 4)},
        {**MOTHER, "EXE_SOI_DTD": None},
        {**MOTHER, "ETA_NUM": "H2"},
        {**MOTHER, "COD_SEX": "1"},
        {**MOTHER, "AGE_ANN": 0},
    ]
)
"""What the link from child to mother reads: a birth, and each way in which it is none."""


@st.composite
def numbered_stays(draw: st.DrawFn, everyone: range, *, least: int) -> tuple[list[Row], list[Row]]:
    """Draw up to four births: their rows of T_MCOaaC, then of T_MCOaaB."""
    drawn = draw(st.lists(_birth(everyone), min_size=least, max_size=4))
    stays = list(enumerate((stay for birth in drawn for stay in birth), start=FIRST_NUMBERED))
    return (
        [_row(stay, key, IN_C) for key, stay in stays],
        [_row(stay, key, IN_B) for key, stay in stays],
    )


def _birth(everyone: range) -> st.SearchStrategy[list[Row]]:
    """Draw the two stays of a birth, of anybody and at times of nobody known."""
    whose = st.sampled_from([*everyone, *everyone, *everyone, None])
    return st.builds(
        lambda number, child, mother, born, hers: [
            {**born, "NIR_ANO_MAM": number, "person_key": child},
            {**hers, "NIR_ANO_MAM": number, "person_key": mother},
        ],
        NUMBERS,
        whose,
        whose,
        CHILDREN,
        MOTHERS,
    )


def _row(stay: Row, key: int, columns: tuple[str, ...]) -> Row:
    """Return a row of a stay, which no source finds: it has no day of its own."""
    own = {"person_key": stay["person_key"], "event_date": None, "event_key": key}
    return {**own, **{name: stay[name] for name in columns}}
