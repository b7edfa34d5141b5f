"""What is typed about fees: an estimate, the work done, who is billed, what came in or went on."""

from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import Any

from django import forms
from django.core.validators import MaxValueValidator, MinValueValidator, RegexValidator
from django.utils.translation import gettext_lazy as _

from ecluse.domain.fees import Component, Estimate, HolderPart, Payer, Tariff, TariffLine, Work
from ecluse.portal.applications.pinned import answer_text
from ecluse.portal.fees import labels
from ecluse.portal.fees.actions import EstimateEntry
from ecluse.portal.fees.invoice_actions import Money
from ecluse.portal.fees.invoices import Buyer
from ecluse.portal.fees.wording import line_label
from ecluse.portal.holders.models import Holder

CENTS = 100
MOST_UNITS = 100_000
LARGEST = Decimal(10_000_000)
HOLDER_ROWS = 4
QUANTITY, HOLDER = "quantity_", "holder_"
DONE = "done_"


class Euros(forms.DecimalField):
    """An amount in euros and cents; a comma or a point, never an exponent."""

    def __init__(self, *, label: Any, required: bool = True) -> None:
        super().__init__(
            label=label,
            required=required,
            max_digits=10,
            decimal_places=2,
            widget=forms.TextInput(attrs={"inputmode": "decimal"}),
            validators=[MinValueValidator(Decimal("0.01")), MaxValueValidator(LARGEST)],
        )

    def to_python(self, value: Any) -> Any:
        """Read a French or an English amount."""
        text = str(value or "").replace(",", ".").replace("€", "")
        return super().to_python("".join(text.split()))


def cents(amount: Decimal) -> int:
    """Return an amount with two decimals as whole cents."""
    return int(amount * CENTS)


class ComposeForm(forms.Form):
    """Units of each line of the tariff, and what each holder estimates its own work to cost."""

    payer = forms.ChoiceField(label=_("Payeur"), widget=forms.RadioSelect)
    payer_reason = forms.CharField(
        label=_("Ce qui fonde la réduction"),
        help_text=_("Vérifié au dossier ; vide si le payeur n’a pas de réduction."),
        required=False,
        max_length=1000,
        widget=forms.Textarea(attrs={"rows": 2}),
    )

    def __init__(
        self, tariff: Tariff, holders: Iterable[Holder], data: Any = None, **options: Any
    ) -> None:
        super().__init__(data, **options)
        self.tariff = tariff
        choices = [("", "—"), *((one.slug, one.name) for one in holders)]
        self.fields["payer"].choices = [(one.value, text) for one, text in labels.PAYERS.items()]  # type: ignore[attr-defined]
        for line in tariff.lines:
            self.fields[f"{QUANTITY}{line.code}"] = _quantity(line)
            if line.component is Component.HOLDER:
                self.fields[f"{HOLDER}{line.code}"] = _holder(choices, _("Détenteur concerné"))
        for rank in range(1, HOLDER_ROWS + 1):
            self._add_part(rank, choices)

    def _add_part(self, rank: int, choices: list[tuple[str, str]]) -> None:
        number = {"number": rank}
        self.fields[f"part_{rank}_holder"] = _holder(
            choices, _("Coût %(number)d : détenteur") % number
        )
        self.fields[f"part_{rank}_label"] = forms.CharField(
            label=_("Coût %(number)d : travail") % number, required=False, max_length=200
        )
        self.fields[f"part_{rank}_ground"] = forms.CharField(
            label=_("Coût %(number)d : fondement") % number,
            required=False,
            max_length=200,
            initial="EHDS art. 62(2)",
        )
        self.fields[f"part_{rank}_amount"] = Euros(
            label=_("Coût %(number)d : montant hors taxe, en euros") % number, required=False
        )

    def clean(self) -> dict[str, Any]:
        """Ask a holder for its cost, and the reason of a reduction."""
        cleaned = super().clean() or {}
        for line in self.tariff.lines:
            needs = line.component is Component.HOLDER and cleaned.get(f"{QUANTITY}{line.code}")
            if needs and not cleaned.get(f"{HOLDER}{line.code}"):
                self.add_error(f"{HOLDER}{line.code}", _("Dites de quel détenteur."))
        for rank in range(1, HOLDER_ROWS + 1):
            given = [cleaned.get(f"part_{rank}_{name}") for name in ("holder", "label", "amount")]
            if any(given) and not all(given):
                text = _("Un coût de détenteur a son détenteur, son travail et son montant.")
                self.add_error(f"part_{rank}_holder", text)
        if cleaned.get("payer") != Payer.OTHER.value and not cleaned.get("payer_reason"):
            self.add_error("payer_reason", _("Dites ce qui fonde la réduction."))
        return cleaned

    def entry(self) -> EstimateEntry:
        """What was composed."""
        data = self.cleaned_data
        work = tuple(
            Work(line.code, data[f"{QUANTITY}{line.code}"], data.get(f"{HOLDER}{line.code}"))
            for line in self.tariff.lines
            if data.get(f"{QUANTITY}{line.code}")
        )
        parts = tuple(
            HolderPart(
                data[f"part_{rank}_holder"],
                data[f"part_{rank}_label"],
                cents(data[f"part_{rank}_amount"]),
                data[f"part_{rank}_ground"] or "EHDS art. 62(2)",
            )
            for rank in range(1, HOLDER_ROWS + 1)
            if data.get(f"part_{rank}_amount")
        )
        return EstimateEntry(Payer(data["payer"]), data["payer_reason"], work, parts)


def _quantity(line: TariffLine) -> forms.IntegerField:
    return forms.IntegerField(
        label=_("%(what)s, par %(unit)s")
        % {"what": line_label(line), "unit": labels.UNITS[line.unit]},
        required=False,
        min_value=0,
        max_value=MOST_UNITS,
        widget=forms.TextInput(attrs={"inputmode": "numeric"}),
    )


def _holder(choices: list[tuple[str, str]], label: Any) -> forms.ChoiceField:
    return forms.ChoiceField(label=label, choices=choices, required=False)


class WorkForm(forms.Form):
    """How many units of each line of an estimate were done by now."""

    def __init__(self, told: Estimate, done: Mapping[int, int], data: Any = None) -> None:
        super().__init__(data)
        self.told = told
        for place, line in enumerate(told.lines):
            if line.component is Component.HANDLING:
                continue
            self.fields[f"{DONE}{place}"] = forms.IntegerField(
                label=_("%(what)s : fait, sur %(most)d")
                % {"what": line_label(line), "most": line.quantity},
                min_value=0,
                max_value=line.quantity,
                initial=done.get(place, 0),
                widget=forms.TextInput(attrs={"inputmode": "numeric"}),
            )

    def done(self) -> dict[int, int]:
        """The units typed, by the place of their line."""
        return {int(name.removeprefix(DONE)): n for name, n in self.cleaned_data.items() if n}


class BillForm(forms.Form):
    """Who is billed, and why the invoice differs from the estimate."""

    name = forms.CharField(label=_("Nom de l’organisme facturé"), max_length=200)
    street = forms.CharField(label=_("Rue"), max_length=200)
    postcode = forms.CharField(label=_("Code postal"), max_length=20)
    town = forms.CharField(label=_("Ville"), max_length=100)
    country = forms.CharField(
        label=_("Pays (code à deux lettres)"),
        max_length=2,
        initial="FR",
        validators=[RegexValidator(r"^[A-Z]{2}$", _("Deux lettres capitales, comme FR."))],
    )
    legal_id = forms.CharField(
        label=_("Identifiant légal (SIREN ou SIRET)"), required=False, max_length=20
    )
    vat_id = forms.CharField(
        label=_("Numéro de TVA"),
        required=False,
        max_length=20,
        validators=[
            RegexValidator(r"^[A-Z]{2}[A-Z0-9]{2,18}$", _("Deux lettres, puis le numéro."))
        ],
    )
    reference = forms.CharField(
        label=_("Référence à porter sur la facture"), required=False, max_length=100
    )
    explanation = forms.CharField(
        label=_("Pourquoi la facture diffère de l’estimation"),
        help_text=_("Porté sur la facture ; vide si elle n’en diffère pas."),
        required=False,
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 4}),
    )

    def buyer(self) -> Buyer:
        """Who is billed."""
        data = self.cleaned_data
        names = ("name", "street", "postcode", "town", "country", "legal_id", "vat_id", "reference")
        return Buyer(**{name: data[name].strip() for name in names})


def buyer_asked(answers: Mapping[str, Any]) -> dict[str, str]:
    """What the applicant said of who pays, where the form of the file asks it."""
    asked = {
        "name": answer_text(answers, "payer_organisation") or answer_text(answers, "organisation"),
        "street": answer_text(answers, "payer_street"),
        "postcode": answer_text(answers, "payer_postcode"),
        "town": answer_text(answers, "payer_town"),
        "country": answer_text(answers, "payer_country"),
        "legal_id": answer_text(answers, "payer_business_id"),
        "vat_id": answer_text(answers, "payer_vat"),
        "reference": answer_text(answers, "invoice_reference"),
    }
    return {name: text for name, text in asked.items() if text}


class CreditForm(forms.Form):
    """Why an invoice is taken back."""

    reason = forms.CharField(
        label=_("Motif de l’avoir"),
        help_text=_("Porté sur l’avoir."),
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 4}),
    )


class MoneyForm(forms.Form):
    """An amount, its day, the reference of the bank."""

    amount = Euros(label=_("Montant, en euros"))
    on = forms.DateField(label=_("Date"), input_formats=["%Y-%m-%d"])
    reference = forms.CharField(label=_("Référence bancaire"), max_length=100)

    def money(self) -> Money:
        """What was typed."""
        data = self.cleaned_data
        return Money(cents(data["amount"]), data["on"], data["reference"].strip())


class TransferForm(MoneyForm):
    """What was passed on to one holder."""

    holder = forms.ModelChoiceField(
        label=_("Détenteur"), queryset=Holder.objects.none(), to_field_name="slug"
    )

    def __init__(self, slugs: Iterable[str], data: Any = None) -> None:
        super().__init__(data)
        self.fields["holder"].queryset = Holder.objects.filter(slug__in=list(slugs))  # type: ignore[attr-defined]
        self.order_fields(["holder", "amount", "on", "reference"])
