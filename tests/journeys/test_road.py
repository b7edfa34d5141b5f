"""The whole road, driven in a real browser by those who travel it, in the order of the law.

Each test brings the one study a stage further. Run alone, it plays the earlier stages over HTTP.
"""

import csv
import io
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from ecluse.cli.road import CAMILLE, INES, MARC, PAUL, SARAH, Road
from ecluse.cli.serve import Site
from ecluse.cli.studies import FIRST_STUDY
from ecluse.cli.visitor import Visitor
from ecluse.domain.assessments import QUESTIONS
from ecluse.trust import canonical
from tests.journeys.browser import Look, Visit
from tests.journeys.demonstration import Demonstration, Walk

VICTOR = ("Victor Roche", "victor.roche@hub.example")
PATIENCE_MS = 60_000
"""The agent answers within a second; a loaded machine takes longer."""

Enter = Callable[[Site, tuple[str, str]], Visit]


@pytest.fixture
def enter(demo: Demonstration, visit: Callable[[Look], Visit]) -> Enter:
    """A function that opens a browser for one person, signed in on one of the two sites."""

    def sign_in(site: Site, who: tuple[str, str]) -> Visit:
        visitor = visit(Look())
        visitor.sign_in(demo.url(site), who[1], demo.password)
        return visitor

    return sign_in


@pytest.fixture
def study_zip(tmp_path: Path) -> Path:
    """The first study as its author has it on disk."""
    path = tmp_path / "study.zip"
    path.write_bytes(FIRST_STUDY.bundle())
    return path


def from_menu(page: Page, group: str, name: str) -> None:
    """Open a group of the menu, then follow one of its links."""
    menu = page.get_by_role("navigation", name="Menu principal")
    menu.get_by_text(group, exact=True).click()
    menu.get_by_role("link", name=name, exact=True).click()


def test_camille_finds_the_dataset_and_opens_a_draft(
    demo: Demonstration, walk: Walk, enter: Enter, visit: Callable[[Look], Visit]
) -> None:
    walk.up_to("apply")
    anyone = visit(Look()).page
    anyone.goto(demo.url(Site.PUBLIC))
    anyone.get_by_role("link", name="Trouver des données").click()
    anyone.get_by_label("Rechercher un jeu de données").fill("remboursements")
    anyone.keyboard.press("Enter")
    anyone.get_by_role("link", name="Pays synthétique").click()

    expect(anyone.get_by_role("row", name="ER_PHA_F")).to_contain_text("Médicaments")

    camille = enter(Site.PUBLIC, CAMILLE)
    camille.page.goto(f"{demo.url(Site.PUBLIC)}/catalogue/{FIRST_STUDY.dataset}/")
    camille.picture("02-dataset")
    camille.page.get_by_role("link", name="Demander l’accès à ces données").click()
    camille.page.get_by_role("button", name="Ouvrir un brouillon").click()

    expect(camille.page.get_by_text("Brouillon ouvert")).to_be_visible()
    walk.road.application = camille.page.url.split("/drafts/")[1].split("/")[0]


def test_a_step_left_invalid_says_what_is_wrong_and_loses_nothing(
    demo: Demonstration, walk: Walk, enter: Enter
) -> None:
    camille = enter(Site.PUBLIC, CAMILLE)
    page = camille.page
    page.goto(_first_step(demo, walk, page))
    page.get_by_label("Titre du projet").fill("")
    page.get_by_label("Résumé pour le public").fill(FIRST_STUDY.summary)
    page.get_by_role("button", name="Enregistrer et rester ici").click()
    summary = page.get_by_role("alert").filter(has_text="Le formulaire n’est pas complet")
    camille.picture("03-error-summary")

    expect(page.get_by_label("Résumé pour le public")).to_have_value(FIRST_STUDY.summary)
    expect(page.get_by_label("Titre du projet")).to_have_attribute("aria-invalid", "true")

    summary.get_by_role("link", name="Titre du projet").focus()
    page.keyboard.press("Enter")

    expect(page.get_by_label("Titre du projet")).to_be_focused()
    assert camille.violations() == []


def test_camille_fills_every_step_and_submits(
    demo: Demonstration, walk: Walk, enter: Enter
) -> None:
    camille = enter(Site.PUBLIC, CAMILLE)
    page = camille.page
    page.goto(_first_step(demo, walk, page))
    attachments = FIRST_STUDY.attachments()
    for step, answers in FIRST_STUDY.answers(investigator=CAMILLE).items():
        camille.fill(answers)
        camille.attach(attachments.get(step, {}))
        page.get_by_role("button", name="Enregistrer et continuer").click()
    camille.picture("04-summary")

    expect(page.get_by_text("manque ou doit être corrigée")).to_have_count(0)

    page.get_by_role("button", name="Déposer la demande").click()

    expect(page.get_by_text("Demande déposée. Voici son numéro")).to_be_visible()
    expect(page.get_by_text("C’est le tour de : l’instruction")).to_be_visible()
    walk.has_done("apply")


def test_ines_declares_the_file_complete_and_assesses_each_criterion(
    walk: Walk, enter: Enter
) -> None:
    road = walk.up_to("assess")
    ines = enter(Site.PUBLIC, INES)
    page = ines.page
    from_menu(page, "Dossiers", "Demandes")
    page.get_by_role("link", name=road.application).click()
    page.get_by_role("link", name="Commencer la vérification").click()
    page.get_by_role("button", name="Commencer la vérification").click()
    page.get_by_role("link", name="Déclarer le dossier complet").click()
    page.get_by_role("button", name="Déclarer le dossier complet").click()
    page.get_by_role("link", name="Évaluer les critères").click()
    page.get_by_role("row").nth(1).get_by_role("link").click()
    ines.picture("05-assessment")
    for _question in QUESTIONS:
        ines.fill({"outcome": "yes"})
        page.get_by_role("button", name="Enregistrer la réponse").click()
    page.get_by_role("button", name="Conclure l’évaluation").click()
    page.get_by_role("link", name="Passer sans estimation").click()
    page.get_by_label("Motif de la bibliothèque").select_option(label="Rien à facturer")
    page.get_by_role("button", name="Passer sans estimation").click()

    expect(page.get_by_text("C’est le tour de : la décision")).to_be_visible()
    walk.has_done("assess")


def test_paul_reads_the_assessment_and_signs_the_permit(walk: Walk, enter: Enter) -> None:
    road = walk.up_to("decide")
    paul = enter(Site.PUBLIC, PAUL)
    page = paul.page
    from_menu(page, "Dossiers", "Demandes")
    page.get_by_role("link", name=road.application).click()
    page.get_by_role("link", name="Accorder").click()
    paul.picture("06-decision")
    page.get_by_role("button", name="Signer l’autorisation").click()

    expect(page.get_by_text("signée et envoyée")).to_be_visible()
    paul.picture("07-permit")
    road.permit = page.url.rstrip("/").rsplit("/", 1)[-1]
    walk.has_done("decide")


def _order_once_conditions_are_accepted(page: Page, permit: str) -> None:
    page.get_by_role("link", name="Commander une extraction").click()
    page.get_by_role("button", name="Accepter toutes les conditions").click()
    page.get_by_role("link", name=permit, exact=True).first.click()
    page.get_by_role("link", name="Commander une extraction").click()


def test_camille_orders_and_watches_the_extraction_end_by_itself(
    demo: Demonstration, walk: Walk, enter: Enter
) -> None:
    road = walk.up_to("order")
    camille = enter(Site.PUBLIC, CAMILLE)
    page = camille.page
    from_menu(page, "Accès aux données", "Autorisations")
    page.get_by_role("link", name=FIRST_STUDY.title).first.click()
    _order_once_conditions_are_accepted(page, road.permit)
    camille.fill(FIRST_STUDY.criteria)
    camille.picture("08-order", of=page.locator(".page-title"))
    page.get_by_role("button", name="Relire la commande").click()

    expect(page.get_by_text("à au moins 3 dates distinctes")).to_be_visible()

    camille.picture("09-order-in-words")
    with demo.agent_held():
        page.get_by_role("button", name="Commander l’extraction").click()
        expect(page.get_by_text("La zone sécurisée vient chercher l’ordre")).to_be_visible()
        page.evaluate("window.neverReloaded = true")

    attrition = page.get_by_role("table", name="Personnes restantes après chaque étape")
    expect(attrition).to_be_visible(timeout=PATIENCE_MS)
    camille.picture("10-attrition", of=page.locator(".page-title"))
    expect(attrition.get_by_role("row", name="Dans la cohorte")).to_be_visible()
    expect(page.get_by_role("button", name="Suspendre la mise à jour")).to_be_hidden()
    assert page.evaluate("window.neverReloaded") is True
    road.extraction = page.url.rstrip("/").rsplit("/", 1)[-1]
    walk.has_done("order", "extract")


def test_camille_sends_an_analysis_that_runs_and_is_checked_inside(
    demo: Demonstration, walk: Walk, enter: Enter, study_zip: Path
) -> None:
    road = walk.up_to("analyse")
    camille = enter(Site.CHECKING, CAMILLE)
    page = camille.page
    _await_receipt(demo, road)
    page.get_by_role("link", name="Espaces de travail").click()
    page.get_by_role("link", name=FIRST_STUDY.title).first.click()
    page.get_by_role("link", name="Envoyer une analyse").click()
    page.get_by_label("Dossier de l’analyse (archive zip)").set_input_files(study_zip)
    camille.picture("11-send-analysis")
    with demo.agent_held():
        page.get_by_role("button", name="Envoyer l’analyse").click()
        expect(page.get_by_text("La zone sécurisée travaille")).to_be_visible()

    outputs = page.get_by_role("table", name="Fichiers écrits par l’analyse")
    expect(outputs).to_be_visible(timeout=PATIENCE_MS)
    camille.picture("12-checks", of=page.locator(".page-title"))
    expect(outputs.get_by_role("row", name=FIRST_STUDY.released)).to_contain_text("rien à signaler")
    expect(outputs.get_by_role("row", name=str(FIRST_STUDY.blocked))).to_contain_text("bloqué")
    road.job = page.url.rstrip("/").rsplit("/", 1)[-1]
    walk.has_done("analyse", "check")


def test_camille_asks_for_the_table_of_counts_and_cannot_ask_for_the_list_of_persons(
    demo: Demonstration, walk: Walk, enter: Enter
) -> None:
    road = walk.up_to("ask")
    camille = enter(Site.CHECKING, CAMILLE)
    page = camille.page
    page.goto(f"{demo.url(Site.CHECKING)}/enclaves/jobs/{road.job}/")
    page.get_by_role("link", name="Demander la sortie de fichiers").click()

    expect(page.get_by_label(f"Demander la sortie de {FIRST_STUDY.blocked}")).to_have_count(0)

    page.get_by_label(f"Demander la sortie de {FIRST_STUDY.released}").check()
    page.get_by_label("Ce que sont ces fichiers").fill(FIRST_STUDY.title)
    page.get_by_role("button", name="Préparer la demande").click()

    expect(page.get_by_role("alert")).to_contain_text("Dites pourquoi ces fichiers")

    page.get_by_label("Pourquoi ils n’identifient personne").fill("Effectifs d’au moins 11.")
    camille.picture("13-ask", of=page.locator(".page-title"))
    page.get_by_role("button", name="Préparer la demande").click()
    page.get_by_role("button", name="Envoyer la demande").click()

    expect(page.get_by_text("La demande est transmise aux contrôleurs.")).to_be_visible()
    road.request = page.url.rstrip("/").rsplit("/", 1)[-1]
    walk.has_done("ask")


def test_sarah_and_marc_vote_without_seeing_each_other(
    demo: Demonstration, walk: Walk, enter: Enter
) -> None:
    road = walk.up_to("first vote")
    sarah = enter(Site.CHECKING, SARAH)
    sarah.page.get_by_role("link", name="Sorties", exact=True).click()
    sarah.page.get_by_role("link", name=road.request).click()
    sarah.page.get_by_label("Ce fichier peut sortir").check()
    sarah.fill({"comment_0": "Toutes les cases comptent au moins 11 personnes."})
    sarah.picture("14-evidence", of=sarah.page.locator(".section").first)
    sarah.page.get_by_role("button", name="Enregistrer mon avis").click()

    expect(sarah.page.get_by_text("Vous avez voté.")).to_be_visible()

    marc = enter(Site.CHECKING, MARC)
    marc.page.goto(f"{demo.url(Site.CHECKING)}/outputs/{road.request}/")
    marc.picture("15-blind-vote", of=marc.page.locator("#voter"))

    expect(marc.page.get_by_text("Toutes les cases comptent")).to_have_count(0)
    expect(marc.page.get_by_text(SARAH[0])).to_have_count(0)

    marc.page.get_by_label("Ce fichier peut sortir").check()
    marc.page.get_by_role("button", name="Enregistrer mon avis").click()

    expect(marc.page.get_by_role("row", name=SARAH[0])).to_contain_text("Toutes les cases")
    marc.picture("16-released", of=marc.page.locator("#votes"))
    walk.has_done("first vote", "second vote")


def test_camille_downloads_exactly_the_bytes_that_were_released(
    demo: Demonstration, walk: Walk, enter: Enter, tmp_path: Path
) -> None:
    road = walk.up_to("collect")
    road.collect()
    camille = enter(Site.PUBLIC, CAMILLE)
    page = camille.page
    from_menu(page, "Accès aux données", "Résultats")
    page.get_by_role("link", name=road.request).click()
    camille.picture("17-result")
    digest = page.locator("table .digest-whole").text_content()
    with page.expect_download() as download:
        page.get_by_role("link", name=FIRST_STUDY.released).click()
    download.value.save_as(tmp_path / "result.csv")
    received = (tmp_path / "result.csv").read_bytes()

    assert canonical.digest(received) == digest
    assert received == road.result
    assert all(int(row["persons"]) >= 11 for row in csv.DictReader(io.StringIO(received.decode())))
    walk.has_done("collect")


@pytest.mark.parametrize(
    ("site", "sealed"), [(Site.PUBLIC, "Autorisation accordée"), (Site.CHECKING, "Sortie libérée")]
)
def test_the_auditor_reads_the_journal_of_each_site(
    demo: Demonstration, walk: Walk, enter: Enter, site: Site, sealed: str
) -> None:
    walk.up_to("end")
    victor = enter(site, VICTOR)
    page = victor.page
    page.get_by_role("link", name="Journal", exact=True).click()
    page.get_by_label("Action").select_option(label=sealed)
    page.get_by_role("button", name="Filtrer").click()

    expect(page.get_by_role("row", name=sealed).first).to_be_visible()
    victor.picture(f"18-journal-{site}")
    expect(page.get_by_role("region", name="Texte brut")).to_contain_text(f"ecluse/{site}")


def _first_step(demo: Demonstration, walk: Walk, page: Page) -> str:
    """The address of the first step of the draft, opened here if no test has."""
    if not walk.road.application:
        page.goto(f"{demo.url(Site.PUBLIC)}/applications/start/{FIRST_STUDY.dataset}/")
        page.get_by_role("button", name="Ouvrir un brouillon").click()
        walk.road.application = page.url.split("/drafts/")[1].split("/")[0]
    return f"{demo.url(Site.PUBLIC)}/drafts/{walk.road.application}/step/project/"


def _await_receipt(demo: Demonstration, road: Road) -> None:
    """Return once the checking room has the receipt of the extraction: it comes on its own way."""
    with Visitor(demo.url(Site.CHECKING)) as camille:
        camille.sign_in(CAMILLE[1], demo.password)
        camille.wait_for(
            f"/enclaves/{road.permit}/", lambda page: road.extraction in page.words, seconds=60
        )
