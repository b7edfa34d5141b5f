"""The road of an application, stage after stage, for the tests of every app on it."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from uuid import UUID

import pytest
from django.utils import timezone

from ecluse.domain.applications import Criterion, CriterionOutcome
from ecluse.domain.codec import JSON
from ecluse.domain.cohorts import AtLeast, Events, cohort_of
from ecluse.domain.documents import (
    AttritionStep,
    Body,
    ColumnDescription,
    DatasetScope,
    ExtractedTable,
    ExtractionReceipt,
    OutputFile,
    Release,
    Signer,
    SnapshotNotice,
    SourceDescription,
    TableDescription,
    TableScope,
    Vote,
)
from ecluse.domain.documents import Decision as Ballot
from ecluse.domain.roles import Role
from ecluse.portal.accounts.models import User
from ecluse.portal.applications import actions
from ecluse.portal.applications.models import Application
from ecluse.portal.cases.actions import Content, perform
from ecluse.portal.catalogue.actions import describe
from ecluse.portal.catalogue.models import Dataset
from ecluse.portal.extractions import actions as extraction_actions
from ecluse.portal.extractions.models import Extraction
from ecluse.portal.lives import following
from ecluse.portal.mailbox.actions import receive
from ecluse.portal.permits import actions as permit_actions
from ecluse.portal.permits.forms import TermsForm
from ecluse.portal.permits.models import PermitRecord
from ecluse.portal.permits.terms import Terms
from ecluse.portal.releases.models import ReleaseRecord
from ecluse.trust import canonical
from ecluse.trust.documents import Verified
from tests.sites import Signers
from tests.unit.portal.build import CLAIMS

NOW = datetime(2026, 1, 5, 10, tzinfo=UTC)
TODAY = date(2026, 1, 5)
DAY = timedelta(days=1)
KEY = UUID("11111111-1111-4111-8111-111111111111")
COUNTS = b"drug,persons\ncelecoxib,120\ndiclofenac,340\n"


def column(name: str, role: str) -> ColumnDescription:
    return ColumnDescription(name, "text", role, f"Titre de {name}", f"Title of {name}")


NOTICE = SnapshotNotice(
    dataset="snds-synthetic",
    snapshot="20260105T090000Z-00000000",
    model="snds",
    loaded_at=NOW,
    person_count=20_000,
    care_from=date(2021, 1, 1),
    care_to=date(2023, 12, 31),
    tables=(
        TableDescription(
            "ER_PHA_F",
            "Médicaments délivrés",
            "Drugs dispensed",
            123_456,
            (column("PHA_PRS_C13", "code"), column("PHA_ACT_QSN", "quantity")),
        ),
        TableDescription(
            "IR_BEN_R",
            "Bénéficiaires",
            "Beneficiaries",
            20_000,
            (
                column("BEN_NIR_PSA", "person"),
                column("BEN_NIR_ANO", "identifier"),
                column("BEN_SEX_COD", "code"),
            ),
        ),
    ),
    sources=(
        SourceDescription("drug_atc", "Médicaments", "Drugs", "ER_PHA_F", "PHA_PRS_C13", "ATC"),
    ),
)

CAMILLE, LOUIS = "camille.moreau@univ.example", "louis.bernard@univ.example"

PLAN: JSON = [{"name": "plan.pdf", "size": 600, "type": "pdf", "digest": "sha256:" + "7" * 64}]
PROJECT: dict[str, JSON] = {
    "title": "Saignements digestifs sous anti-inflammatoires",
    "project_leader": "Université d’Exemple",
    "domicile": "FR",
    "summary_withheld": False,
    "lay_summary": "Comparer deux médicaments.",
    "sources": [
        {"source_dataset": "SNDS", "source_country": "FR", "source_holder": "Hub d’exemple"}
    ],
}
APPLICANT: dict[str, JSON] = {
    "organisation": "Université d’Exemple",
    "applicant_kind": "research-organisation",
    "person_form": "legal",
    "business_id": "000 000 000 00000",
    "address_street": "1, rue de l’Exemple",
    "address_postcode": "33000",
    "address_town": "Bordeaux",
    "address_country": "FR",
    "contact_name": "Camille Moreau",
    "contact_email": CAMILLE,
    "contact_phone": "+33 1 00 00 00 00",
    "contact_job": "Épidémiologiste",
    "contact_affiliation": "Université d’Exemple",
    "contact_relation": "Salariée",
    "functions": "Équipe de pharmaco-épidémiologie.",
    "persons": [
        {"subject": CAMILLE, "name": "Camille Moreau", "is_principal_investigator": True},
        {"subject": LOUIS, "name": "Louis Bernard", "is_principal_investigator": False},
    ],
}
PAYMENT: dict[str, JSON] = {
    "payer_organisation": "Université d’Exemple",
    "payer_name": "Service financier",
    "payer_email": "factures@univ.example",
    "payer_phone": "+33 1 00 00 00 01",
    "payer_street": "1, rue de l’Exemple",
    "payer_postcode": "33000",
    "payer_town": "Bordeaux",
    "payer_country": "FR",
    "payer_business_id": "000 000 000 00000",
    "invoice_kind": "paper",
    "is_financed": False,
}
PURPOSE: dict[str, JSON] = {
    "purposes": ["e"],
    "responsible_name": "Camille Moreau",
    "responsible_title": "Directrice de recherche",
    "responsible_affiliation": "Université d’Exemple",
    "intended_use": "Comparer l’incidence des saignements.",
    "expected_benefit": "Des prescriptions plus sûres.",
    "qualifications": "Doctorat d’épidémiologie.",
    "research_plan": PLAN,
    "plan_language": "fr",
    "no_forbidden_use": True,
}
DATA: dict[str, JSON] = {
    "population": "Nouveaux utilisateurs de 2022.",
    "care_from": "2021-01-01",
    "care_to": "2023-12-31",
    "contacts_met": "Remboursements de la période.",
    "linkage_method": "Aucun.",
    "covers_other_countries": False,
    "tables": [
        {"table": "ER_PHA_F", "columns": ["PHA_PRS_C13", "PHA_ACT_QSN"]},
        {"table": "IR_BEN_R", "columns": ["BEN_SEX_COD"]},
    ],
    "necessity": "Le médicament, la quantité et le sexe suffisent.",
    "data_format": "pseudonymised",
    "pseudonymised_reason": "Il faut suivre chaque personne dans le temps.",
    "knows_ground_needed": True,
    "knows_ethics_needed": True,
    "gdpr_ground": "e",
    "gdpr_compliance": "Analyse d’impact faite.",
}
COHORT: dict[str, JSON] = {
    "cohort_formed": "criteria",
    "subjects_informed": False,
    "subjects_informed_why_not": "L’information publique du hub s’applique.",
    "inclusion": "Première délivrance en 2022.",
    "size_kind": "estimate",
    "cohort_size": 2000,
    "sampling": "all",
    "delivery": "once",
    "has_controls": False,
    "has_relatives": False,
    "combines_data": False,
    "brings_own_data": False,
}
ENVIRONMENT: dict[str, JSON] = {
    "spe_requirements": "Quatre cœurs.",
    "spe_name": "Environnement du hub",
    "spe_provider": "Hub d’exemple",
    "tools": "Python.",
    "starts": "asap",
    "access_months": 24,
    "period_reason": "Analyse et publication.",
    "access_frequency": "Chaque jour ouvré",
    "third_country": False,
    "controller": "Université d’Exemple",
    "minimisation": "Les seules colonnes utiles.",
    "safeguards": "Équipe formée.",
    "opt_out_exception": False,
    "ethics": "not-needed",
    "confirms_purpose_only": True,
    "confirms_no_copy": True,
    "confirms_no_screenshot": True,
    "confirms_network_safety": True,
    "confirms_no_reidentification": True,
    "confirms_fee": True,
    "confirms_holder_fee": True,
    "confirms_correct": True,
}
ANSWERS: dict[str, JSON] = {
    **PROJECT,
    **APPLICANT,
    **PAYMENT,
    **PURPOSE,
    **DATA,
    **COHORT,
    **ENVIRONMENT,
}

MET = tuple(CriterionOutcome(criterion, is_met=True, reason="") for criterion in Criterion)
NOT_NECESSARY = CriterionOutcome(Criterion.NECESSITY, is_met=False, reason="Trop de colonnes.")
FAILED = (MET[0], NOT_NECESSARY, *MET[2:])


@dataclass(frozen=True)
class Road:
    """A dataset, people of every role, and what takes a file from one stage to the next."""

    signers: Signers
    dataset: Dataset
    camille: User
    louis: User
    stranger: User
    assessor: User
    decider: User
    auditor: User
    preparer: User
    committee: User

    def draft(self) -> Application:
        """A draft of Camille's, every question answered."""
        application = actions.start(self.dataset, by=self.camille, now=NOW)
        return actions.save(application, ANSWERS, by=self.camille, now=NOW)

    def submitted(self) -> Application:
        """The same, submitted."""
        return actions.submit(self.draft(), by=self.camille, now=NOW)

    def screening(self) -> Application:
        """The same, its completeness being checked."""
        application = self.submitted()
        perform(application.item, "start-screening", by=self.assessor, now=NOW)
        application.refresh_from_db()
        return application

    def awaiting(self) -> Application:
        """The same, to be completed by the applicant."""
        requests = [("necessity", "Pourquoi le sexe ?")]
        return actions.ask_information(self.screening(), requests, by=self.assessor, now=NOW)

    def complete(self) -> Application:
        """The same, declared complete."""
        return actions.declare_complete(self.screening(), by=self.assessor, now=NOW)

    def estimating(self, outcomes: tuple[CriterionOutcome, ...] = MET) -> Application:
        """The same, assessed, its fees to be estimated."""
        return actions.assess(self.complete(), outcomes, by=self.assessor, now=NOW)

    def assessed(self, outcomes: tuple[CriterionOutcome, ...] = MET) -> Application:
        """The same, in the hands of the decider."""
        application = self.estimating(outcomes)
        nothing = Content(reason="Rien à facturer.")
        unit = application.unit()
        perform(unit, "no-estimate", by=self.assessor, now=NOW, content=nothing)
        application.refresh_from_db()
        return application

    def refused(self) -> Application:
        """The same, refused."""
        assessed = self.assessed(FAILED)
        return actions.refuse(assessed, "Trop de colonnes.", by=self.decider, now=NOW)

    def withdrawn(self) -> Application:
        """The same, taken back."""
        return actions.withdraw(self.submitted(), by=self.camille, now=NOW)

    def signed(self) -> PermitRecord:
        """The permit that the file became, its conditions not accepted yet."""
        application = self.assessed()
        return permit_actions.decide(application, terms(application), by=self.decider, now=NOW)

    def permit(self) -> PermitRecord:
        """The same, its conditions accepted by Camille."""
        permit = self.signed()
        following.accept_all(permit, by=self.camille, now=NOW)
        return permit

    def granted(self) -> Application:
        """The file that became a permit."""
        return self.permit().application

    def extraction(self) -> Extraction:
        """An order of Camille's under her permit."""
        return extraction_actions.order(self.permit(), REQUEST, key=KEY, by=self.camille, now=NOW)

    def deliver(self, body: Body, *, issuer: Signer) -> Verified:
        """What the agent brings, received as on the site."""
        data = self.signers.sign(body, issuer=issuer, now=NOW)
        return receive(data, now=NOW)

    def delivered(self) -> Extraction:
        """An extraction with its receipt."""
        extraction = self.extraction()
        self.deliver(receipt(extraction), issuer=Signer.AGENT)
        extraction.refresh_from_db()
        return extraction

    def release(self) -> ReleaseRecord:
        """A release of one file for Camille's permit, two checkers having approved."""
        permit = self.permit()
        self.deliver(release(permit), issuer=Signer.CHECKING_ROOM)
        return ReleaseRecord.objects.get(permit=permit)


REQUEST = extraction_actions.Request(
    dataset="snds-synthetic",
    tables=(TableScope("ER_PHA_F", ("PHA_PRS_C13",)),),
    cohort=cohort_of(AtLeast(Events("drug_atc", ("M01AH01",)), distinct_dates=2)),
    care_from=date(2022, 1, 1),
    care_to=date(2022, 12, 31),
    flux_until=date(2023, 6, 30),
)


def terms(application: Application) -> Terms:
    """The terms exactly as asked."""
    data = {
        "title": application.title,
        "purpose_text": "Comparer.",
        "data_format": "pseudonymised",
        "care_from": "2021-01-01",
        "care_to": "2023-12-31",
        "valid_from": "2026-01-05",
        "valid_until": "2028-01-04",
        "minimum_count": "11",
        "environment": "Analyses isolées.",
        "conditions": "Publier.\nNe pas réidentifier.",
        "fees": "Instruction ; 1500,50",
        "tables_ER_PHA_F": ["PHA_PRS_C13", "PHA_ACT_QSN"],
        "tables_IR_BEN_R": ["BEN_SEX_COD"],
    }
    form = TermsForm(application, NOTICE, data, today=TODAY)
    assert form.is_valid(), form.errors
    return form.terms()


def scope_of(terms: Terms) -> DatasetScope:
    """The only dataset that the terms give."""
    return terms.datasets[0]


def receipt(extraction: Extraction) -> ExtractionReceipt:
    """What the agent answers to an order it obeyed."""
    order = extraction.order()
    return ExtractionReceipt(
        order_number=order.order_number,
        order_digest=extraction.order_digest,
        permit_number=order.permit_number,
        dataset=order.dataset,
        snapshot=order.snapshot,
        opt_out_list_digest=order.opt_out_list_digest,
        attrition=(AttritionStep("persons-of-dataset", 20_000), AttritionStep("in-cohort", 512)),
        tables=(
            ExtractedTable(
                "ER_PHA_F",
                123_456,
                4_321,
                ("person_pseudonym", "PHA_PRS_C13"),
                (),
                "sha256:" + "3" * 64,
            ),
        ),
        engine="duckdb 1.4",
        started_at=NOW,
        finished_at=NOW + timedelta(seconds=3),
    )


def vote(checker: str, ballot: Ballot = Ballot.APPROVE) -> Vote:
    return Vote(checker, ballot, NOW)


def release(permit: PermitRecord) -> Release:
    """What the checking room sends once two checkers approved one file of counts."""
    return Release(
        request_number=f"{permit.number}-R1",
        job_number=f"{permit.number}-J1",
        permit_number=permit.number,
        requested_by=CAMILLE,
        request_digest="sha256:" + "5" * 64,
        check_report_digest="sha256:" + "6" * 64,
        files=(OutputFile("counts.csv", len(COUNTS), canonical.digest(COUNTS)),),
        votes=(vote("sarah.cohen@hub.example"), vote("marc.dubois@hub.example")),
    )


@pytest.fixture
def road(signers: Signers, account: Callable[..., User]) -> Road:
    """The public site with a described dataset, loaded once, and people of every role."""
    receive(signers.sign(NOTICE, issuer=Signer.AGENT, now=NOW), now=NOW)
    return Road(
        signers=signers,
        dataset=describe("snds-synthetic", CLAIMS, by="set-up", now=NOW),
        camille=account(Role.DATA_USER, email=CAMILLE),
        louis=account(Role.DATA_USER, email=LOUIS),
        stranger=account(Role.DATA_USER, email="eve.martin@corp.example"),
        assessor=account(Role.ASSESSOR, email="ines.garnier@hub.example"),
        decider=account(Role.DECIDER, email="paul.lefevre@hub.example"),
        auditor=account(Role.AUDITOR, email="victor.roche@hub.example"),
        preparer=account(Role.PREPARER, email="nora.blanc@hub.example"),
        committee=account(Role.COMMITTEE, email="hugo.simon@hub.example"),
    )


@pytest.fixture
def at_now(monkeypatch: pytest.MonkeyPatch) -> None:
    """The clock of the site stands at NOW."""
    monkeypatch.setattr(timezone, "now", lambda: NOW)
