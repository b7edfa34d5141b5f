"""What people read for the states of requests and for votes."""

from django.utils.translation import gettext_lazy as _

from ecluse.domain.documents import Decision
from ecluse.domain.outputs import State

STATES = {
    State.SUBMITTED.value: _("attend deux votes"),
    State.ONE_VOTE.value: _("attend un second vote"),
    State.RELEASED.value: _("libérée"),
    State.REJECTED.value: _("refusée"),
    State.WITHDRAWN.value: _("retirée par son auteur"),
}

VOTES = {
    Decision.APPROVE.value: _("peut sortir"),
    Decision.REJECT.value: _("ne peut pas sortir"),
}
