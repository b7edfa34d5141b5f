"""What pages call findings: their states, what to do, the acts, the answers."""

from collections.abc import Mapping
from typing import Final

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from ecluse.domain.citizens import Choice
from ecluse.domain.findings import Certainty, Way

BADGES: Final[Mapping[str, str]] = {
    "draft": "neutral",
    "reported": "info",
    "asked": "warning",
    "qualified": "info",
    "searching": "info",
    "with-holder": "info",
    "done": "success",
    "set-aside": "neutral",
    "withdrawn": "neutral",
}
NEXT_STEPS: Final[Mapping[str, Promise]] = {
    "draft": _("Décrivez la constatation, puis signalez-la au hub."),
    "reported": _("Le hub l’examine."),
    "asked": _("Le hub demande des précisions au projet."),
    "qualified": _("Le hub la transmet aux détenteurs."),
    "searching": _(
        "La zone sécurisée cherche les personnes, avec l’accord des deux dépositaires des "
        "pseudonymes."
    ),
    "with-holder": _(
        "Le détenteur informe les personnes, ou leur professionnel de santé, comme le veut la loi."
    ),
    "done": _("Le détenteur a rendu compte."),
    "set-aside": _("Elle n’est transmise à personne."),
    "withdrawn": _("Le projet l’a retirée."),
}
ACTS: Final[Mapping[str, Promise]] = {
    "report-finding": _("Signaler au hub"),
    "give-precision": _("Envoyer les précisions"),
    "withdraw": _("Retirer la constatation"),
    "ask-precision": _("Demander des précisions"),
    "qualify": _("Retenir comme significative"),
    "set-aside": _("Ne pas retenir"),
    "send-finding": _("Transmettre aux détenteurs"),
}
LEADS: Final[Mapping[str, Promise]] = {
    "report-finding": _("Le hub la lit et répond. Vous pourrez encore la retirer."),
    "give-precision": _("Le hub reprend l’examen."),
    "withdraw": _("Ce qui était signalé s’avère faux, ou sans objet. Dites pourquoi."),
    "ask-precision": _("Le projet complète ce qu’il a écrit, puis vous le renvoie."),
    "qualify": _(
        "Trois réponses font une constatation significative (art. 58(3)) : elle importe à la "
        "santé de ces personnes, quelque chose peut être fait pour elles, elle est au moins "
        "probable."
    ),
    "set-aside": _("Rien n’est transmis. Le projet lit vos motifs."),
    "send-finding": _(
        "La zone cherche les personnes dans les données de ces détenteurs. Chacun reçoit une "
        "liste scellée que lui seul ouvre ; qui ne veut pas être informé n’y est pas."
    ),
}
DONE: Final[Mapping[str, Promise]] = {
    "report-finding": _("Constatation signalée : le hub l’examine."),
    "give-precision": _("Précisions envoyées : le hub reprend l’examen."),
    "withdraw": _("Constatation retirée."),
    "ask-precision": _("Précisions demandées au projet."),
    "qualify": _("Constatation retenue : il reste à la transmettre."),
    "set-aside": _("Constatation non retenue : le projet en lit les motifs."),
    "send-finding": _("Constatation transmise : la zone sécurisée cherche les personnes."),
}
CERTAINTIES: Final[Mapping[Certainty, Promise]] = {
    Certainty.POSSIBLE: _("possible : à vérifier encore"),
    Certainty.PROBABLE: _("probable : plusieurs éléments concordent"),
    Certainty.CONFIRMED: _("confirmée par un second examen indépendant"),
}
WAYS: Final[Mapping[Way, Promise]] = {
    Way.PERSON: _("les personnes elles-mêmes"),
    Way.PROFESSIONAL: _("leur professionnel de santé"),
    Way.BOTH: _("les unes et les autres, selon le cas"),
}
TEXTS: Final[Mapping[str, Promise]] = {
    "what": _("Ce qui a été trouvé"),
    "relevance": _("Pourquoi cela importe à la santé de ces personnes"),
    "action": _("Ce qui peut être fait pour elles"),
    "basis": _("Comment cela a été trouvé et vérifié"),
}
WISHES: Final[Mapping[Choice, Promise]] = {
    Choice.OUT: _("Ne pas être informé d’une constatation"),
    Choice.IN: _("Être informé de nouveau"),
}

SURE: Final = _("À quel point elle est sûre")
COUNTS: Final = (
    _("Personnes dont le nom est scellé pour les détenteurs"),
    _("Personnes qui ne veulent pas être informées, laissées de côté"),
    _("Personnes que ces jeux de données n’ont pas"),
)


def count_label(count: int | None, minimum: int) -> str:
    """Return a count in words: that of a few is never told, nor that there is none."""
    if count is None:
        return str(_("moins de %(minimum)d, ou aucune")) % {"minimum": minimum}
    return str(count)
