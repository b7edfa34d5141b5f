"""What a form of 200 questions costs: `python -m benchmarks.forms [--rounds 60]`.

In one run, on a private database: the form is read from its file; all its answers are judged; one
page that holds all 200 questions is asked for as a browser does (session, database, template), then
sent back, then saved by itself. Prints the median and the 95th percentile of each, in milliseconds,
by the clock and by the processor, beside the largest page of our own forms. The page should stay
under 200 ms.
"""

import argparse
import json
import os
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from ecluse.cli.database import Cluster
from ecluse.domain.answers import problems
from ecluse.domain.forms import read

if TYPE_CHECKING:
    from django.test import Client

FIELDS = 200
KINDS = ("text", "long-text", "choice", "choices", "yes-no", "date", "number", "money", "country")
CHOICES = [
    {"value": f"v{n}", "label": {"fr": f"Réponse {n}", "en": f"Answer {n}"}} for n in range(6)
]


def form_text() -> str:
    """A form of 200 questions in one section: every kind in turn, a third under a condition."""
    fields = [field(number) for number in range(FIELDS)]
    title = {"fr": "Grand formulaire", "en": "Large form"}
    section = {"id": "all", "title": title, "fields": fields}
    form = {"form": "large", "version": 1, "title": title, "source": "benchmark"}
    return json.dumps({**form, "sections": [section]})


def name(number: int) -> str:
    """A name without a number, as forms want them."""
    return "q_" + "".join(chr(97 + int(digit)) for digit in f"{number:03}")


def field(number: int) -> dict[str, object]:
    kind = KINDS[number % len(KINDS)]
    text = {"fr": f"Question {number} du formulaire", "en": f"Question {number} of the form"}
    made: dict[str, object] = {"id": name(number), "kind": kind, "label": text, "help": text}
    made |= {"article": "art. 67(2)", "required": True}
    if kind in {"choice", "choices"}:
        made["choices"] = CHOICES
    if number % 3 == 0 and number > len(KINDS):
        hangs = number - number % len(KINDS) - len(KINDS) + 4
        made["condition"] = {"field": name(hangs), "equals": "yes"}
    return made


@contextmanager
def site() -> Iterator["Client"]:
    """A public site with a draft that follows the large form; its owner's browser, signed in."""
    with tempfile.TemporaryDirectory(prefix="ecluse-forms-") as folder:
        Path(folder).chmod(0o711)
        cluster = Cluster(Path(folder) / "postgres", durable=False)
        cluster.start()
        try:
            os.environ |= {"ECLUSE_HOME": folder, "DATABASE_URL": cluster.url}
            os.environ["DJANGO_SETTINGS_MODULE"] = "ecluse.portal.site.settings.everything"
            yield browser(Path(folder))
        finally:
            from django.db import connections  # noqa: PLC0415 - Django starts in here

            connections.close_all()
            cluster.stop()


def browser(home: Path) -> "Client":
    import django  # noqa: PLC0415 - its settings are known only now

    django.setup()
    from django.test import Client  # noqa: PLC0415
    from django.test.utils import setup_databases, setup_test_environment  # noqa: PLC0415

    setup_test_environment()
    setup_databases(verbosity=0, interactive=False)
    user = draft(home)
    client = Client()
    client.force_login(user)
    return client


def draft(home: Path) -> object:
    from ecluse.domain.documents import Signer  # noqa: PLC0415
    from ecluse.domain.roles import Role  # noqa: PLC0415
    from ecluse.portal.accounts import actions as accounts  # noqa: PLC0415
    from ecluse.portal.applications import actions, versions  # noqa: PLC0415
    from ecluse.portal.applications.models import Application  # noqa: PLC0415
    from ecluse.portal.catalogue.actions import describe  # noqa: PLC0415
    from ecluse.portal.mailbox.actions import receive  # noqa: PLC0415
    from ecluse.trust import keys  # noqa: PLC0415
    from tests.sites import KEYS_SINCE, NATIONAL_KEY, Signers  # noqa: PLC0415
    from tests.unit.portal.applications.road import NOTICE, NOW  # noqa: PLC0415
    from tests.unit.portal.build import CLAIMS  # noqa: PLC0415

    folder = home / "portal" / "keys"
    signers = Signers(
        portal=keys.create_key(folder, Signer.PORTAL, now=KEYS_SINCE),
        register=keys.create_key(folder, Signer.REGISTER, now=KEYS_SINCE),
        agent=keys.draw_key(Signer.AGENT, now=KEYS_SINCE),
        checking_room=keys.draw_key(Signer.CHECKING_ROOM, now=KEYS_SINCE),
    )
    (folder / "national.key").write_bytes(NATIONAL_KEY)
    keys.Keyring(signers.of(each).public() for each in Signer).save(
        home / "portal" / "keyring.json"
    )
    receive(signers.sign(NOTICE, issuer=Signer.AGENT, now=NOW), now=NOW)
    dataset = describe("snds-synthetic", CLAIMS, by="set-up", now=NOW)
    user = accounts.create_account(
        "camille@univ.example",
        full_name="Camille",
        organisation="Hub",
        roles=frozenset({Role.DATA_USER}),
        password="long-enough-2026",  # noqa: S106 - of a database that ends with this run
        by="set-up",
    )
    versions.publish(form_text().encode(), home / "forms", today=NOW.date())
    for _each in range(2):
        actions.start(dataset, by=user, now=NOW)
    Application.objects.filter(number__endswith="1").update(
        form="large", form_version=1, answers={}
    )
    return user


def measure(act: Callable[[], object], rounds: int) -> tuple[float, ...]:
    """Median and 95th percentile of an act, then of its own processor time, in milliseconds."""
    act()
    taken, worked = [], []
    for _round in range(rounds):
        began, worked_before = time.perf_counter(), time.process_time()
        act()
        taken.append(1000 * (time.perf_counter() - began))
        worked.append(1000 * (time.process_time() - worked_before))
    return tuple(
        figure
        for each in (taken, worked)
        for figure in (statistics.median(each), statistics.quantiles(each, n=20)[-1])
    )


def acts(client: "Client") -> dict[str, Callable[[], object]]:
    from ecluse.portal.applications.models import Application  # noqa: PLC0415

    text = form_text()
    form = read(text)
    number = Application.objects.get(form="large").number
    ours = Application.objects.exclude(form="large").get().number
    page = f"/drafts/{number}/step/all/"
    sent = {field.id: "oui" for field in form.fields()}
    assert client.get(page).status_code == 200
    return {
        "read the form": lambda: read(text),
        "judge its answers": lambda: problems(form, sent),
        "ask for the page": lambda: client.get(f"{page}?checked=1"),
        "send the page": lambda: client.post(page, {**sent, "stay": "1"}),
        "save itself": lambda: client.post(f"{page}save/", sent),
        "our largest page": lambda: client.get(f"/drafts/{ours}/step/cohort/"),
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=60)
    rounds = parser.parse_args().rounds
    with site() as client:
        print(f"{FIELDS} questions, {rounds} rounds, ms:  median      p95      CPU      p95")
        for title, act in acts(client).items():
            figures = " ".join(f"{figure:8.1f}" for figure in measure(act, rounds))
            print(f"{title:30} {figures}")


if __name__ == "__main__":
    main()
