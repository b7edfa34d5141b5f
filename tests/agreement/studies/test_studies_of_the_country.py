"""The fifteen studies find in a synthetic country whom its truth names.

The truth is written by the generator and never loaded; studies read the lake, the filters on.
"""

import pytest

from benchmarks.phenotypes import Measure, measured
from ecluse.data.synthetic import Country
from ecluse.domain.studies import STUDIES
from tests.unit.data.synthetic.countries import load

YEAR = 2017


@pytest.fixture(scope="module")
def measures(tmp_path_factory: pytest.TempPathFactory) -> dict[tuple[str, str], Measure]:
    country = Country(persons=4000, years=(YEAR - 2, YEAR - 1, YEAR), seed=4)
    loaded = load(tmp_path_factory.mktemp("country"), country)
    truth = loaded.written.made.truth_path
    return {(item.study, item.of): item for item in measured(loaded.snapshot, truth, YEAR)}


@pytest.mark.parametrize("study", STUDIES)
def test_every_study_can_be_asked_and_is_compared(
    measures: dict[tuple[str, str], Measure], study: str
) -> None:
    told = [item for (name, _), item in measures.items() if name == study]

    assert told
    assert [item.why_not for item in told] == [""] * len(told)


@pytest.mark.parametrize(
    ("study", "of", "sensitivity", "predictive_value"),
    [
        ("diabetes", "live with it", 0.95, 0.90),
        ("diabetes-types", "live with it", 0.85, 0.99),
        ("treated-hypertension", "live with it", 0.75, 0.95),
        ("cancer-history", "live with it", 0.95, 0.90),
        ("dementia", "live with it", 0.50, 0.90),
        ("heart-failure", "in hospital for it", 0.90, 0.95),
        ("stroke", "in hospital for it", 0.75, 0.99),
        ("bladder-cancer-pioglitazone", "treated age", 0.75, 0.90),
        ("fall-fractures", "broke a bone", 0.85, 0.95),
        ("births", "born in hospital", 0.85, 0.99),
        ("long-term-illness", "registered", 0.95, 0.95),
    ],
)
def test_a_study_finds_whom_it_should(
    measures: dict[tuple[str, str], Measure],
    study: str,
    of: str,
    sensitivity: float,
    predictive_value: float,
) -> None:
    told = measures[study, of]

    assert told.true > 0
    assert told.sensitivity is not None
    assert told.sensitivity >= sensitivity
    assert told.predictive_value is not None
    assert told.predictive_value >= predictive_value
