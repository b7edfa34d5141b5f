"""Forms of another hub are imported, published, rendered, filled and judged like our own.

They are the question bank and the register template of HDR UK, read from the shared fixtures;
without them, skipped.
"""

import json
from pathlib import Path

import pytest
from django.test import Client
from pytest_django import Settings
from typer.testing import CliRunner

from ecluse.cli import app
from ecluse.domain.answers import problems
from ecluse.domain.forms import FormVersion, Kind, read
from ecluse.portal.applications import actions, drafts, versions
from ecluse.portal.applications.models import Application
from tests.spec.forms.filling import typed
from tests.unit.portal.applications.road import NOW, Road

BANK = Path(__file__).parents[4] / "shared" / "access" / "forms"
PARTS = [BANK / "hdruk-question-bank.json", BANK / "hdruk-question-bank-part-two.json"]

pytestmark = [
    pytest.mark.skipif(not BANK.is_dir(), reason="The question bank is not on this machine."),
    pytest.mark.usefixtures("at_now"),
]

NUMBER = "2026-00001"


@pytest.fixture(scope="module")
def imported(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The bank imported by the command line."""
    out = tmp_path_factory.mktemp("bank") / "five-safes.json"
    asked = ["--name", "five-safes", "--title", "Five Safes", "--source", "HDR UK", "--json"]
    done = CliRunner().invoke(app, ["form", "import", *map(str, PARTS), "--out", str(out), *asked])
    assert json.loads(done.stdout)["sections"] == 24
    return out


@pytest.fixture
def form(imported: Path, settings: Settings, road: Road) -> FormVersion:
    """The bank published on this site, and a draft of Camille's pinned to it."""
    versions.publish(imported.read_bytes(), Path(settings.ECLUSE_HOME) / "forms", today=NOW.date())
    actions.start(road.dataset, by=road.camille, now=NOW)
    Application.objects.update(form="five-safes", form_version=1, answers={})
    return versions.load("five-safes", 1)


def statuses(client: Client, form: FormVersion) -> set[int]:
    return {
        client.get(f"/drafts/{NUMBER}/step/{section.id}/?checked=1").status_code
        for section in form.sections
    }


def fill(client: Client, form: FormVersion) -> None:
    for section in form.sections:
        client.post(f"/drafts/{NUMBER}/step/{section.id}/", typed(section))


def test_every_question_of_the_bank_is_asked(imported: Path) -> None:
    found = read(imported.read_text(encoding="utf-8"))
    fields = [each for field in found.fields() for each in (field, *field.fields)]
    kinds = {kind: sum(each.kind is kind for each in fields) for kind in Kind}

    assert len(fields) == 262
    assert kinds[Kind.GROUP] == 4
    assert kinds[Kind.ATTACHMENT] == 1
    assert kinds[Kind.EMAIL] >= 1


def test_a_question_under_two_options_is_asked_once(imported: Path) -> None:
    found = read(imported.read_text(encoding="utf-8"))
    references = [
        field.condition
        for field in found.fields()
        if field.label.en == "Reference or details of previous application"
    ]

    assert [len(condition.values) for condition in references] == [4]  # type: ignore[union-attr]


def test_every_step_of_the_bank_is_rendered(form: FormVersion, road: Road, client: Client) -> None:
    client.force_login(road.camille)

    assert statuses(client, form) == {200}


def test_an_empty_file_lacks_what_the_bank_requires(form: FormVersion) -> None:
    required = [f.id for f in form.fields() if f.required and f.condition is None]

    assert [problem.field for problem in problems(form, {})] == required
    assert len(required) > 20


def test_the_bank_filled_in_the_pages_has_no_problem(
    form: FormVersion, road: Road, client: Client
) -> None:
    client.force_login(road.camille)

    fill(client, form)

    place = drafts.find(NUMBER, road.camille)
    assert [(p.field, p.code) for p in problems(place.form, place.application.answers)] == []
    assert len(place.application.answers) > 180
    assert client.get(f"/drafts/{NUMBER}/").status_code == 200
    assert client.get(f"/applications/{NUMBER}/summary/").status_code == 200


REGISTER = BANK / "hdruk-data-use-upload-template.xlsx"


@pytest.fixture
def register(tmp_path: Path, settings: Settings, road: Road) -> FormVersion:
    """The template of the data use register, imported, published, and a draft pinned to it."""
    out = tmp_path / "register.json"
    asked = ["--name", "data-use-register", "--title", "Data uses", "--source", "HDR UK"]
    CliRunner().invoke(app, ["form", "import", str(REGISTER), "--out", str(out), *asked])
    versions.publish(out.read_bytes(), Path(settings.ECLUSE_HOME) / "forms", today=NOW.date())
    actions.start(road.dataset, by=road.camille, now=NOW)
    Application.objects.update(form="data-use-register", form_version=1, answers={})
    return versions.load("data-use-register", 1)


def test_every_column_of_the_register_is_asked(register: FormVersion) -> None:
    fields = list(register.fields())

    assert len(fields) == 31
    assert [f.label.en for f in fields if f.required] == [
        "Organisation name",
        "Project title",
        "Lay summary",
        "Latest approval date",
        "Dataset(s) name",
    ]
    assert sum(f.kind is Kind.DATE for f in fields) == 4
    assert [c.value for c in register.field("organisation_sector").choices][:2] == [
        "Academic Institute",
        "CQC Registered Health or/and Social Care provider",
    ]
    assert [c.value for c in register.field("dea_accredited_researcher").choices] == [
        "Yes",
        "No",
        "Unknown",
    ]


def test_the_register_filled_in_the_pages_has_no_problem(
    register: FormVersion, road: Road, client: Client
) -> None:
    client.force_login(road.camille)

    fill(client, register)

    place = drafts.find(NUMBER, road.camille)
    assert [(p.field, p.code) for p in problems(place.form, place.application.answers)] == []
    assert len(place.application.answers) == 31
