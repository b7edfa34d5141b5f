"""What lies beside the tables of an extract: dictionary, codebook, read-me, receipt."""

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Final, cast

from ecluse.data.extraction import dictionary
from ecluse.data.extraction.files import ExtractFiles, Seals, open_files
from ecluse.data.extraction.plans import TablePlan
from ecluse.data.extraction.warrants import Warrant
from ecluse.domain import codec
from ecluse.domain.documents import (
    AttritionStep,
    DeliveredFile,
    ExtractedTable,
    ExtractionReceipt,
)
from ecluse.domain.errors import Malformed
from ecluse.trust import canonical

RECEIPT: Final = "receipt.json"
DICTIONARY: Final = "dictionary.csv"
CODEBOOK: Final = "codebook.csv"
PACKAGE: Final = "datapackage.json"
NONE: Final = "–"

_ENGLISH: Final = """\
# Extraction {order}

Permit {permit} · dataset {dataset} · snapshot {snapshot} · care from {care_from} to {care_to} ·
claims received until {flux_until}

One Parquet file per table. `person_pseudonym` names a person, in every table, for this permit
alone: it meets no pseudonym of another project. Columns of role link, professional or facility
hold pseudonyms too: equal values stay equal in all tables of this extract, so joins hold. An empty
value was empty in the source. Rows are in the order of the pseudonyms. `study-cohort.parquet`,
where there is one, holds the index day and the variables of the cohort, one row a person.

- `dictionary.csv`: each column, and whether it is coarsened; `datapackage.json` the same for
  programs (Frictionless).
- `codebook.csv`: codes and labels of coded columns.
- `receipt.json`: what was left out and why, which filters were on, the digest of every file.

| step | persons |
|---|---:|
{attrition}

| table | rows | left out | columns given with less than their values | columns not delivered |
|---|---:|---|---|---|
{tables}

Trying to name a person is forbidden (EHDS art. 61(3)). Never rename a column that holds pseudonyms.
Nothing leaves this environment before two checkers have approved it (EHDS art. 73(2)).
"""

_FRENCH: Final = """\
# Extraction {order}

Autorisation {permit} · jeu de données {dataset} · chargement {snapshot} · soins du {care_from} au
{care_to} · flux reçus jusqu'au {flux_until}

Un fichier Parquet par table. `person_pseudonym` désigne une personne, dans toutes les tables, pour
cette seule autorisation : il ne rencontre aucun pseudonyme d'un autre projet. Les colonnes de rôle
link, professional ou facility portent aussi des pseudonymes : des valeurs égales restent égales
dans toutes les tables de cette extraction, les jointures tiennent. Une valeur vide était vide à la
source. Les lignes sont dans l'ordre des pseudonymes. `study-cohort.parquet`, s'il existe, donne le
jour index et les variables de la cohorte, une ligne par personne.

- `dictionary.csv` : chaque colonne, et si elle est livrée moins précise ; `datapackage.json` : la
  même chose pour les programmes (Frictionless).
- `codebook.csv` : codes et libellés des colonnes codées.
- `receipt.json` : ce qui a été écarté et pourquoi, les filtres appliqués, l'empreinte de chaque
  fichier.

| étape | personnes |
|---|---:|
{attrition}

| table | lignes | écartées | colonnes livrées moins précises | colonnes non livrées |
|---|---:|---|---|---|
{tables}

Chercher à nommer une personne est interdit (règlement EEDS, art. 61(3)). Ne renommez jamais une
colonne qui porte des pseudonymes. Rien ne quitte cet environnement avant l'accord de deux
vérificateurs (art. 73(2)).
"""

READMES: Final = {"README.md": _ENGLISH, "LISEZMOI.md": _FRENCH}


@dataclass(frozen=True, slots=True)
class Leaflet:
    """What the files beside the tables say."""

    warrant: Warrant
    plans: tuple[TablePlan, ...]
    attrition: tuple[AttritionStep, ...]
    tables: tuple[ExtractedTable, ...]

    def write(self, files: ExtractFiles, *, lake: Path) -> None:
        """Write them, but for the receipt; `lake` holds the nomenclatures."""
        order = self.warrant.order
        lines = dictionary.lines(self.plans, order.cohort)
        files.write(DICTIONARY, dictionary.as_csv(lines))
        package = dictionary.as_data_package(lines, name=order.order_number)
        files.write(PACKAGE, package)
        files.write(CODEBOOK, dictionary.as_codebook(self.plans, lake=lake))
        for name, text in READMES.items():
            files.write(name, self._readme(text).encode())

    def _readme(self, text: str) -> str:
        order = self.warrant.order
        return text.format(
            order=order.order_number,
            permit=order.permit_number,
            dataset=order.dataset,
            snapshot=order.snapshot,
            care_from=order.care_from,
            care_to=order.care_to,
            flux_until=order.flux_until,
            attrition="\n".join(f"| {s.step} | {s.person_count} |" for s in self.attrition),
            tables="\n".join(_row(table) for table in self.tables),
        )


def delivered_files(files: ExtractFiles) -> tuple[DeliveredFile, ...]:
    """Return every file by its content, sorted by name."""
    return tuple(DeliveredFile(name, *files.told(name)) for name in files.names())


def write_receipt(files: ExtractFiles, receipt: ExtractionReceipt) -> None:
    """Write the receipt of an extract."""
    files.write(RECEIPT, canonical.encode(codec.encode(receipt)))


def read_receipt(folder: Path, seals: Seals | None = None) -> ExtractionReceipt:
    """Return what the finished extract in `folder` delivered.

    Raises:
        NotFound: there is none, or its key was destroyed.
        BadSignature, Malformed: it was changed.
    """
    data = open_files(folder, seals).read(RECEIPT)
    try:
        receipt = codec.decode(canonical.decode(data), ExtractionReceipt)
    except Malformed as error:
        raise Malformed(f"{folder / RECEIPT} was changed: {error}") from None
    return cast(ExtractionReceipt, receipt)


def _row(table: ExtractedTable) -> str:
    removed = [f"{one.reason.value} {one.row_count}" for one in table.removed]
    coarsened = [f"{one.column} ({one.to.value})" for one in table.coarsened]
    cells = (_listed(removed), _listed(coarsened), _listed(table.columns_dropped))
    return f"| {table.table} | {table.row_count_out} | {' | '.join(cells)} |"


def _listed(items: Iterable[str]) -> str:
    return ", ".join(items) or NONE
