"""A cohort in the full language: read from JSON, and held against the permit in words.

The secure zone holds it against the permit again, with what only it knows: the links between
persons, the facts of their register, the nomenclatures that it loaded.
"""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final, cast

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from ecluse.domain import codec, cohorts
from ecluse.domain.cohorts import Cohort, Events, Match
from ecluse.domain.cohorts.code_systems import misshapen
from ecluse.domain.documents import DatasetScope, Precision, SnapshotNotice, SourceDescription
from ecluse.domain.errors import Malformed, OutOfScope
from ecluse.domain.permits import check_period, gives_source

LARGEST_BYTES: Final = 1024 * 1024
SHOWN: Final = 5
MOST_REASON: Final = 300
"""Characters of a reason: it quotes what was sent, which may be long."""


def read(text: str) -> Cohort:
    """Return the cohort written by `ecluse cohort json`. Raises ValidationError saying where."""
    if len(text) > LARGEST_BYTES:
        raise ValidationError(_("Ce fichier est trop gros pour une cohorte : 1 Mo au plus."))
    try:
        written = json.loads(text)
        json.dumps(written, ensure_ascii=False).encode()  # half a character can be escaped in JSON
        return cast(Cohort, codec.decode(written, Cohort, at="cohort"))
    except Malformed as error:
        raise ValidationError(
            _("Ce JSON n’est pas une cohorte : %(reason)s"),
            params={"reason": str(error)[:MOST_REASON]},
        ) from None
    except (ValueError, RecursionError):
        raise ValidationError(
            _("Ce texte n’est pas du JSON : écrivez-le avec « ecluse cohort json ».")
        ) from None


def decode(content: bytes) -> str:
    """Return the text of a file sent. Raises ValidationError for one that is no text."""
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise ValidationError(_("Ce fichier n’est pas un texte en UTF-8.")) from None


def first_of(codes: Sequence[str]) -> str:
    """Return the first codes of a list, with a sign that there are more."""
    return ", ".join(codes[:SHOWN]) + ("…" if len(codes) > SHOWN else "")


@dataclass(frozen=True, slots=True)
class CodeList:
    """A list of codes of a cohort, with the event source that it is about."""

    events: Events
    source: SourceDescription

    def row(self, language: str) -> tuple[str, str, int, str, str | None]:
        """Return the source's title, its code system, how many codes, the first, the exceptions."""
        title = self.source.title_en if language.startswith("en") else self.source.title_fr
        codes, excepted = self.events.codes, first_of(self.events.but_not)
        return title, self.source.code_system, len(codes), first_of(codes), excepted or None


@dataclass(frozen=True, slots=True)
class Holding:
    """What the permit gives of a dataset, as its last notice describes it."""

    scope: DatasetScope
    notice: SnapshotNotice

    def sources(self) -> dict[str, SourceDescription]:
        """Return the event sources whose codes the permit gives, by name."""
        return {
            source.name: source
            for source in self.notice.sources
            if gives_source(source.table, source.code_column, self.scope)
        }

    def code_lists(self, cohort: Cohort) -> list[CodeList]:
        """Return the code lists of a cohort, each once, with what they are lists of."""
        lists = (leaf for leaf in cohorts.leaves(cohort) if isinstance(leaf, Events))
        return [CodeList(listed, self.sources()[listed.source]) for listed in dict.fromkeys(lists)]

    def problems(self, cohort: Cohort) -> list[str]:
        """Return in words what the cohort asks beyond the permit, and the codes that cannot be."""
        unknown = sorted(cohorts.sources(cohort) - self.sources().keys())
        if unknown:
            return [
                _("L’autorisation ne donne pas ces événements : %(names)s. Elle donne : %(known)s.")
                % {"names": ", ".join(unknown), "known": ", ".join(self.sources()) or _("aucun")}
            ]
        return [*self._columns(cohort), *self._periods(cohort), *self._codes(cohort)]

    def _columns(self, cohort: Cohort) -> Iterator[str]:
        for source, column in sorted(cohorts.columns(cohort)):
            table = self.sources()[source].table
            if not self._chooses(table, column):
                yield _(
                    "L’autorisation ne donne pas la colonne %(table)s.%(column)s telle que la"
                    " cohorte la lit."
                ) % {"table": table, "column": column}

    def _chooses(self, table: str, column: str) -> bool:
        """Whether persons may be chosen by the values of a column."""
        for given in self.scope.tables:
            if given.table == table and column in given.columns:
                coarsening = given.coarsening(column)
                return coarsening is None or coarsening.to is Precision.CHOICE_ONLY
        return False

    def _periods(self, cohort: Cohort) -> Iterator[str]:
        for first, last in dict.fromkeys(cohorts.periods(cohort)):
            if not self._holds(first, last):
                yield _(
                    "La cohorte lit des soins du %(first)s au %(last)s : l’autorisation les donne"
                    " du %(begins)s au %(ends)s."
                ) % {
                    "first": first or "…",
                    "last": last or "…",
                    "begins": self.scope.care_from,
                    "ends": self.scope.care_to,
                }

    def _holds(self, first: date | None, last: date | None) -> bool:
        try:
            check_period(first or self.scope.care_from, last or self.scope.care_to, self.scope)
        except OutOfScope:
            return False
        return True

    def _codes(self, cohort: Cohort) -> Iterator[str]:
        for listed in self.code_lists(cohort):
            odd = misshapen(listed.events, listed.source.code_system)
            if odd:
                yield _(
                    "%(source)s : ces codes ne peuvent pas être des codes %(system)s : %(codes)s."
                ) % {
                    "source": listed.source.name,
                    "system": listed.source.code_system,
                    "codes": first_of(odd),
                }
            if not self._are_short_enough(listed):
                yield _(
                    "%(source)s : l’autorisation donne moins que ces codes. Écrivez-les plus"
                    " courts, comme des débuts."
                ) % {"source": listed.source.name}

    def _are_short_enough(self, listed: CodeList) -> bool:
        """Whether a list asks no more of its column than the beginnings that the permit gives."""
        column, events = listed.source.code_column, listed.events
        tables = (table for table in self.scope.tables if table.table == listed.source.table)
        given = next((table.coarsening(column) for table in tables), None)
        if given is None or given.to is Precision.CHOICE_ONLY:
            return True
        if given.to is not Precision.FIRST_CHARACTERS or events.match is not Match.PREFIX:
            return False
        codes = (code.replace(".", "") for code in (*events.codes, *events.but_not))
        return all(len(code) <= (given.step or 0) for code in codes)
