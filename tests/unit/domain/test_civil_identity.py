"""Whether a national number may be that of somebody whose civil identity is known."""

import pytest

from ecluse.domain.civil_identity import CivilIdentity, may_bear

PARIS = CivilIdentity("Petit", ("Jeanne",), "1985-05-12", False, "75114", "99100")
ABROAD = CivilIdentity("Silva", ("Ana",), "1985-05-12", False, "", "99139")
AJACCIO = CivilIdentity("Rossi", ("Ange",), "1970-01-02", True, "2A004", "99100")
UNKNOWN_DAY = CivilIdentity("Diallo", ("Awa",), "1960-00-00", False, "", "99335")


@pytest.mark.parametrize(
    ("who", "number"),
    [
        pytest.param(PARIS, "2850575114042", id="a lifelong number"),
        pytest.param(PARIS, "8850575114042", id="a provisional number"),
        pytest.param(PARIS, "2853075114042", id="a month not known when it was given"),
        pytest.param(ABROAD, "2850599139001", id="born abroad"),
        pytest.param(AJACCIO, "1700120004001", id="Corsica before 1976"),
        pytest.param(UNKNOWN_DAY, "2600399335007", id="a birth of unknown month"),
    ],
)
def test_a_number_that_agrees_may_be_theirs(who: CivilIdentity, number: str) -> None:
    assert may_bear(who, number)


@pytest.mark.parametrize(
    ("who", "number"),
    [
        pytest.param(PARIS, "1850575114042", id="of the other sex"),
        pytest.param(PARIS, "2840575114042", id="of another year"),
        pytest.param(PARIS, "2850675114042", id="of another month"),
        pytest.param(PARIS, "2850569381042", id="of another town"),
        pytest.param(ABROAD, "2850599109001", id="of another country"),
        pytest.param(PARIS, "A850575114042", id="no number"),
    ],
)
def test_a_number_that_differs_is_not_theirs(who: CivilIdentity, number: str) -> None:
    assert not may_bear(who, number)
