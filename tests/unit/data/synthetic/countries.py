"""A country written for tests, and questions asked to its files as delivered, with plain SQL."""

import json
import re
from dataclasses import dataclass
from pathlib import Path

import duckdb

from ecluse.data.lake import Lake, Snapshot
from ecluse.data.loading import LoadReport, load_delivery
from ecluse.data.synthetic import Country, SyntheticReport, write_country
from tests.unit.data.loading.deliveries import NOW

KEY = bytes(range(32))
SMALL = Country(persons=1000, years=(2011, 2012, 2013), seed=11)
"""Regimes still join, return codes appear, packs have seven digits, hospitals send stays twice."""
NINE_KEYS = (
    "FLX_DIS_DTD, FLX_TRT_DTD, FLX_EMT_TYP, FLX_EMT_NUM, FLX_EMT_ORD, ORG_CLE_NUM, DCT_ORD_NUM, "
    "PRS_ORD_NUM, REM_TYP_AFF"
)


@dataclass(frozen=True)
class Written:
    """A country in files. A question names tables as the model does: ER_PRS_F, T_MCOaaB."""

    made: SyntheticReport

    def ask(self, question: str, **replaced: str) -> list[tuple[object, ...]]:
        """Answer a question on the delivered texts; `filename` is a column of every table.

        USING (NINE_KEYS) joins on the nine keys; other words are `replaced`.
        """
        for word, text in {"NINE_KEYS": NINE_KEYS, **replaced}.items():
            question = question.replace(word, text)
        with duckdb.connect() as connection:
            for table in set(re.findall(r"\b(?:ER|IR|KI|T|CT)_[A-Za-z0-9_]+\b", question)):
                files = self.files(table)
                if files:
                    rows = connection.read_csv(
                        files,  # type: ignore[arg-type]  # the stub forgets lists of files
                        sep=";",
                        header=True,
                        all_varchar=True,
                        quotechar="",
                        escapechar="",
                        union_by_name=True,
                        filename=True,
                    )
                    rows.create_view(table)
            return connection.execute(question).fetchall()

    def count(self, question: str, **replaced: str) -> int:
        """Answer a question whose answer is one number."""
        return int(str(self.ask(question, **replaced)[0][0]))

    def files(self, table: str) -> list[str]:
        """Return the files of a table: every year, every month of flux."""
        pattern = re.compile(table.replace("aa", r"\d\d") + r"(_\d{4})?(_G11)?\.csv")
        found = self.made.delivery_path.rglob("*.csv")
        return sorted(str(path) for path in found if pattern.fullmatch(path.name))

    def trap(self, name: str) -> dict[str, int]:
        """Return the truth of one trap."""
        truth = json.loads((self.made.truth_path / "traps.json").read_text(encoding="utf-8"))
        counts: dict[str, int] = truth[name]
        return counts


@dataclass(frozen=True)
class Loaded:
    """A country in files, and what its loading in a lake told."""

    written: Written
    report: LoadReport

    @property
    def snapshot(self) -> Snapshot:
        """The snapshot that was published."""
        return self.report.snapshot


def load(folder: Path, country: Country) -> Loaded:
    """Write `country` in `folder`, and load it in `folder`/lake."""
    written = write(folder, country)
    report = load_delivery(
        written.made.delivery_path,
        lake=Lake(folder / "lake"),
        dataset="country",
        model="snds",
        now=NOW,
    )
    return Loaded(written, report)


def write(folder: Path, country: Country, *, workers: int = 1) -> Written:
    """Write `country` in `folder`, always under the same key."""
    return Written(write_country(country, folder, national_key=KEY, workers=workers))


def contents(folder: Path) -> dict[str, bytes]:
    """Return every file under `folder` and its bytes."""
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    return {str(path.relative_to(folder)): path.read_bytes() for path in files}
