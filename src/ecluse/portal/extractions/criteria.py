"""A cohort by criteria: up to three lists of codes, each with its dates, met together or not."""

import re
from collections.abc import Mapping
from typing import Any, Final

from django import forms
from django.forms.boundfield import BoundField
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from ecluse.domain.cohorts import (
    CODE,
    MAX_CODES,
    AnyOf,
    AtLeast,
    Cohort,
    During,
    Events,
    Match,
    Not,
    Step,
    cohort_of,
)
from ecluse.domain.cohorts.studies import MAX_LABEL
from ecluse.domain.documents import SourceDescription
from ecluse.portal.extractions.fields import DayField

LINES: Final = 3
SHOWN: Final = 5
SEPARATORS: Final = re.compile(r"[\s,;]+")
ALL, ANY = "all", "any"


class CriteriaForm(forms.Form):
    """Up to three criteria and how they combine. `sources` are those that the permit gives."""

    sources: Mapping[str, SourceDescription]

    def add_criteria(self) -> None:
        """Add the controls of every criterion."""
        for number in range(1, LINES + 1):
            self.fields.update(self._criterion(number))
        for name in ("source_1", "codes_1"):
            # Needed unless a cohort comes in the full language: no page may call it optional.
            self.fields[name].widget.attrs["data-needed-if"] = "criteria"
        self.fields["combination"] = forms.ChoiceField(
            label=_("Plusieurs critères"),
            choices=[(ALL, _("Tous doivent être remplis")), (ANY, _("L’un d’eux suffit"))],
            initial=ALL,
            widget=forms.RadioSelect,
        )

    def criteria(self) -> list[tuple[str, list[BoundField]]]:
        """Return the controls of each criterion under its title."""
        return [
            (
                _("Critère %(number)d") % {"number": number},
                [self[name] for name in self._criterion(number)],
            )
            for number in range(1, LINES + 1)
        ]

    def _criterion(self, number: int) -> dict[str, forms.Field]:
        named = {"number": number}
        return {
            f"source_{number}": forms.ChoiceField(
                label=_("Critère %(number)d : événement") % named,
                choices=[("", _("Aucun")), *self._titles().items()],
                required=False,
            ),
            f"codes_{number}": forms.CharField(
                label=_("Critère %(number)d : codes") % named,
                help_text=_("Séparés par des espaces, des virgules ou des retours à la ligne."),
                required=False,
                widget=forms.Textarea(attrs={"rows": 3}),
            ),
            f"match_{number}": forms.ChoiceField(
                label=_("Critère %(number)d : lecture des codes") % named,
                choices=[
                    (Match.PREFIX.value, _("Les codes qui commencent ainsi")),
                    (Match.EXACT.value, _("Ces codes exactement")),
                ],
            ),
            f"dates_{number}": forms.IntegerField(
                label=_("Critère %(number)d : nombre minimal de dates distinctes") % named,
                initial=1,
                min_value=1,
                max_value=1000,
            ),
            f"from_{number}": DayField(
                label=_("Critère %(number)d : à partir du") % named, required=False
            ),
            f"to_{number}": DayField(
                label=_("Critère %(number)d : jusqu’au") % named, required=False
            ),
            f"excludes_{number}": forms.BooleanField(
                label=_("Critère %(number)d : exclure ces personnes") % named, required=False
            ),
        }

    def _titles(self) -> dict[str, str]:
        is_english = (get_language() or "fr").startswith("en")
        return {
            name: source.title_en if is_english else source.title_fr
            for name, source in self.sources.items()
        }

    def names_criteria(self) -> bool:
        """Whether a source was chosen or a code typed, even wrong."""
        names = (f"{part}_{n}" for part in ("source", "codes") for n in range(1, LINES + 1))
        return any(self.data.get(name) for name in names)

    def check_criteria(self) -> None:
        """Check each criterion alone, then what they say together, in words."""
        for number in range(1, LINES + 1):
            self._check_criterion(number)
        if not self.errors and all(self.cleaned_data[f"excludes_{n}"] for n in self._used()):
            self.add_error("excludes_1", _("Il faut au moins un critère qui inclut des personnes."))

    def _check_criterion(self, number: int) -> None:
        data = self.cleaned_data
        source, typed = data.get(f"source_{number}"), data.get(f"codes_{number}", "")
        if number == 1 and not (source and typed):
            self._require(number)
            return
        if bool(source) != bool(typed) and f"codes_{number}" not in self.errors:
            missing = f"codes_{number}" if source else f"source_{number}"
            if missing not in self.errors:
                self.add_error(missing, _("Un critère a un événement et des codes."))
            return
        self._check_codes(number, codes(typed))
        first, last = data.get(f"from_{number}"), data.get(f"to_{number}")
        if first and last and last < first:
            self.add_error(f"to_{number}", _("Ce jour précède le premier jour : corrigez-le."))

    def _require(self, number: int) -> None:
        for name in (f"source_{number}", f"codes_{number}"):
            if not self.cleaned_data.get(name) and name not in self.errors:
                self.add_error(name, self.fields[name].error_messages["required"])

    def _check_codes(self, number: int, typed: tuple[str, ...]) -> None:
        wrong = [code for code in typed if not CODE.fullmatch(code)]
        if wrong:
            shown = ", ".join(code[: SHOWN * 8] for code in wrong[:SHOWN])
            self.add_error(
                f"codes_{number}",
                _("Ces codes ne sont pas faits de lettres, chiffres et points : %(codes)s.")
                % {"codes": shown},
            )
        if len(typed) > MAX_CODES:
            self.add_error(
                f"codes_{number}",
                _("%(count)d codes, c’est trop : %(most)d au plus.")
                % {"count": len(typed), "most": MAX_CODES},
            )

    def _used(self) -> list[int]:
        return [n for n in range(1, LINES + 1) if self.cleaned_data.get(f"source_{n}")]

    def cohort_of_criteria(self) -> Cohort:
        """Return a step for each criterion when all must be met; otherwise one for them all."""
        used = self._used()
        parts = tuple(self._part(number) for number in used)
        if len(parts) == 1 or self.cleaned_data["combination"] == ANY:
            kept = parts[0] if len(parts) == 1 else AnyOf(parts)
            return cohort_of(kept, label=_("Dans la cohorte"))
        return Cohort(
            tuple(Step(self._label(number), part) for number, part in zip(used, parts, strict=True))
        )

    def _label(self, number: int) -> str:
        """Return the words of a criterion in the flowchart."""
        named = {"number": number, "source": self._titles()[self.cleaned_data[f"source_{number}"]]}
        if self.cleaned_data[f"excludes_{number}"]:
            return (_("Critère %(number)d : sans %(source)s") % named)[:MAX_LABEL]
        return (_("Critère %(number)d : %(source)s") % named)[:MAX_LABEL]

    def _part(self, number: int) -> AtLeast | Not:
        data: Mapping[str, Any] = self.cleaned_data
        events = Events(
            data[f"source_{number}"],
            codes(data[f"codes_{number}"]),
            Match(data[f"match_{number}"]),
        )
        first, last = data[f"from_{number}"], data[f"to_{number}"]
        count = AtLeast(
            During(events, first, last) if first or last else events,
            distinct_dates=data[f"dates_{number}"],
        )
        return Not(count) if data[f"excludes_{number}"] else count


def codes(typed: str) -> tuple[str, ...]:
    """Return the codes typed, in capitals, each once."""
    found = (code.upper() for code in SEPARATORS.split(typed) if code)
    return tuple(dict.fromkeys(found))
