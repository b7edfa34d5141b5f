"""What follows a decision, stage after stage, for the tests of this app."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

import pytest

from ecluse.domain.codec import JSON
from ecluse.domain.machines import Kind
from ecluse.domain.roles import Role
from ecluse.portal.accounts.models import User
from ecluse.portal.cases.actions import Content, perform
from ecluse.portal.holders.actions import HolderEntry, keep_holder
from ecluse.portal.lives import actions, versions
from ecluse.portal.lives.actions import Said
from ecluse.portal.lives.models import Matter
from ecluse.portal.lives.versions import Changed
from ecluse.portal.permits.models import PermitRecord
from tests.unit.portal.applications.road import NOW, Road

AMENDED = Changed("Nouveau titre", "Seize cœurs.", ("Publier.", "Rendre compte chaque année."))
RENEWED: dict[str, JSON] = {"until_on": "2029-01-04", "why": "Suivi plus long.", "work_done": "Oui"}
MR_004: dict[str, JSON] = {
    "title": "Fractures",
    "methodology": "MR-004@1",
    "organisation": "Université d’Exemple",
    "summary": "Compter les fractures.",
    "data": "Base principale, dix ans.",
    "rule_not_involving": True,
    "rule_public_interest": True,
    "rule_informed": True,
    "rule_registered": True,
    "rule_forbidden": False,
    "rule_impact": True,
    "rule_outside": False,
}


@dataclass(frozen=True)
class Lives:
    """A permit of Camille's, and what takes what is asked about it from one stage to the next."""

    road: Road
    citizen: User
    desk: User
    second: User

    def asked(self, permit: PermitRecord, kind: Kind, answers: dict[str, JSON]) -> Matter:
        """A change, asked by Camille and submitted."""
        matter = actions.open_change(permit, kind, by=self.road.camille, now=NOW)
        actions.save(matter, answers, by=self.road.camille, now=NOW)
        return self.do(matter, "submit", self.road.camille)

    def amendment(self, permit: PermitRecord) -> Matter:
        """An amendment, in the hands of the decider."""
        answers: dict[str, JSON] = {"what": "Plus de cœurs.", "why": "Trop lent."}
        return self.do(self.asked(permit, Kind.AMENDMENT, answers), "assess", self.road.assessor)

    def renewal(self, permit: PermitRecord) -> Matter:
        """An extension, in the hands of the decider."""
        return self.do(self.asked(permit, Kind.RENEWAL, RENEWED), "assess", self.road.assessor)

    def amended(self, permit: PermitRecord) -> PermitRecord:
        """The next version of the permit."""
        return versions.grant(self.amendment(permit), AMENDED, by=self.road.decider, now=NOW)

    def closing(self) -> PermitRecord:
        """A permit whose use is finished and whose workspace is closed."""
        permit = versions.finish(self.road.permit(), by=self.road.camille, now=NOW)
        perform(permit.item, "close-enclave", by=self.road.preparer, now=NOW)
        return PermitRecord.objects.select_related("item__case").get(pk=permit.pk)

    def declaration(self, answers: dict[str, JSON]) -> Matter:
        """A declaration of conformity of Camille's, declared."""
        matter = actions.open_file(Kind.DECLARATION, by=self.road.camille, now=NOW)
        actions.save(matter, {"methodology": "MR-004@1"}, by=self.road.camille, now=NOW)
        actions.save(actions.again(matter), answers, by=self.road.camille, now=NOW)
        return self.do(matter, "declare", self.road.camille)

    def complaint(self, *, is_about_opt_out: bool) -> Matter:
        """A complaint of a citizen's, lodged."""
        matter = actions.open_file(Kind.COMPLAINT, by=self.citizen, now=NOW)
        answers: dict[str, JSON] = {
            "subject": "Sans réponse",
            "facts": "Rien depuis deux mois.",
            "about_opt_out": is_about_opt_out,
        }
        actions.save(matter, answers, by=self.citizen, now=NOW)
        return self.do(matter, "lodge", self.citizen)

    def appeal(self) -> Matter:
        """An appeal against a refusal, before the court."""
        refused = self.road.refused().unit()
        matter = actions.open_appeal(refused, by=self.road.camille, now=NOW)
        answers: dict[str, JSON] = {"grounds": "Les colonnes sont utiles.", "asked": "Accorder."}
        actions.save(matter, answers, by=self.road.camille, now=NOW)
        self.do(matter, "lodge", self.road.camille)
        return self.do(matter, "send-observations", self.road.decider)

    def designation(self) -> Matter:
        """The candidature of a holder for which Louis speaks, applied for."""
        entry = HolderEntry(
            "CHU d’Exemple", "", "chu@exemple.example", (), frozenset({self.road.louis.subject})
        )
        holder = keep_holder(None, entry, by=self.road.preparer, now=NOW)
        matter = actions.open_file(Kind.DESIGNATION, by=self.road.louis, now=NOW, holder=holder)
        answers: dict[str, JSON] = {
            "title": "CHU d’Exemple",
            "environment": "Bulle homologuée.",
            "expertise": "Deux épidémiologistes.",
            "guarantees": "Comité indépendant.",
        }
        actions.save(matter, answers, by=self.road.louis, now=NOW)
        return self.do(matter, "apply", self.road.louis)

    def do(
        self, matter: Matter, action: str, by: User, reason: str = "", *, now: datetime = NOW
    ) -> Matter:
        """Somebody does something to a matter as it stands."""
        return actions.act(actions.again(matter), action, by=by, now=now, said=Said(reason))

    def on_permit(self, permit: PermitRecord, action: str, reason: str = "") -> PermitRecord:
        """The decider does something to a permit."""
        content = Content(reason=reason)
        perform(permit.item, action, by=self.road.decider, now=NOW, content=content)
        return PermitRecord.objects.select_related("item__case").get(pk=permit.pk)


@pytest.fixture
def lives(road: Road, account: Callable[..., User]) -> Lives:
    """The public site, with a citizen, the desk that answers them, and a second preparer."""
    return Lives(
        road=road,
        citizen=account(Role.CITIZEN, email="jeanne.petit@mail.example"),
        desk=account(Role.OPT_OUT_DESK, email="alice.roy@hub.example"),
        second=account(Role.PREPARER, email="omar.diallo@hub.example"),
    )
