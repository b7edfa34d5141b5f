"""Opt-outs: who is out, since when, as the register knew it when; and which list binds a decision.

Source: EHDS art. 71: a right without reason, reversible; effective for permits issued after it. The
opposition to the national copy is another right, kept apart: see `documents.Basis`.
"""

from ecluse.domain.optouts.lists import (
    APPLIES_TO,
    applied_bases,
    check_list,
    list_instant,
)
from ecluse.domain.optouts.register import (
    Capacity,
    Cause,
    IdentifierKind,
    OptOutPeriod,
    in_force,
)
from ecluse.domain.optouts.uses import (
    NATIONAL_MODELS,
    DecidedUse,
    Refusal,
    Standing,
    standing_of,
)

__all__ = [
    "APPLIES_TO",
    "NATIONAL_MODELS",
    "Capacity",
    "Cause",
    "DecidedUse",
    "IdentifierKind",
    "OptOutPeriod",
    "Refusal",
    "Standing",
    "applied_bases",
    "check_list",
    "in_force",
    "list_instant",
    "standing_of",
]
