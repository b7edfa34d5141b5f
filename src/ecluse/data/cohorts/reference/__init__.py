"""The slow engine: says what a cohort means in the plainest Python, for the fast ones to agree.

Rows are mappings, as they stand in the lake, and every node is asked again for every person.
Nothing is optimised here, on purpose.
"""

from ecluse.data.cohorts.reference.dataset import Dataset, PersonFacts
from ecluse.data.cohorts.reference.links import Row
from ecluse.data.cohorts.reference.running import run

__all__ = ["Dataset", "PersonFacts", "Row", "run"]
