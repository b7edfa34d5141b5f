"""The words of the page, French first, and how each language writes numbers and days."""

from dataclasses import dataclass
from datetime import date
from typing import Final, Literal, get_args

from ecluse.data.quality.reports import CheckResult, Unit, percent
from ecluse.domain.errors import InvalidInput

Language = Literal["fr", "en"]
SHARE_WHOLE: Final = 10_000

WORDS: Final[dict[str, tuple[str, str]]] = {
    "title": ("Qualité de {dataset}", "Quality of {dataset}"),
    "facts": ("Ce qui est mesuré", "What is measured"),
    "snapshot": ("Instantané", "Snapshot"),
    "model": ("Modèle", "Model"),
    "published": ("Publié le", "Published on"),
    "measured": ("Mesuré le", "Measured on"),
    "former": ("Comparé à", "Compared with"),
    "scope": ("Lignes regardées", "Rows looked at"),
    "scope_dataset": ("toutes", "all"),
    "scope_load": (
        "celles que ce chargement apporte ; volumes, délais et colonnes : toutes",
        "those that this load brings; volumes, delays and columns: all",
    ),
    "nothing": ("aucun instantané antérieur", "no earlier snapshot"),
    "masked_note": (
        "Les effectifs de 1 à {last} ne sont pas montrés, ni ceux qui les feraient deviner.",
        "Counts from 1 to {last} are not shown, nor those that would give them away.",
    ),
    "exact_note": (
        "Cette page montre aussi les petits effectifs : elle ne sort pas de la zone sécurisée.",
        "This page shows small counts too: it does not leave the secure zone.",
    ),
    "hidden": ("masqué", "hidden"),
    "scores": ("Vue d'ensemble", "Overview"),
    "scores_caption": ("Contrôles par dimension", "Checks by dimension"),
    "dimension": ("Dimension", "Dimension"),
    "checks": ("Contrôles", "Checks"),
    "passed": ("Réussi", "Passed"),
    "warning": ("À regarder", "To look at"),
    "failed": ("À corriger", "To correct"),
    "completeness": ("Complétude", "Completeness"),
    "validity": ("Validité", "Validity"),
    "uniqueness": ("Unicité", "Uniqueness"),
    "timeliness": ("Fraîcheur", "Timeliness"),
    "plausibility": ("Vraisemblance", "Plausibility"),
    "consistency": ("Cohérence", "Consistency"),
    "stability": ("Stabilité", "Stability"),
    "rows": ("lignes", "rows"),
    "persons": ("personnes", "persons"),
    "periods": ("périodes", "periods"),
    "columns": ("colonnes", "columns"),
    "codes": ("codes", "codes"),
    "tables": ("tables", "tables"),
    "months": ("mois", "months"),
    "share": ("", ""),
    "found": ("Ce qui demande un regard", "What asks for a look"),
    "found_caption": ("Contrôles à corriger ou à regarder", "Checks to correct or to look at"),
    "found_none": ("Tous les contrôles sont réussis.", "Every check passed."),
    "others": ("Contrôles réussis ({count})", "Checks passed ({count})"),
    "status": ("Constat", "Finding"),
    "check": ("Contrôle", "Check"),
    "place": ("Table et colonne", "Table and column"),
    "violations": ("Écarts", "Violations"),
    "part": ("Part", "Share"),
    "threshold": ("Seuil", "Threshold"),
    "of": ("{part} sur {whole} {unit}", "{part} of {whole} {unit}"),
    "population": ("Population", "Population"),
    "population_told": (
        "{persons} personnes au référentiel, dont {women} femmes, {men} hommes et {dead} décédées.",
        "{persons} persons in the register: {women} women, {men} men, {dead} dead.",
    ),
    "pyramid": ("Personnes vivantes par âge et sexe", "Persons alive by age and sex"),
    "pyramid_told": (
        "Pyramide des âges par tranches de cinq ans, femmes à gauche, hommes à droite.",
        "Age pyramid in bands of five years, women to the left, men to the right.",
    ),
    "age": ("Âge", "Age"),
    "women": ("Femmes", "Women"),
    "men": ("Hommes", "Men"),
    "numbers": ("Les nombres", "The numbers"),
    "lag": ("Délai d'arrivée des soins", "How late care arrives"),
    "lag_title": ("{table} : part arrivée selon le délai", "{table}: share arrived by delay"),
    "lag_told": (
        "Part d'un mois de soins arrivée après chaque mois de délai. À six mois : {six} %.",
        "Share of a month of care that has arrived after each month of delay. At six months: "
        "{six}%.",
    ),
    "lag_line": ("99 %", "99%"),
    "lag_mark": ("6 mois", "6 months"),
    "delay": ("Mois de délai", "Months of delay"),
    "arrived": ("Part arrivée", "Share arrived"),
    "recent": (
        "Mois de soins encore incomplets, dernier flux {flow}",
        "Months of care still incomplete, last flow {flow}",
    ),
    "month": ("Mois", "Month"),
    "row_count": ("Lignes", "Rows"),
    "tables_title": ("Tables", "Tables"),
    "volume": ("{table} : lignes par mois de soins", "{table}: rows by month of care"),
    "by_period": ("{table} : lignes par période livrée", "{table}: rows by delivered period"),
    "volume_told": (
        "Barres de {first} à {last}, au plus {most}.",
        "Bars from {first} to {last}, at most {most}.",
    ),
    "period": ("Période", "Period"),
    "new": ("Apportée par ce chargement", "Brought by this load"),
    "yes": ("oui", "yes"),
    "no": ("non", "no"),
    "columns_of": ("Colonnes de {table}", "Columns of {table}"),
    "column": ("Colonne", "Column"),
    "label": ("Libellé", "Label"),
    "filled": ("Remplie", "Filled"),
    "worst": ("Pire période", "Worst period"),
    "empty_strip": ("Vide, par période", "Empty, by period"),
    "codes_of": ("Codes de {column} ({system})", "Codes of {column} ({system})"),
    "codes_cut": (", {digits} premiers caractères", ", first {digits} characters"),
    "code": ("Code", "Code"),
    "rest": ("autres codes", "other codes"),
    "drift_of": (
        "{column} : écart avec la période précédente",
        "{column}: change from the period before",
    ),
    "bits": ("Divergence (bits)", "Divergence (bits)"),
    "changes": ("Depuis l'instantané précédent", "Since the former snapshot"),
    "changes_none": ("Rien n'a changé.", "Nothing has changed."),
    "before": ("Avant", "Before"),
    "now": ("Maintenant", "Now"),
    "appeared": ("Colonnes apparues", "Columns appeared"),
    "vanished": ("Colonnes disparues", "Columns vanished"),
    "changed": ("Périodes changées", "Periods changed"),
    "refusals": ("Lignes refusées au chargement", "Lines refused by the load"),
    "refusals_none": ("Aucune ligne refusée.", "No line was refused."),
    "reason": ("Raison", "Reason"),
    "lines": ("Lignes", "Lines"),
    "method": ("Comment lire cette page", "How to read this page"),
    "method_told": (
        "Un contrôle compare ses écarts à un seuil, en pourcentage de ce qui est examiné. La "
        "courbe des délais estime, par le développement des mois déjà observés, ce qui reste à "
        "venir. La divergence de Jensen-Shannon va de 0 (mêmes codes) à 1 (rien en commun), moins "
        "ce que le hasard seul produirait.",
        "A check compares its violations with a threshold, in percent of what is examined. The "
        "curve of delays estimates what is still to come from the months already observed. The "
        "Jensen-Shannon divergence goes from 0 (the same codes) to 1 (nothing in common), less "
        "what chance alone would give.",
    ),
}


@dataclass(frozen=True, slots=True)
class Words:
    """The words, numbers and days of one language."""

    language: str

    def __call__(self, name: str, **values: str | int) -> str:
        """Return a text with its values."""
        return self.choose(*WORDS[name]).format(**values)

    def choose(self, french: str, english: str) -> str:
        """Return the text of this language; the other one where it is empty."""
        return (french or english) if self.language == "fr" else (english or french)

    def number(self, value: int | None) -> str:
        """Return a whole number with its thousands apart; `hidden` for a count not shown."""
        if value is None:
            return self("hidden")
        return f"{value:,}".replace(",", "\u202f") if self.language == "fr" else f"{value:,}"

    def decimal(self, value: str) -> str:
        """Return a decimal text as the language writes it."""
        return value.replace(".", ",") if self.language == "fr" else value

    def percent(self, value: str) -> str:
        """Return a decimal text as a percentage."""
        return f"{self.decimal(value)}\u202f%" if self.language == "fr" else f"{value}%"

    def counted(self, check: CheckResult) -> str:
        """Return the violations of a check among what it examined."""
        if check.unit is Unit.SHARE and check.violations is not None:
            return self.percent(percent(check.violations, SHARE_WHOLE))
        if check.unit is Unit.MONTHS:
            return f"{self.number(check.violations)} {self(check.unit.value)}"
        return self(
            "of",
            part=self.number(check.violations),
            whole=self.number(check.examined),
            unit=self(check.unit.value),
        )

    def day(self, day: date) -> str:
        """Return a day: 31/12/2025, or 2025-12-31."""
        return f"{day:%d/%m/%Y}" if self.language == "fr" else f"{day:%Y-%m-%d}"


def words(language: str) -> Words:
    """Return the words of a language. Raises InvalidInput."""
    if language not in get_args(Language):
        raise InvalidInput(f"No page is written in {language!r}: use fr or en.")
    return Words(language)
