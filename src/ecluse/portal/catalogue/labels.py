"""What people read for the categories of data of EHDS art. 51(1), by letter."""

from django.utils.translation import gettext_lazy as _

CATEGORIES = {
    "a": _("dossiers médicaux électroniques"),
    "b": _("facteurs qui influencent la santé"),
    "c": _("besoins, ressources et dépenses de santé, agrégés"),
    "d": _("agents pathogènes"),
    "e": _("données administratives de soins, délivrances et remboursements"),
    "f": _("données génétiques et génomiques humaines"),
    "g": _("autres données moléculaires humaines"),
    "h": _("données produites par des dispositifs médicaux"),
    "i": _("données d’applications de bien-être"),
    "j": _("statut et spécialité des professionnels de santé"),
    "k": _("registres de santé en population"),
    "l": _("registres médicaux et de mortalité"),
    "m": _("essais et investigations cliniques"),
    "n": _("autres données de dispositifs médicaux"),
    "o": _("registres de médicaments et de dispositifs"),
    "p": _("cohortes, questionnaires et enquêtes, après première publication"),
    "q": _("biobanques et bases associées"),
}
