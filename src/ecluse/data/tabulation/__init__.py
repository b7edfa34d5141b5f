"""Tabulation: data requests answered by protected tables alone (EHDS art. 69).

`answer` is the one way out. Counts as they are never leave the stage.
"""

from ecluse.data.tabulation.answering import Answer, answer
from ecluse.data.tabulation.memory import Memory
from ecluse.data.tabulation.population import countable
from ecluse.data.tabulation.tables import Axis, ProtectedTable, ProtectionCounts
from ecluse.data.tabulation.writing import receipt, write

__all__ = [
    "Answer",
    "Axis",
    "Memory",
    "ProtectedTable",
    "ProtectionCounts",
    "answer",
    "countable",
    "receipt",
    "write",
]
