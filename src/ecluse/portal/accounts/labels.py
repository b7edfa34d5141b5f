"""The names of the roles as pages say them."""

from collections.abc import Mapping
from typing import Final

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from ecluse.domain.roles import Role

ROLE_LABELS: Final[Mapping[Role, Promise]] = {
    Role.DATA_USER: _("Utilisatrice ou utilisateur de données"),
    Role.ASSESSOR: _("Instruction des demandes"),
    Role.DECIDER: _("Décision sur les demandes"),
    Role.OPT_OUT_DESK: _("Guichet des oppositions"),
    Role.CITIZEN: _("Citoyenne ou citoyen"),
    Role.CHECKER: _("Contrôle des sorties"),
    Role.AUDITOR: _("Audit"),
    Role.PREPARER: _("Préparation des données"),
    Role.COMMITTEE: _("Comité éthique et scientifique"),
}
