"""`ecluse form`: forms checked with the line of a mistake, shown, compared, published."""

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from ecluse.cli import app
from ecluse.cli.question_bank import read_bank
from ecluse.domain.errors import InvalidInput, Malformed, NotFound
from ecluse.domain.forms import Comparison, Kind, Operator, parse, write
from ecluse.portal.applications import versions

SHIPPED = versions.FOLDER / "data-request.v1.json"


def run(*arguments: str) -> Result:
    return CliRunner().invoke(app, ["form", *arguments])


def test_shipped_forms_are_good() -> None:
    done = run("check", str(SHIPPED))

    assert done.exit_code == 0
    assert "data-request version 1" in done.stdout


def test_a_mistake_is_told_with_its_file_and_line(tmp_path: Path) -> None:
    wrong = tmp_path / "wrong.json"
    text = SHIPPED.read_text(encoding="utf-8").replace('"kind": "email"', '"kind": "mail"', 1)
    wrong.write_text(text, encoding="utf-8")
    line = 1 + text[: text.index('"kind": "mail"')].count("\n") - 2

    done = run("check", str(wrong))

    assert isinstance(done.exception, Malformed)
    assert f"{wrong}: line {line}: field 'contact_email': 'mail' is none of" in str(done.exception)


def test_a_file_that_is_not_there_is_told(tmp_path: Path) -> None:
    assert isinstance(run("check", str(tmp_path / "no.json")).exception, NotFound)
    assert isinstance(run("show", "nothing.v9").exception, NotFound)


def test_a_form_is_shown_to_people_and_to_machines() -> None:
    people = run("show", "french-file.v1")
    machine = json.loads(run("show", "french-file.v1", "--json").stdout)

    assert "Dossier français" in people.stdout
    assert parse(machine["form"]).form == "french-file"


def test_two_versions_are_compared() -> None:
    changes = json.loads(
        run("diff", "data-access-application.v1", "data-access-application.v2", "--json").stdout
    )

    assert changes["removed"] == ["other_countries"]
    assert "payer_vat" in changes["added"]
    assert changes["changed"]["purposes"] == ["visibility"]


def test_a_form_is_published_on_the_site_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ECLUSE_HOME", str(tmp_path))
    ours = tmp_path / "ours.json"
    ours.write_bytes(SHIPPED.read_bytes().replace(b'"data-request"', b'"ours"'))
    assert "Publié : ours.v1.json" in run("publish", str(ours)).stdout
    ours.write_bytes(ours.read_bytes() + b"\n")

    again = run("publish", str(ours))

    assert isinstance(again.exception, InvalidInput)
    assert [each.form for each in versions.published(tmp_path / "forms")] == ["ours"]


def option(value: str, *hanging: dict[str, object]) -> dict[str, object]:
    return {"value": value, "label": value, "conditional": list(hanging)}


def asked(title: str, component: str, *options: dict[str, object], **more: object) -> object:
    field = {"component": component, "options": list(options), "validations": []}
    return {"title": title, "guidance": "", "required": False, "field": field, **more}


def hanging(question: str, type_: str = "textInput", **more: object) -> dict[str, object]:
    return {"question": question, "input": {"type": type_, **more}}


def bank(*questions: object) -> object:
    part = {"name": "Project", "description": "About it", "questions": list(questions)}
    return [{"title": "Safe project", "description": "", "subSections": [part]}]


def test_a_question_that_hangs_on_an_option_becomes_a_condition() -> None:
    question = asked("Funded?", "RadioGroup", option("Yes", hanging("By whom?")), option("No"))

    form = read_bank([bank(question)], name="trial", title="T", source="S")
    funded, by_whom = form.fields()

    assert funded.kind is Kind.YES_NO
    assert by_whom.condition == Comparison(funded.id, Operator.IS, ("yes",))
    assert parse(write(form)) == form


def test_a_button_that_repeats_makes_a_group() -> None:
    again = hanging("", "buttonInput", action="addRepeatableQuestions", separatorText="Funder")
    question = asked(
        "Funded?", "RadioGroup", option("Yes", hanging("Name"), hanging("Sector"), again)
    )

    form = read_bank([bank(question)], name="trial", title="T", source="S")
    group = list(form.fields())[1]

    assert (group.kind, group.label.en) == (Kind.GROUP, "Funder")
    assert [part.label.en for part in group.fields] == ["Name", "Sector"]


def test_a_kind_that_no_field_has_is_told() -> None:
    with pytest.raises(Malformed, match="'Slider', which no field can hold"):
        read_bank([bank(asked("How much?", "Slider"))], name="t", title="T", source="S")


@pytest.mark.parametrize("part", [{}, [{"title": "x"}], [{"subSections": [{}]}], "text"])
def test_what_is_no_bank_is_told(part: object) -> None:
    with pytest.raises(Malformed):
        read_bank([part], name="t", title="T", source="S")


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04", b"text", SHIPPED.read_bytes()])
def test_what_is_no_register_template_is_told(tmp_path: Path, content: bytes) -> None:
    wrong = tmp_path / "wrong.xlsx"
    wrong.write_bytes(content)
    asked = ["--out", str(tmp_path / "o.json"), "--name", "n", "--title", "t", "--source", "s"]

    assert isinstance(run("import", str(wrong), *asked).exception, Malformed)
    assert not (tmp_path / "o.json").exists()
