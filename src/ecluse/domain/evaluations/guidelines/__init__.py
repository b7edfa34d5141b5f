"""Reporting guidelines as data: item ids, our own short words, and where each is answered.

Where: a path of the protocol (`population.inclusion`), `report` or `report.<part>`, `file` for what
the hub holds beside the protocol, `authors` for what only an article says, `development` for what
an evaluation does not do.

Sources: TRIPOD+AI, BMJ 2024;385:e078378 (27 items). STARD 2015, BMJ 2015;351:h5527 (30 items) with
the themes that STARD-AI adds, Nat Med 2025;31:3283. CLAIM 2024, Radiol Artif Intell 2024;6:e240300
(44 items). DECIDE-AI, BMJ 2022;377:e070904 (17 items and 10).
"""

from collections.abc import Mapping
from typing import Final

from ecluse.domain.evaluations.guidelines.claim import CLAIM
from ecluse.domain.evaluations.guidelines.decide_ai import DECIDE_AI
from ecluse.domain.evaluations.guidelines.items import AUTHORS, DEVELOPMENT, FILE, REPORT, Item
from ecluse.domain.evaluations.guidelines.stard_ai import STARD_AI
from ecluse.domain.evaluations.guidelines.tripod_ai import TRIPOD_AI
from ecluse.domain.evaluations.protocols import Guideline

__all__ = ["AUTHORS", "DEVELOPMENT", "FILE", "GUIDELINES", "REPORT", "Item"]

GUIDELINES: Final[Mapping[Guideline, tuple[Item, ...]]] = {
    Guideline.TRIPOD_AI: TRIPOD_AI,
    Guideline.STARD_AI: STARD_AI,
    Guideline.CLAIM: CLAIM,
    Guideline.DECIDE_AI: DECIDE_AI,
}
