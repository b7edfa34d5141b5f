"""What each filter must give: counts before and after, worked out from what was injected."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Final

NOTES: Final = {
    "regularisations": (
        "ER_PRS_F",
        "An act is a person, a day of care, a nature, a professional, CPL_MAJ_TOP, DPN_QLF and "
        "PRS_DPN_QLP (NULL is a value). Lines of acts that nothing cancels stay; of the others, "
        "one line if their quantities add up to more than 0, else none. acts_after counts the acts "
        "of a positive quantity; acts_with_drug_after also tells packs apart (PHA_PRS_C13).",
    ),
    "surcharges": ("ER_PRS_F", "Drop CPL_MAJ_TOP of 2 and more."),
    "information_lines": (
        "ER_PRS_F",
        "Drop DPN_QLF or PRS_DPN_QLP of 71 or 72; NULL is kept. naive_rows_after is what NOT IN, "
        "which also drops NULL, would leave.",
    ),
    "public_direct_billing": (
        "ER_PRS_F",
        "Drop lines whose ER_ETE_F says ETE_IND_TAA = 1; NULL and lines without ER_ETE_F are kept. "
        "naive_rows_after keeps lines whose ER_ETE_F says another value.",
    ),
    "private_stays": (
        "ER_PRS_F",
        "Drop lines whose ER_ETE_F tells a stay (MDT_COD) in a private facility (ETE_TYP_COD from "
        "4): the hospital data tell it too. Off unless asked: spending is safer in the claims.",
    ),
    "doubled_facilities": (
        "T_MCOaaB",
        "Drop stays of a geographic FINESS of the list, in its years: the legal one sent them too.",
    ),
    "error_groups": (
        "T_MCOaaB",
        "Drop GRG_GHM that begins with 90; 23M90Z, a group invented to contain 90, is kept.",
    ),
    "anonymous_abortions": ("T_MCOaaB", "Drop GRG_GHM 14Z08Z."),
    "ghs_9999": ("T_MCOaaB", "Drop GHS_NUM 9999."),
    "inter_facility_services": (
        "T_MCOaaB",
        "Drop SEJ_TYP = 'B', except GRG_GHM 28Z14Z, 28Z15Z and 28Z16Z.",
    ),
    "return_codes": (
        "T_MCOaaC",
        "Keep return codes of 0: NIR, NAI, SEX, SEJ, FHO, PMS_RET, DAT_RET from 2006, COH_NAI_RET "
        "and COH_SEX_RET from 2013; a code that the year lacks is NULL and kept.",
    ),
    "unusable_pseudonyms": (
        "T_MCOaaC",
        "Drop NIR_ANO_17 of 17 x, and XXXXXXXXXXXXXXXXD or S: nobody can be found behind them.",
    ),
    "mother_child_links": (
        "T_MCOaaC",
        "Keep the stays of newborns whose NIR_ANO_MAM is also on the stay of a mother: it is on "
        "both, 32 characters, since the tables of 2013. stays_not_told are empty, "
        "stays_unknown_stay say ABAB…: no stay has the number that the hospital gave.",
    ),
    "repeated_rha": (
        "T_SSRaaB",
        "Keep weeks of the table's own year (the last four characters of MOI_ANN): a stay open at "
        "the end of a year is sent again, whole, the year after.",
    ),
    "outpatient_return_codes": (
        "T_MCOaaCSTC",
        "Keep return codes of 0: NIR, NAI, SEX, IAS_RET, and ENT_DAT_RET from 2009.",
    ),
    "outpatient_pseudonyms": (
        "T_MCOaaCSTC",
        "Drop NIR_ANO_17 of 17 x, and XXXXXXXXXXXXXXXXD or S, as for stays.",
    ),
    "ght_99": ("T_HADaaGRP", "Drop GHT_NUM 99: the week of hospital at home has no tariff."),
    "home_care_return_codes": ("T_HADaaC", "Keep return codes of 0, as for stays."),
    "psychiatry_exclusions": ("T_RIPaaRSA", "Drop SEQ_IND = E, until 2016."),
    "generated_psychiatry": ("T_RIPaaRSA", "Drop TYP_GEN_RSA other than 0."),
    "psychiatry_return_codes": ("T_RIPaaC", "Keep return codes of 0, as for stays."),
    "late_claims": (
        "ER_PRS_F",
        "Keep FLX_DIS_DTD up to flux_until, six months after the last day of care; "
        "available_by_month gives the count of every other cut-off.",
    ),
    "regime_entry": (
        "ER_PRS_F",
        "Drop care of before the year when its regime entered the claims. lines_of_lasting_regimes "
        "are those of regimes present from the first to the last year of care.",
    ),
    "missing_dates": (
        "ER_PRS_F",
        "Drop lines whose date of care is 01/01/1600, which is no date. "
        "dispensings_without_prescription_date: the same on PRE_PRE_DTD.",
    ),
    "unclassified_packs": (
        "ER_PHA_F",
        "Packs whose ATC class is empty in IR_PHA_R: a list of classes never finds them.",
    ),
    "late_deaths": (
        "KI_CCI_R",
        "The delivery has all certificates; those of a year really arrive two years later. "
        "rows_after is what would be known in the year of flux_until (see late_claims).",
    ),
    "ald_renewals": (
        "IR_IMB_R",
        "One row per person, IMB_ALD_NUM and MED_MTF_COD: renewals repeat rows.",
    ),
}
"""Table concerned, and what the filter does."""
FILTERS: Final = {
    "outpatient_return_codes": "return_codes",
    "outpatient_pseudonyms": "unusable_pseudonyms",
    "home_care_return_codes": "return_codes",
    "generated_psychiatry": "generated_stays",
    "psychiatry_return_codes": "return_codes",
}
"""The filter of a trap that is not called as the trap is."""


@dataclass(slots=True)
class Truth:
    """Counts added up over the blocks: by trap, then by name of the count."""

    counts: dict[str, Counter[str]] = field(default_factory=dict)

    def add(self, trap: str, **counts: int) -> None:
        """Add to the counts of a trap."""
        self.counts.setdefault(trap, Counter()).update(
            {name: int(count) for name, count in counts.items()}
        )

    def merge(self, others: Iterable["Truth"]) -> None:
        """Add the counts of other blocks."""
        for other in others:
            for trap, counts in other.counts.items():
                self.counts.setdefault(trap, Counter()).update(counts)

    def as_json(self) -> Mapping[str, Mapping[str, object]]:
        """Return the traps in the order of NOTES, each with its table, counts and rule."""
        return {
            trap: {
                "table": table,
                "filter": FILTERS.get(trap, trap),
                "injected": self.counts.get(trap, Counter())["injected"],
                "rows_before": self.counts.get(trap, Counter())["rows_before"],
                "rows_after": self.counts.get(trap, Counter())["rows_after"],
                **self._others(trap),
                "note": note,
            }
            for trap, (table, note) in NOTES.items()
        }

    def _others(self, trap: str) -> dict[str, int]:
        usual = {"injected", "rows_before", "rows_after"}
        return {
            name: count
            for name, count in sorted(self.counts.get(trap, Counter()).items())
            if name not in usual
        }
