"""Results that a machine can decide on: `tabulate`, `regress`, `survival`, `plot`, inside a job.

`tabulate_with_noise` spends a privacy budget instead of hiding cells.

Each computes a result for the analysis, and leaves in /outputs, for the engine of the secure zone,
what was asked and the persons behind it (`NAME.result`). That file never leaves the zone. Once the
job is over the engine computes the result again from it, applies the rules to persons, and writes
the table or the figure that may leave. What the analysis itself writes proves nothing.

    from ecluse.data.results import tabulate
    tabulate(frame, name="costs", by=["sex", "age"], amount="cost", sensitive=["diagnosis"])

Needs NumPy alone. `frame` is a pandas or Arrow table, a DuckDB relation, or a mapping of columns.
"""

from ecluse.data.results.asking import PERSON, Results, bins
from ecluse.data.results.files import SUFFIX, read_request, write_request
from ecluse.data.results.requests import (
    Amount,
    Category,
    Figure,
    Model,
    Number,
    Regression,
    Request,
    Survival,
    Tabulation,
)

_HERE = Results()
tabulate = _HERE.tabulate
tabulate_with_noise = _HERE.tabulate_with_noise
regress = _HERE.regress
survival = _HERE.survival
plot = _HERE.plot

__all__ = [
    "PERSON",
    "SUFFIX",
    "Amount",
    "Category",
    "Figure",
    "Model",
    "Number",
    "Regression",
    "Request",
    "Results",
    "Survival",
    "Tabulation",
    "bins",
    "plot",
    "read_request",
    "regress",
    "survival",
    "tabulate",
    "tabulate_with_noise",
    "write_request",
]
