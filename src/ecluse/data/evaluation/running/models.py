"""What any model is to the program that runs it: features in, one answer a case out."""

from collections.abc import Sequence
from typing import Any, Protocol

import pyarrow as pa

Found = Sequence[Any]
"""One answer a case: a number, a rank of a class, spans (begin, end, label), None to abstain."""


class CaseTimedOut(Exception):
    """One case, or one batch, took longer than the plan allows."""


class Model(Protocol):
    """A model ready to answer. `version` names what computes."""

    version: str

    def answer(self, features: pa.Table) -> Found:
        """Return one answer a row, in their order. Raises CaseTimedOut, or anything else."""

    def close(self) -> None:
        """End what was started."""

    @property
    def reached_out(self) -> bool:
        """Whether it was ended because it reached for a network."""
