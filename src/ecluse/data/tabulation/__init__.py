"""Tabulation: data requests answered by protected tables alone (EHDS art. 69).

`answer` is the one way out. Counts as they are never leave the stage.
"""

from ecluse.data.tabulation.answering import Answer, Prepared, answer, prepare
from ecluse.data.tabulation.checking import check
from ecluse.data.tabulation.memory import Memory
from ecluse.data.tabulation.population import countable, counted
from ecluse.data.tabulation.tables import Axis, ProtectedTable, ProtectionCounts
from ecluse.data.tabulation.writing import receipt, write

__all__ = [
    "Answer",
    "Axis",
    "Memory",
    "Prepared",
    "ProtectedTable",
    "ProtectionCounts",
    "answer",
    "check",
    "countable",
    "counted",
    "prepare",
    "receipt",
    "write",
]
