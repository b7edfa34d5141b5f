"""What may leave: the automatic checks of files, and the results that the engine makes itself.

`check_outputs` judges files that an analysis wrote. `decide_all` computes what it asked through
`data.results`, protects it, and compares it with all that was released on the dataset.
"""

from ecluse.data.disclosure.budget import Budget, Ledger, Purse, Spending, epsilon_of
from ecluse.data.disclosure.checks import check_outputs
from ecluse.data.disclosure.collecting import CollectedResults, decide_all, is_request, try_outputs
from ecluse.data.disclosure.deciding import Decided, as_release, decide
from ecluse.data.disclosure.declarations import DECLARATION_NAME, read_declarations
from ecluse.data.disclosure.differencing import compare
from ecluse.data.disclosure.identifiers import Identifiers
from ecluse.data.disclosure.policies import digest_of, policy, references
from ecluse.data.disclosure.population import Population
from ecluse.data.disclosure.predicates import Predicate, Released, Releases

__all__ = [
    "DECLARATION_NAME",
    "Budget",
    "CollectedResults",
    "Decided",
    "Identifiers",
    "Ledger",
    "Population",
    "Predicate",
    "Purse",
    "Released",
    "Releases",
    "Spending",
    "as_release",
    "check_outputs",
    "compare",
    "decide",
    "decide_all",
    "digest_of",
    "epsilon_of",
    "is_request",
    "policy",
    "read_declarations",
    "references",
    "try_outputs",
]
