"""Three outputs proposed, one that would tell of a person: read blind, mended, two released.

Run alone, it plays the road up to the extract over HTTP.
"""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from playwright.sync_api import expect

from ecluse.cli.road import CAMILLE, MARC, SARAH, Road
from ecluse.cli.serve import Site
from ecluse.cli.studies import FIRST_STUDY
from tests.journeys.browser import Look, Visit
from tests.journeys.demonstration import Demonstration

ANALYSIS = """for name, table in {
    "ages.csv": "age,persons\\n40-59,45\\n60-79,47\\n",
    "sexes.csv": "sex,persons\\nmen,40\\nwomen,52\\n",
    "notes.txt": "The oldest is 103 and lives in Saint-Pierre.",
}.items():
    with open(f"/outputs/{name}", "w") as file:
        file.write(table)
"""
DECLARED = "".join(f'[file."{name}"]\ncounts = ["persons"]\n' for name in ("ages.csv", "sexes.csv"))
RULE = "Règle T3 : ce texte dit l’âge et le lieu d’une seule personne."
FILES = ("ages.csv", "notes.txt", "sexes.csv")

Enter = Callable[[tuple[str, str]], Visit]


@pytest.fixture
def enter(demo: Demonstration, visit: Callable[[Look], Visit]) -> Enter:
    """A function that opens a browser for one person, signed in to the checking room."""

    def sign_in(who: tuple[str, str]) -> Visit:
        visitor = visit(Look())
        visitor.sign_in(demo.url(Site.CHECKING), who[1], demo.password)
        return visitor

    return sign_in


@pytest.fixture
def road(demo: Demonstration, tmp_path: Path) -> Road:
    """A study whose job has left three files."""
    (tmp_path / "three.py").write_text(ANALYSIS)
    (tmp_path / "outputs.toml").write_text(DECLARED)
    walk = demo.walk()
    walk.road.study = replace(
        FIRST_STUDY, folder=tmp_path, entry="three.py", released="ages.csv", blocked=None
    )
    return walk.up_to("ask")


def review(visitor: Visit, address: str, *, refused: str | None) -> None:
    """Approve every file that the page shows, but for the one refused, with the rule."""
    page = visitor.page
    page.goto(address)
    for name in FILES:
        group = page.get_by_role("group", name=f"Votre décision sur {name}")
        if not group.count():
            continue
        says = "Ce fichier ne peut pas sortir" if name == refused else "Ce fichier peut sortir"
        group.get_by_label(says).check()
    if refused:
        page.get_by_label(f"Explication sur {refused}").fill(RULE)
    page.get_by_role("button", name="Enregistrer mon avis").click()
    expect(page.get_by_text("Votre avis est enregistré.")).to_be_visible()


def propose(author: Visit, address: str) -> str:
    """Ask that the three files leave; return the address of the request."""
    page = author.page
    page.goto(address)
    for name in FILES:
        page.get_by_label(f"Demander la sortie de {name}").check()
    page.get_by_label("Ce que sont ces fichiers").fill("Âges et sexes des personnes traitées.")
    page.get_by_label("Pourquoi ils n’identifient personne").fill("Effectifs d’au moins 11.")
    page.get_by_role("button", name="Préparer la demande").click()
    page.get_by_role("button", name="Envoyer la demande").click()
    expect(page.get_by_text("La demande est transmise aux contrôleurs.")).to_be_visible()
    return page.url


def give_back(checker: Visit) -> None:
    """Return the request to its author."""
    page = checker.page
    page.get_by_text("Rendre à son auteur").first.click()
    page.locator("#return_note").fill("Retirez le texte.")
    page.get_by_role("button", name="Rendre à son auteur").click()
    expect(page.get_by_text("C’est fait.")).to_be_visible()


def mend(author: Visit) -> None:
    """Take the refused file out, and send the request again."""
    page = author.page
    page.get_by_role("link", name="Modifier ce groupe").click()
    page.get_by_label("Demander la sortie de notes.txt").uncheck()
    author.picture("20-review-mended", of=page.locator(".page-title"))
    assert author.violations() == []
    page.get_by_role("button", name="Enregistrer le groupe").click()
    page.get_by_role("button", name="Envoyer la demande").click()
    expect(page.get_by_text("La demande est transmise aux contrôleurs.")).to_be_visible()


def test_one_output_of_three_is_refused_with_its_rule_and_two_leave(
    demo: Demonstration, road: Road, enter: Enter
) -> None:
    camille, sarah, marc = enter(CAMILLE), enter(SARAH), enter(MARC)
    address = propose(camille, f"{demo.url(Site.CHECKING)}/outputs/ask/{road.job}/")
    review(sarah, address, refused="notes.txt")
    marc.page.goto(address)
    marc.picture("18-review-blind", of=marc.page.locator(".page-title"))
    findings = marc.page.get_by_role("table", name="Constats automatiques sur notes.txt")

    expect(findings).to_contain_text("T3")
    expect(marc.page.get_by_text(RULE)).to_have_count(0)

    review(marc, address, refused="notes.txt")
    give_back(marc)
    camille.page.goto(address)
    camille.picture("19-review-returned", of=camille.page.locator("#votes"))

    expect(camille.page.get_by_text("Retirez le texte.")).to_be_visible()
    expect(camille.page.locator("#votes")).to_contain_text(RULE)

    mend(camille)
    review(sarah, address, refused=None)
    review(marc, address, refused=None)
    camille.page.goto(address)

    expect(camille.page.get_by_text("notes.txt")).to_have_count(0)


def test_the_page_of_a_review_can_be_read_by_anybody_on_anything(
    demo: Demonstration, enter: Enter
) -> None:
    site, request = demo.url(Site.CHECKING), demo.walk().up_to("first vote").request
    small = enter(SARAH)
    small.page.goto(f"{site}/theme/dsfr/")
    small.page.goto(f"{site}/language/en/")
    small.page.set_viewport_size({"width": 390, "height": 900})
    small.page.goto(f"{site}/outputs/{request}/")
    small.picture("21-review-small")

    assert (small.violations(), small.overflow()) == ([], 0)
