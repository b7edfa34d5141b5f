"""A researcher works in the notebook, in a real browser; what it proposes is read blind.

Run alone, it plays the road up to the extract over HTTP.
"""

import re
from collections.abc import Callable, Iterator
from contextlib import ExitStack

import pytest
from playwright.sync_api import Browser, Error, FilePayload, Locator, expect

from ecluse.cli.demo import has_notebook
from ecluse.cli.road import CAMILLE, MARC, SARAH, Road
from ecluse.cli.serve import Site
from ecluse.cli.visitor import Visitor
from tests.journeys.browser import Look, Visit, visiting
from tests.journeys.demonstration import Demonstration

pytestmark = pytest.mark.skipif(
    not has_notebook(), reason="JupyterLab is not installed here: pip install 'ecluse[workspace]'"
)
PATIENCE_MS = 60_000
CELL = """import duckdb
people = "read_parquet('/data/{extraction}/IR_BEN_R.parquet')"
counted = "count(DISTINCT person_pseudonym) AS persons"
print('persons counted:', duckdb.execute(f"SELECT {{counted}} FROM {{people}}").fetchone()[0])
made = dict(
    by_sex=f"SELECT BEN_SEX_COD AS sex, {{counted}} FROM {{people}} GROUP BY ALL ORDER BY ALL",
    by_age=f"SELECT BEN_NAI_ANN < 1960 AS older, {{counted}} FROM {{people}} GROUP BY ALL",
    rare="SELECT * FROM (VALUES ('frequent', 45), ('rare', 7)) AS t(illness, persons)",
)
with open('outputs/outputs.toml', 'w') as declared:
    for name, query in made.items():
        duckdb.execute(f"COPY ({{query}}) TO 'outputs/{{name}}.csv' (HEADER)")
        print(f'[file."{{name}}.csv"]', 'counts = ["persons"]', sep='\\n', file=declared)
print('written')
"""
RULE = "persons < 11, rule R1, policy SNDS-2026"
LEAVING = ("by_age.csv", "by_sex.csv")
REFUSED = "rare.csv"
NOTEBOOK_SAYS = (
    "Unrecognized feature",
    "both allow-scripts and allow-same-origin",
    "403",
    "Download is disallowed",
    "Clipboard API has been blocked",
)
"""What Chromium says of the notebook's page: two of its headers, and doors that stay shut."""

Enter = Callable[[tuple[str, str]], Visit]


@pytest.fixture
def enter(demo: Demonstration, browser: Browser) -> Iterator[Enter]:
    """A function that opens a browser for one person, signed in to the checking room."""
    visits: list[Visit] = []
    with ExitStack() as opened:

        def sign_in(who: tuple[str, str]) -> Visit:
            visits.append(opened.enter_context(visiting(browser, Look())))
            visits[-1].sign_in(demo.url(Site.CHECKING), who[1], demo.password)
            return visits[-1]

        yield sign_in
        said = [one for visit in visits for one in visit.complaints]
        assert [one for one in said if not any(known in one for known in NOTEBOOK_SAYS)] == []


@pytest.fixture(scope="module")
def road(demo: Demonstration) -> Road:
    """A study whose extract is there, in the checking room too."""
    road = demo.walk().up_to("analyse")
    with Visitor(demo.url(Site.CHECKING)) as camille:
        camille.sign_in(CAMILLE[1], demo.password)
        address = f"/enclaves/{road.permit}/"
        camille.wait_for(address, lambda page: road.extraction in page.words, seconds=60)
    return road


def reload_until(visitor: Visit, shown: Locator) -> None:
    """Reload a page until it shows something: the zone answers within seconds."""
    for _attempt in range(120):
        if shown.count():
            return
        visitor.page.wait_for_timeout(500)
        visitor.page.reload()
    expect(shown).to_be_visible()


def enter_workspace(author: Visit, site: str, permit: str) -> None:
    """Enter the workspace from the checking room."""
    page = author.page
    page.goto(f"{site}/workspaces/")
    page.get_by_role("button", name=f"Entrer dans l’espace {permit}").click()
    page.get_by_role("link", name="Ouvrir le carnet").click()
    page.locator(".jp-LauncherCard, .jp-Notebook").first.wait_for(timeout=PATIENCE_MS)


def open_notebook(author: Visit) -> None:
    """Open the first notebook of a workspace."""
    page = author.page
    page.locator(".jp-LauncherCard[title*='Python 3']").first.click()
    page.locator(".jp-Notebook .cm-content").first.wait_for(timeout=PATIENCE_MS)
    # A cell sent before its kernel is ready would be lost.
    expect(page.locator("#jp-main-statusbar")).to_contain_text("| Idle", timeout=PATIENCE_MS)


def run_cell(author: Visit, code: str) -> None:
    """Write a cell, run it, and wait until it says that it is done."""
    page = author.page
    page.locator(".jp-Notebook .cm-content").first.click()
    page.keyboard.insert_text(code)
    page.keyboard.press("Control+Enter")
    expect(page.locator(".jp-OutputArea-output").first).to_contain_text(
        "written", timeout=PATIENCE_MS
    )


def entries(author: Visit, menu: str) -> str:
    """What a menu of the notebook offers."""
    page = author.page
    page.get_by_role("menuitem", name=menu, exact=True).first.click()
    page.locator(".lm-Menu-content").first.wait_for()
    said = page.locator(".lm-Menu-content").first.inner_text()
    page.keyboard.press("Escape")
    return said


def propose_folder(author: Visit, site: str, permit: str) -> None:
    """Propose the outputs folder from the checking room, and open the analysis that it became."""
    page = author.page
    page.goto(f"{site}/workspaces/")
    page.get_by_role("button", name=f"Proposer le dossier outputs de {permit}").click()
    expect(page.get_by_text("Proposition envoyée")).to_be_visible()
    arrived = page.get_by_role("table", name="Dernières propositions").get_by_role("link").first
    reload_until(author, arrived)
    arrived.click()
    outputs = page.get_by_role("table", name="Fichiers écrits par l’analyse")
    expect(outputs).to_be_visible(timeout=PATIENCE_MS)
    expect(outputs.get_by_role("row", name=REFUSED)).to_contain_text("bloqué")


def ask(author: Visit) -> str:
    """Ask that two tables leave, join the third that may not; return the request's address."""
    page = author.page
    page.get_by_role("link", name="Demander la sortie de fichiers").click()
    expect(page.get_by_label(f"Demander la sortie de {REFUSED}")).to_have_count(0)
    page.get_by_label(f"Joindre {REFUSED}, bloqué").check()
    for name in LEAVING:
        page.get_by_label(f"Demander la sortie de {name}").check()
    page.get_by_label("Ce que sont ces fichiers").fill("Âges et sexes des personnes traitées.")
    page.get_by_label("Pourquoi ils n’identifient personne").fill("Effectifs d’au moins 11.")
    page.get_by_role("button", name="Préparer la demande").click()
    expect(page.get_by_role("table", name=f"Constats automatiques sur {REFUSED}")).to_contain_text(
        f"… {RULE}"
    )
    author.picture("31-notebook-refused", of=page.locator("h3", has_text=REFUSED))
    page.get_by_role("button", name="Envoyer la demande").click()
    expect(page.get_by_text("La demande est transmise aux contrôleurs.")).to_be_visible()
    return page.url


def approve(checker: Visit, address: str, *, comment: str) -> None:
    """Read the evidence, approve the two tables."""
    page = checker.page
    page.goto(address)
    expect(page.get_by_role("table", name=f"Constats automatiques sur {REFUSED}")).to_contain_text(
        f"7 {RULE}"
    )
    for name in LEAVING:
        group = page.get_by_role("group", name=f"Votre décision sur {name}")
        group.get_by_label("Ce fichier peut sortir").check()
        page.get_by_label(f"Explication sur {name}").fill(comment)
    page.get_by_role("button", name="Enregistrer mon avis").click()
    expect(page.get_by_text("Votre avis est enregistré.")).to_be_visible()


def test_the_tour_enters_the_workspace_without_a_browser(road: Road) -> None:
    assert road.enter_workspace().endswith(f"/w/{road.permit}/lab")


def test_a_notebook_proposes_three_outputs_and_the_small_cell_stays(
    demo: Demonstration, road: Road, enter: Enter
) -> None:
    site = demo.url(Site.CHECKING)
    camille, sarah, marc = enter(CAMILLE), enter(SARAH), enter(MARC)
    enter_workspace(camille, site, road.permit)
    open_notebook(camille)
    run_cell(camille, CELL.format(extraction=road.extraction))
    camille.picture("30-notebook")

    expect(camille.page.locator(".jp-OutputArea-output").first).to_contain_text(
        re.compile(r"persons counted: \d+")
    )

    sarah.page.goto(f"{site}/workspaces/live/")
    here = sarah.page.get_by_role("table", name="Personnes présentes")

    expect(here.get_by_role("row", name=CAMILLE[1])).to_contain_text(road.permit)

    sarah.picture("32-notebook-presence")
    propose_folder(camille, site, road.permit)
    address = ask(camille)
    approve(sarah, address, comment="Lu par Sarah.")
    marc.page.goto(address)

    expect(marc.page.get_by_text("Lu par Sarah.")).to_have_count(0)

    approve(marc, address, comment="Lu par Marc.")
    camille.page.goto(address)

    expect(camille.page.get_by_text("Lu par Sarah.").first).to_be_visible()

    road.request = address.rstrip("/").rsplit("/", 1)[-1]
    with Visitor(demo.url(Site.PUBLIC)) as public:
        public.sign_in(CAMILLE[1], demo.password)
        released = public.wait_for(
            f"/releases/{road.request}/", lambda page: "by_sex.csv" in page.words, seconds=60
        )

    assert "by_age.csv" in released.words
    assert REFUSED not in released.words


def test_the_notebook_offers_no_way_to_take_a_file_and_its_door_no_route(
    demo: Demonstration, road: Road, enter: Enter
) -> None:
    camille = enter(CAMILLE)
    enter_workspace(camille, demo.url(Site.CHECKING), road.permit)
    page = camille.page
    offered = entries(camille, "File")

    assert "Save" in offered
    assert not re.search("Download|Export|Print|Terminal|URL", offered)

    taken: list[str] = []
    page.on("download", lambda one: taken.append(one.suggested_filename))
    base = page.url.split("/lab")[0]
    statuses = page.evaluate(
        """async base => {
            const one = await fetch(base + "/files/outputs/by_sex.csv");
            const two = await fetch(base + "/nbconvert/html/Untitled.ipynb?download=true");
            const link = document.createElement("a");
            link.href = URL.createObjectURL(new Blob(["person"]));
            link.download = "rows.csv";
            document.body.append(link);
            link.click();
            return [one.status, two.status];
        }""",
        base,
    )
    page.wait_for_timeout(500)

    assert statuses == [403, 403]
    assert taken == []
    with pytest.raises(Error, match="permissions policy"):
        page.evaluate("navigator.clipboard.writeText('person')")


def test_a_script_is_brought_in_by_a_page_and_let_in_by_another_person(
    demo: Demonstration, road: Road, enter: Enter
) -> None:
    site = demo.url(Site.CHECKING)
    camille, sarah = enter(CAMILLE), enter(SARAH)
    camille.page.goto(f"{site}/workspaces/{road.permit}/imports/")
    script = FilePayload(name="tools.py", mimeType="text/x-python", buffer=b"minimum = 11\n")
    camille.page.get_by_label("du code").check()
    camille.page.get_by_label("Fichier", exact=True).set_input_files(script)
    camille.page.get_by_role("button", name="Apporter").click()
    line = camille.page.get_by_role("row", name="tools.py")
    reload_until(camille, line.get_by_text("attend d’être admis"))
    camille.picture("33-notebook-import", of=camille.page.locator(".page-title"))
    sarah.page.goto(f"{site}/workspaces/imports/")

    assert (sarah.violations(), camille.violations()) == ([], [])

    sarah.page.get_by_role("button", name="Admettre tools.py").click()
    expect(sarah.page.get_by_text("C’est noté")).to_be_visible()
    reload_until(camille, line.get_by_text("admis", exact=True))
