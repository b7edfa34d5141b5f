"""Facts that could identify a person when given together: the controls, and what clashes."""

from collections.abc import Iterable

from django import forms
from django.utils.translation import gettext as _

from ecluse.domain.documents import TableScope
from ecluse.domain.identifying import Fact, facts_of
from ecluse.domain.minimisation import Place
from ecluse.portal.applications.fields import column_control
from ecluse.portal.applications.precisions import FACTS

TOGETHER, REASON = "together", "together_reason"
LONGEST_REASON = 2000


def together_fields(asked: Iterable[TableScope]) -> dict[str, forms.Field]:
    """Return the controls that authorise facts together; none where one at most is asked."""
    facts = sorted(facts_of(asked))
    if len(facts) < 2:  # noqa: PLR2004 - one fact alone identifies nobody
        return {}
    return {
        TOGETHER: forms.MultipleChoiceField(
            label=_("Informations potentiellement identifiantes données ensemble"),
            help_text=_(
                "Une seule peut être donnée telle quelle sans y être autorisée ici. Cochez toutes"
                " celles que l’autorisation donne ensemble, et dites pourquoi."
            ),
            choices=[(fact.value, FACTS[fact]) for fact in facts],
            widget=forms.CheckboxSelectMultiple,
            required=False,
        ),
        REASON: forms.CharField(
            label=_("Motif de ces informations données ensemble"),
            help_text=_("Par exemple le numéro de l’autorisation qui les permet."),
            required=False,
            max_length=LONGEST_REASON,
            widget=forms.Textarea(attrs={"rows": 3}),
        ),
    }


def tell_clash(form: forms.Form, prefix: str, clashing: Iterable[tuple[Place, Fact]]) -> None:
    """Say on the form what two facts clash, beside each of their columns, and what to do."""
    found = tuple(clashing)
    if not found:
        return
    facts = sorted({fact for _place, fact in found})
    told = ", ".join(str(FACTS[fact]) for fact in facts)
    form.add_error(
        None,
        _(
            "Ensemble, ces informations pourraient identifier une personne : %(facts)s. N’en donnez"
            " qu’une telle quelle et choisissez une précision moindre pour les autres, ou"
            " autorisez-les ensemble avec un motif."
        )
        % {"facts": told},
    )
    for (table, column), fact in found:
        form.add_error(
            column_control(f"{prefix}_{table}", column),
            _("Donne telle quelle l’information « %(fact)s » : choisissez moins, ou retirez-la.")
            % {"fact": FACTS[fact]},
        )
