"""The whole road through the public doors: both sites over HTTP, and the agent that runs inside.

Each step is what a person does with a browser; nothing here reads a database or a file of a side.
"""

import re
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Final

from ecluse.cli.studies import Study
from ecluse.cli.visitor import Page, Visitor
from ecluse.domain.assessments import QUESTIONS
from ecluse.domain.errors import EcluseError, JournalBroken, NotAllowed, NotFound
from ecluse.trust import canonical
from ecluse.trust.pseudonyms.national_numbers import synthetic_national_number

CAMILLE: Final = ("Camille Moreau", "camille.moreau@univ.example")
INES: Final = ("Inès Garnier", "ines.garnier@hub.example")
PAUL: Final = ("Paul Lefèvre", "paul.lefevre@hub.example")
JEANNE: Final = ("Jeanne Petit", "jeanne.petit@citizen.example")
SARAH: Final = ("Sarah Cohen", "sarah.cohen@hub.example")
MARC: Final = ("Marc Dubois", "marc.dubois@hub.example")

AGENT_SECONDS: Final = 120
DIGEST: Final = re.compile(r"sha256:[0-9a-f]{64}")
DOCUMENT: Final = re.compile(rf"document-number.*?({DIGEST.pattern})", re.DOTALL)
APPLICATION: Final = re.compile(r"/drafts/(\d{4}-\d+)/")
PERMIT: Final = re.compile(r"FR-\d{4}-\d{4}")
PASS: Final = re.compile(r'href="([^"]+/enter\?pass=[^"]+)"')


@dataclass(frozen=True)
class Stage:
    """One step of the road, as it was played."""

    number: int
    title: str
    who: str
    document: str
    reference: str
    digest: str
    milliseconds: int


@dataclass
class Road:
    """One walk of one study, from the opt-out to the downloaded result."""

    public_url: str
    checking_url: str
    password: str
    study: Study
    application: str = ""
    permit: str = ""
    extraction: str = ""
    job: str = ""
    request: str = ""
    result: bytes = b""
    refusals: list[str] = field(default_factory=list)

    def walk(self) -> Iterator[Stage]:
        """Yield each step once it is done. Raises EcluseError where the road breaks."""
        steps: tuple[tuple[str, str, str, Callable[[], tuple[str, str]]], ...] = (
            ("S’opposer, pour une personne du pays", JEANNE[0], "–", self.opt_out),
            ("Trouver le jeu de données", CAMILLE[0], "SnapshotNotice", self.find),
            ("Déposer la demande", CAMILLE[0], "application", self.apply),
            ("Vérifier que le dossier est complet, l’évaluer", INES[0], "évaluation", self.assess),
            ("Décider", PAUL[0], "Permit", self.decide),
            ("Commander l’extraction", CAMILLE[0], "ExtractionOrder", self.order),
            ("Extraire", "agent", "ExtractionReceipt", self.await_extract),
            ("Envoyer l’analyse", CAMILLE[0], "JobOrder", self.send_analysis),
            ("Exécuter sans réseau, contrôler", "agent", "CheckReport", self.await_checks),
            ("Demander la sortie d’un fichier", CAMILLE[0], "OutputRequest", self.ask_output),
            ("Premier vote, à l’aveugle", SARAH[0], "–", lambda: self.vote(SARAH)),
            ("Second vote : libérer", MARC[0], "Release", lambda: self.vote(MARC)),
            ("Télécharger le résultat", CAMILLE[0], "fichier", self.collect),
        )
        for number, (title, who, document, play) in enumerate(steps, start=1):
            started = time.monotonic()
            reference, digest = play()
            elapsed = round((time.monotonic() - started) * 1000)
            yield Stage(number, title, who, document, reference, digest, elapsed)

    def opt_out(self) -> tuple[str, str]:
        """Opt one person of the synthetic country out; already out, she stays so."""
        with self._public(JEANNE) as jeanne:
            page = jeanne.get("/citizens/")
            if any("/identities/number/" in form.action for form in page.forms):
                number = {"number": synthetic_national_number(0)}
                page = jeanne.submit(page, "/identities/number/", number)
            if any("/rights/ehds-71/in/" in form.action for form in page.forms):
                return "déjà enregistrée", ""
            page = jeanne.submit(page, "/citizens/rights/ehds-71/out/")
        return page.url.rstrip("/").rsplit("/", 1)[-1], ""

    def find(self) -> tuple[str, str]:
        """Read the dataset's page, without an account."""
        with Visitor(self.public_url) as anyone:
            page = anyone.get(f"/catalogue/{self.study.dataset}/")
        return self.study.dataset, first_digest(page)

    def apply(self) -> tuple[str, str]:
        """Fill in the application, step by step, and submit it. The author cannot decide it."""
        with self._public(CAMILLE) as camille:
            start = f"/applications/start/{self.study.dataset}/"
            page = camille.submit(camille.get(start), start)
            found = APPLICATION.search(page.url)
            if found is None:
                raise NotFound(f"No application was opened: the site answered {page.url}.")
            self.application = found[1]
            attachments = self.study.attachments()
            for step, answers in self.study.answers(investigator=CAMILLE).items():
                page = camille.submit(page, f"/step/{step}/", answers, attachments.get(step))
            camille.submit(page, f"/applications/{self.application}/summary/")
            self._expect_refusal(camille, f"/permits/decisions/{self.application}/")
        return self.application, ""

    def assess(self) -> tuple[str, str]:
        """Check the file, give one answer per question, say that nothing is charged."""
        file, case = f"/applications/{self.application}/", f"/cases/{self.application}/"
        asked = f"/assessments/{self.application}/"
        steps: tuple[tuple[str, dict[str, str]], ...] = (
            (f"{case}file/start-screening/", {}),
            (f"{file}complete/", {}),
            *((f"{asked}questions/{one}/", {"outcome": "yes"}) for one in QUESTIONS),
        )
        free = f"{case}unit-1/no-estimate/"
        with self._public(INES) as ines:
            for address, values in steps:
                ines.submit(ines.get(address), address, values)
            ines.submit(ines.get(asked), f"{asked}conclusion/")
            ines.submit(ines.get(free), free, {"reason": "Rien à facturer."})
            self._expect_refusal(ines, f"/permits/decisions/{self.application}/")
        return self.application, ""

    def decide(self) -> tuple[str, str]:
        """Sign the permit with the terms that were asked."""
        with self._public(PAUL) as paul:
            address = f"/permits/decisions/{self.application}/"
            page = paul.submit(paul.get(address), address)
            self.permit = _found(PERMIT, page.url)
            signed = paul.download(f"/permits/{self.permit}/permit.json")
        return self.permit, canonical.digest(signed)

    def order(self) -> tuple[str, str]:
        """Accept the conditions, then order: fill in, read what it says in words, confirm."""
        values = {**self.study.criteria, **self.study.column_choices()}
        life = f"/lives/permits/{self.permit}/"
        with self._public(CAMILLE) as camille:
            camille.submit(camille.get(life), f"{life}conditions/acceptance/")
            form = f"/extractions/permits/{self.permit}/order/"
            page = camille.submit(camille.get(form), form, values)
            page = camille.submit(page, f"/extractions/permits/{self.permit}/confirmation/")
            self.extraction = page.url.rstrip("/").rsplit("/", 1)[-1]
            signed = camille.download(f"/extractions/{self.extraction}/order.json")
        return self.extraction, canonical.digest(signed)

    def await_extract(self) -> tuple[str, str]:
        """Wait until the agent has answered the order."""
        with self._public(CAMILLE) as camille:
            camille.wait_for(
                f"/extractions/{self.extraction}/progress/", has_ended, seconds=AGENT_SECONDS
            )
            signed = camille.download(f"/extractions/{self.extraction}/answer.json")
        if b'"kind":"ExtractionReceipt"' not in signed:
            raise NotAllowed(f"Extraction {self.extraction} was refused: {signed.decode()[:400]}")
        return self.extraction, canonical.digest(signed)

    def send_analysis(self) -> tuple[str, str]:
        """Send the study's folder to the workspace of the permit."""
        with self._checking(CAMILLE) as camille:
            address = f"/enclaves/{self.permit}/submit/"
            workspace = f"/enclaves/{self.permit}/"
            camille.wait_for(workspace, self._shows_extract, seconds=AGENT_SECONDS)
            archive = ("study.zip", self.study.bundle(), "application/zip")
            page = camille.submit(
                camille.get(address), address, {"entry": self.study.entry}, {"bundle": archive}
            )
            self.job = page.url.rstrip("/").rsplit("/", 1)[-1]
        return self.job, first_digest(page)

    def await_checks(self) -> tuple[str, str]:
        """Wait until the job has run and its outputs are checked."""
        with self._checking(CAMILLE) as camille:
            page = camille.wait_for(
                f"/enclaves/jobs/{self.job}/progress/", has_ended, seconds=AGENT_SECONDS
            )
        if self.study.released not in page.words:
            raise NotFound(f"Job {self.job} left no {self.study.released}: {page.words[:400]}")
        return self.job, last_document(page)

    def ask_output(self) -> tuple[str, str]:
        """Ask that the table of counts leave; the blocked file is not even offered."""
        with self._checking(CAMILLE) as camille:
            address = f"/outputs/ask/{self.job}/"
            page = camille.get(address)
            if self.study.blocked and f"sortie de {self.study.blocked}" in page.words:
                raise JournalBroken(f"{self.study.blocked} is offered though it names persons.")
            chosen = self._choice(page)
            said = {"context": self.study.title, "controls": "Effectifs d’au moins 11."}
            page = camille.submit(page, address, {f"take_{chosen}": "on", **said})
            self.request = page.url.rstrip("/").rsplit("/", 1)[-1]
            page = camille.submit(page, f"/outputs/{self.request}/submit/")
        return self.request, last_document(page)

    def vote(self, checker: tuple[str, str]) -> tuple[str, str]:
        """Look at the evidence and approve. Raises NotAllowed."""
        with self._checking(checker) as visitor:
            address = f"/outputs/{self.request}/"
            page = visitor.submit(visitor.get(address), address, {"decision_0": "approve"})
        return self.request, last_document(page) if checker is MARC else ""

    def collect(self) -> tuple[str, str]:
        """Download from the public site exactly the bytes that were released."""
        with self._public(CAMILLE) as camille:
            address = f"/releases/{self.request}/"
            pattern = re.compile(rf"{re.escape(address)}files/\d+/")
            page = _patiently(
                lambda: camille.wait_for(
                    address, lambda p: bool(pattern.search(p.text)), seconds=AGENT_SECONDS
                ),
                seconds=AGENT_SECONDS,
            )
            self.result = camille.download(_found(pattern, page.text))
        return self.study.released, canonical.digest(self.result)

    def enter_workspace(self) -> str:
        """Enter the interactive workspace of the permit; return the address of its notebook.

        Raises NotAllowed, NotFound, Unreachable: it could not be opened.
        """
        with self._checking(CAMILLE) as camille:
            address = f"/workspaces/{self.permit}/enter/"
            page = camille.submit(camille.get("/workspaces/"), address)
            link = _found(PASS, page.text, group=1)
            camille.get(link)
            return camille.get(f"{link.partition('/enter?')[0]}/w/{self.permit}/lab").url

    def _public(self, who: tuple[str, str]) -> Visitor:
        return self._signed_in(Visitor(self.public_url), who)

    def _checking(self, who: tuple[str, str]) -> Visitor:
        return self._signed_in(Visitor(self.checking_url), who)

    def _signed_in(self, visitor: Visitor, who: tuple[str, str]) -> Visitor:
        visitor.sign_in(who[1], self.password)
        return visitor

    def _shows_extract(self, page: Page) -> bool:
        return self.extraction in page.words

    def _choice(self, page: Page) -> str:
        pattern = re.compile(rf'name="take_(\d+)"[^>]*>\s*<label[^>]*>[^<]*{self.study.released}')
        return _found(pattern, page.text, group=1)

    def _expect_refusal(self, visitor: Visitor, address: str) -> None:
        """The law keeps this door shut for this person (EHDS art. 55(3)). Raises if it opens."""
        try:
            visitor.get(address)
        except (NotAllowed, NotFound) as error:
            self.refusals.append(str(error))
            return
        raise JournalBroken(f"{address} opened for somebody who must not decide this file.")


def has_ended(page: Page) -> bool:
    """Whether a live part of a page says that nothing more will change."""
    return page.status == 286  # noqa: PLR2004 - htmx: stop polling


def first_digest(page: Page) -> str:
    """The first digest that a page shows. Raises NotFound."""
    return _found(DIGEST, page.text)


def last_document(page: Page) -> str:
    """The digest of the last document that a page shows: the newest one. Raises NotFound."""
    shown = DOCUMENT.findall(page.text)
    if not shown:
        raise NotFound(f"{page.url} shows no document: has the page changed?")
    return str(shown[-1])


def _found(pattern: re.Pattern[str], text: str, *, group: int = 0) -> str:
    found = pattern.search(text)
    if found is None:
        raise NotFound(f"Nothing like {pattern.pattern} on the page: has it changed?")
    return found[group]


def _patiently(ask: Callable[[], Page], *, seconds: float) -> Page:
    """What `ask` gives, asked again while the document is still on its way."""
    deadline = time.monotonic() + seconds
    while True:
        try:
            return ask()
        except EcluseError:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.2)
