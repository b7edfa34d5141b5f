"""What pages call rights, capacities, channels and proofs."""

from collections.abc import Mapping
from typing import Final

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from ecluse.domain.citizens import Channel, Choice, ProofKind
from ecluse.domain.documents import Basis
from ecluse.domain.optouts import Capacity

RIGHTS: Final[Mapping[Basis, Promise]] = {
    Basis.EHDS: _("Refuser toute réutilisation de mes données"),
    Basis.NATIONAL_COPY: _("Refuser la copie nationale de mes données (SNDS)"),
}
REACHES: Final[Mapping[Basis, Promise]] = {
    Basis.EHDS: _(
        "Aucune étude décidée ensuite n’utilise vos données, d’où qu’elles viennent (règlement "
        "européen, article 71). La loi prévoit de rares exceptions, toujours écrites."
    ),
    Basis.NATIONAL_COPY: _(
        "Vos remboursements et vos séjours à l’hôpital, réunis dans le SNDS, ne servent plus aux "
        "études décidées ensuite (loi du 6 janvier 1978, article 74). Sans exception."
    ),
}
CHOICES: Final[Mapping[Choice, Promise]] = {
    Choice.OUT: _("Je refuse"),
    Choice.IN: _("J’accepte de nouveau"),
}
BUTTONS: Final[Mapping[tuple[Basis, Choice], Promise]] = {
    (Basis.EHDS, Choice.OUT): _("Refuser toute réutilisation"),
    (Basis.EHDS, Choice.IN): _("Accepter de nouveau la réutilisation"),
    (Basis.NATIONAL_COPY, Choice.OUT): _("Refuser la copie nationale"),
    (Basis.NATIONAL_COPY, Choice.IN): _("Accepter de nouveau la copie nationale"),
}
"""What a button says: each by its own name, for who hears the page."""
CAPACITIES: Final[Mapping[Capacity, Promise]] = {
    Capacity.SELF: _("la personne elle-même"),
    Capacity.CHILD: _("mon enfant mineur"),
    Capacity.REPRESENTED: _("un adulte que je représente"),
}
CHANNELS: Final[Mapping[Channel, Promise]] = {
    Channel.POST: _("courrier"),
    Channel.TELEPHONE: _("téléphone"),
    Channel.COUNTER: _("guichet"),
}
PROOFS: Final[Mapping[ProofKind, Promise]] = {
    ProofKind.IDENTITY_DOCUMENT: _("pièce d’identité"),
    ProofKind.CALL_BACK: _("rappel au numéro connu, questions d’identité"),
    ProofKind.FAMILY_RECORD: _("livret de famille ou acte de naissance"),
    ProofKind.JUDGMENT: _("jugement"),
    ProofKind.MANDATE: _("mandat de protection future"),
}
