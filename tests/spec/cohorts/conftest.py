import pytest

from tests.spec.cohorts.engines import ENGINES, Engine


@pytest.fixture(params=sorted(ENGINES))
def engine(request: pytest.FixtureRequest) -> Engine:
    """Each engine in turn: a page of the manual holds for all."""
    return ENGINES[request.param]
