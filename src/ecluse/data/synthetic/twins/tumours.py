"""Which cancer each person with cancer has: that of the person's stays, else a likely one."""

from dataclasses import dataclass
from typing import Final

import numpy as np

from ecluse.data.synthetic.calendar import NEVER, Ints
from ecluse.data.synthetic.people import FEMALE
from ecluse.data.synthetic.twins.blocks import Block
from ecluse.data.synthetic.twins.lexicon import Tumour, lexicon

CANCER: Final = "cancer"
NO_SITE: Final = -1


@dataclass(frozen=True, slots=True)
class Tumours:
    """The site of each person's cancer, a position in the lexicon; NO_SITE without cancer."""

    site: Ints

    def of(self, person: int) -> Tumour | None:
        """Return the cancer of a person, None without cancer."""
        site = int(self.site[person])
        return None if site == NO_SITE else lexicon().tumours[site]


def draw_tumours(block: Block, *, seed: int) -> Tumours:
    """Return the site of each person's cancer, by the first stay that shows one."""
    rng = block.rng(seed, "tumours")
    draws = rng.random(block.count)
    site = np.full(block.count, NO_SITE, dtype=np.int64)
    ill = np.flatnonzero(block.onset(CANCER) != NEVER)
    for is_woman in (False, True):
        chances = np.cumsum([tumour.chances[is_woman] for tumour in lexicon().tumours])
        persons = ill[(block.people.sex[ill] == FEMALE) == is_woman]
        # the last site ends at 1 but for rounding
        site[persons] = np.searchsorted(chances[:-1], draws[persons], side="right")
    for person, shown in _shown(block).items():
        if site[person] != NO_SITE:
            site[person] = shown
    return Tumours(site)


def _shown(block: Block) -> dict[int, int]:
    """Return, by person, the site of the first stay for a cancer."""
    by_prefix = {tumour.icd10[:3]: index for index, tumour in enumerate(lexicon().tumours)}
    shown: dict[int, int] = {}
    codes = block.stays.main_codes()
    for person, code in zip(block.stays.person.tolist(), codes, strict=True):
        if code[:3] in by_prefix:
            shown.setdefault(person, by_prefix[code[:3]])
    return shown
