"""The order to tabulate as a Django form: whom to count, by what, which tables, how protected."""

import json
import re
from collections.abc import Mapping
from datetime import date
from typing import Any, cast

from django import forms
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import UploadedFile
from django.forms.boundfield import BoundField
from django.utils.functional import Promise
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _

from ecluse.domain import codec
from ecluse.domain.cohorts import CODE, MAX_CODES, Match
from ecluse.domain.documents import SnapshotNotice
from ecluse.domain.errors import EcluseError
from ecluse.domain.parameters import MINIMUM_COUNT
from ecluse.domain.tabulation import TabulationPlan
from ecluse.domain.tabulation.usual import AGE, REGION, REGISTERS, SEX, YEAR
from ecluse.portal.requests import planning
from ecluse.portal.requests.models import DataRequest
from ecluse.portal.requests.planning import (
    CRITERIA,
    TABLES,
    Criterion,
    PlanAsked,
    TableAsked,
)
from ecluse.portal.requests.tabulations import Asked, asked

SHOWN = 5
LARGEST_PLAN = 1_000_000
SEPARATORS = re.compile(r"[\s,;]+")
PERSONS = "persons"
LARGEST_MINIMUM = 1000
DAY = ["%Y-%m-%d"]


class ApprovalForm(forms.Form):
    """What the decider fixes: how few persons a table may show, and the exception if asked."""

    use_required_attribute = False

    minimum_count = forms.IntegerField(
        label=gettext_lazy("Effectif minimal d’une case"),
        help_text=gettext_lazy("Jamais moins que la règle ; plus, si le sujet le demande."),
        min_value=MINIMUM_COUNT.value,
        max_value=LARGEST_MINIMUM,
        initial=MINIMUM_COUNT.value,
    )
    applies_opt_out_exception = forms.BooleanField(
        label=gettext_lazy("Appliquer l’exception au droit d’opposition (art. 71(4))"),
        required=False,
    )
    opt_out_exception_reason = forms.CharField(
        label=gettext_lazy("Motif de l’exception"), widget=forms.Textarea, required=False
    )

    def __init__(self, data: Mapping[str, Any] | None = None, *, asks_exception: bool) -> None:
        super().__init__(data)
        if not asks_exception:
            del self.fields["applies_opt_out_exception"], self.fields["opt_out_exception_reason"]

    def clean(self) -> dict[str, Any]:
        """Refuse the exception without its reason (EHDS art. 71(4))."""
        cleaned = super().clean() or {}
        applies = cleaned.get("applies_opt_out_exception")
        if applies and not cleaned.get("opt_out_exception_reason"):
            self.add_error("opt_out_exception_reason", _("Dites pourquoi l’exception s’applique."))
        return cleaned

    def exception_reason(self) -> str:
        """Return why the exception is applied, nothing where it is not."""
        applies = self.cleaned_data.get("applies_opt_out_exception") is True
        return str(self.cleaned_data["opt_out_exception_reason"]) if applies else ""


class PlanForm(forms.Form):
    """A population by codes, the usual variables, up to three tables; or a whole plan as a file."""

    use_required_attribute = False

    def __init__(
        self,
        request: DataRequest,
        notice: SnapshotNotice,
        data: Mapping[str, Any] | None = None,
        files: Mapping[str, Any] | None = None,
    ) -> None:
        super().__init__(data, cast(Any, files))
        self.request, self.notice = request, notice
        self.made: Asked | None = None
        self.fields["plan_file"] = forms.FileField(
            label=_("Plan de tableaux (JSON)"),
            help_text=_("Il remplace les variables et les tableaux ci-dessous."),
            required=False,
        )
        for number in range(1, CRITERIA + 1):
            self.fields.update(self._criterion(number))
        self.fields.update(self._variables())
        for number in range(1, TABLES + 1):
            self.fields.update(self._table(number))
        self.fields["protection"] = forms.ChoiceField(
            label=_("Protection des tableaux"),
            choices=[(name, str(text)) for name, text in PROTECTIONS.items()],
            initial="suppression",
            widget=forms.RadioSelect,
        )

    def groups(self) -> list[tuple[str, list[BoundField]]]:
        """Return the controls by subject, in order."""
        subjects = [
            (_("Un plan déjà écrit"), ["plan_file"]),
            *((_("Critère %(number)d") % {"number": n}, [*self._criterion(n)]) for n in (1, 2)),
            (_("Variables"), [*self._variables()]),
            *((_("Tableau %(number)d") % {"number": n}, [*self._table(n)]) for n in (1, 2, 3)),
            (_("Protection"), ["protection"]),
        ]
        return [(title, [self[name] for name in names]) for title, names in subjects]

    def _criterion(self, number: int) -> dict[str, forms.Field]:
        named = {"number": number}
        reading = [
            (Match.PREFIX.value, _("Les codes qui commencent ainsi")),
            (Match.EXACT.value, _("Ces codes exactement")),
        ]
        return {
            f"source_{number}": forms.ChoiceField(
                label=_("Critère %(number)d : événement") % named,
                choices=[("", _("Aucun : tout le monde")), *self._sources()],
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
                choices=reading,
                required=False,
            ),
            f"dates_{number}": forms.IntegerField(
                label=_("Critère %(number)d : nombre minimal de dates distinctes") % named,
                initial=1,
                min_value=1,
                max_value=1000,
                required=False,
            ),
            f"from_{number}": _day(_("Critère %(number)d : à partir du") % named),
            f"to_{number}": _day(_("Critère %(number)d : jusqu’au") % named),
            f"excludes_{number}": forms.BooleanField(
                label=_("Critère %(number)d : exclure ces personnes") % named, required=False
            ),
        }

    def _sources(self) -> list[tuple[str, str]]:
        is_english = _is_english()
        return [
            (source.name, source.title_en if is_english else source.title_fr)
            for source in self.notice.sources
        ]

    def _variables(self) -> dict[str, forms.Field]:
        last = self.notice.care_to
        return {
            "age_on": forms.DateField(
                label=_("Âge le"),
                input_formats=DAY,
                initial=date(last.year, 7, 1),
                required=False,
                widget=forms.DateInput,
            ),
            "age_starts": forms.CharField(
                label=_("Premiers âges des tranches"),
                help_text=_("Exemple : 0 18 40 65 80."),
                initial="0 18 40 65 80",
                required=False,
            ),
            "care_from": _day(_("Événements comptés : premier jour"), self.notice.care_from),
            "care_to": _day(_("Événements comptés : dernier jour"), last),
        }

    def _table(self, number: int) -> dict[str, forms.Field]:
        named = {"number": number}
        return {
            f"title_{number}": forms.CharField(
                label=_("Tableau %(number)d : titre") % named, required=False, max_length=200
            ),
            f"by_{number}": forms.MultipleChoiceField(
                label=_("Tableau %(number)d : ventilé par") % named,
                choices=self._variables_offered(),
                required=False,
                widget=forms.CheckboxSelectMultiple,
            ),
            f"counts_{number}": forms.ChoiceField(
                label=_("Tableau %(number)d : ce qui est compté") % named,
                choices=[("", _("Les personnes de la population")), *self._events()],
                required=False,
            ),
            f"with_events_{number}": forms.BooleanField(
                label=_("Tableau %(number)d : aussi le nombre d’événements") % named,
                required=False,
            ),
        }

    def _variables_offered(self) -> list[tuple[str, str]]:
        offered = [(YEAR, _("Année de l’événement"))]
        register = REGISTERS.get(self.notice.model)
        if register is not None:
            offered += [(SEX, _("Sexe")), (AGE, _("Tranche d’âge"))]
            offered += [(REGION, _("Région de résidence"))] if register.department_column else []
        return sorted(offered)

    def _events(self) -> list[tuple[str, str]]:
        """Return the tables of events, by the sources that a cohort may name."""
        tables = dict.fromkeys(source.table for source in self.notice.sources)
        is_english = _is_english()
        titles = {t.name: t.title_en if is_english else t.title_fr for t in self.notice.tables}
        return [(name, _("%(title)s : personnes") % {"title": titles[name]}) for name in tables]

    def clean(self) -> dict[str, Any]:
        """Make the plan, and say what is wrong with it."""
        cleaned = super().clean() or {}
        for number in range(1, CRITERIA + 1):
            self._clean_criterion(number, cleaned)
        if self.errors:
            return cleaned
        try:
            plan = self._plan(cleaned)
            self.made = asked(self.request, planning.cohort(self._criteria(cleaned)), plan)
        except (EcluseError, ValueError) as error:
            raise ValidationError(
                _("Ce plan ne peut pas être commandé : %(reason)s"), params={"reason": str(error)}
            ) from None
        return cleaned

    def _clean_criterion(self, number: int, cleaned: Mapping[str, Any]) -> None:
        codes = _codes(cleaned.get(f"codes_{number}"))
        wrong = [code for code in codes if not CODE.fullmatch(code)]
        name = f"codes_{number}"
        if wrong:
            shown = ", ".join(code[:20] for code in wrong[:SHOWN])
            self.add_error(name, _("Ce ne sont pas des codes : %(codes)s.") % {"codes": shown})
        elif len(codes) > MAX_CODES:
            self.add_error(name, _("%(most)d codes au plus.") % {"most": MAX_CODES})
        elif bool(codes) != bool(cleaned.get(f"source_{number}")):
            text = _("Un critère a un événement et des codes, ou ni l’un ni l’autre.")
            self.add_error(name, text)

    def _criteria(self, cleaned: Mapping[str, Any]) -> list[Criterion]:
        return [
            Criterion(
                cleaned[f"source_{n}"],
                tuple(_codes(cleaned[f"codes_{n}"])),
                Match(cleaned.get(f"match_{n}") or Match.PREFIX.value),
                cleaned.get(f"dates_{n}") or 1,
                (cleaned.get(f"from_{n}"), cleaned.get(f"to_{n}")),
                excludes=cleaned[f"excludes_{n}"],
            )
            for n in range(1, CRITERIA + 1)
            if cleaned[f"source_{n}"]
        ]

    def _plan(self, cleaned: Mapping[str, Any]) -> TabulationPlan:
        uploaded = cleaned.get("plan_file")
        if uploaded:
            return _read_plan(uploaded)
        tables = [
            TableAsked(
                cleaned[f"title_{n}"].strip(),
                tuple(cleaned[f"by_{n}"]),
                cleaned[f"counts_{n}"],
                has_events=cleaned[f"with_events_{n}"],
            )
            for n in range(1, TABLES + 1)
            if cleaned[f"title_{n}"].strip()
        ]
        if not tables:
            raise ValueError(_("donnez un titre à un tableau au moins."))
        return planning.plan(
            PlanAsked(
                self.request.title or self.request.number,
                tuple(tables),
                cleaned["age_on"] or self.notice.care_to,
                _starts(cleaned["age_starts"]),
                cleaned["care_from"] or self.notice.care_from,
                cleaned["care_to"] or self.notice.care_to,
                cleaned["protection"],
            ),
            self.notice.model,
        )


PROTECTIONS: Mapping[str, Promise] = {
    "suppression": gettext_lazy("Masquer les cases à risque, et ce qui permet de les recalculer"),
    "suppression-5": gettext_lazy("Masquer, et arrondir le reste à 5 près"),
    "suppression-10": gettext_lazy("Masquer, et arrondir le reste à 10 près"),
    "rounding-10": gettext_lazy("Tout arrondir à 10 près, les totaux restant justes"),
}


def _day(label: str, initial: date | None = None) -> forms.DateField:
    return forms.DateField(
        label=label,
        input_formats=DAY,
        initial=initial,
        required=False,
        widget=forms.DateInput,
    )


def _is_english() -> bool:
    return (get_language() or "fr").startswith("en")


def _codes(text: object) -> list[str]:
    found = (code for code in SEPARATORS.split(str(text or "").upper()) if code)
    return list(dict.fromkeys(found))


def _starts(text: str) -> tuple[int, ...]:
    parts = [part for part in SEPARATORS.split(text) if part]
    if not all(part.isascii() and part.isdigit() and len(part) < 4 for part in parts):  # noqa: PLR2004
        raise ValueError(_("les tranches d’âge sont des nombres entiers."))
    return tuple(map(int, parts))


def _read_plan(uploaded: UploadedFile) -> TabulationPlan:  # type: ignore[type-arg]
    if (uploaded.size or 0) > LARGEST_PLAN:
        raise ValueError(_("ce fichier est trop lourd pour un plan."))
    try:
        content = json.loads(uploaded.read())
    except (ValueError, RecursionError):
        raise ValueError(_("ce fichier n’est pas du JSON.")) from None
    return cast(TabulationPlan, codec.decode(content, TabulationPlan, at="plan"))
