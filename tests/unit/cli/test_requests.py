"""`ecluse request`: from a plan and a signed list of opt-outs to a folder of tables."""

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from ecluse.cli.home import Home
from ecluse.cli.requests import app
from ecluse.domain import codec
from ecluse.domain.documents import AGENT, OptOutList, Signer
from ecluse.domain.errors import (
    BadSignature,
    InvalidInput,
    Malformed,
    NotFound,
    StaleOptOuts,
    UnknownKey,
)
from ecluse.trust import documents, keys
from ecluse.trust.keys import Keyring, SigningKey
from tests.unit.data.agent.requests import Requests
from tests.unit.data.lakes import publish
from tests.unit.data.tabulation.clinics import MAN, person, plan, table

SINCE = datetime(2020, 1, 1, tzinfo=UTC)


def run(*words: object) -> Result:
    return CliRunner().invoke(app, [str(word) for word in words])


@pytest.fixture(autouse=True)
def key(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> SigningKey:
    """The key of the register of opt-outs, which the zone believes."""
    monkeypatch.setenv("ECLUSE_HOME", str(tmp_path / "home"))
    zone = Home.find().zone
    zone.mkdir(parents=True)
    made = keys.create_key(tmp_path / "keys", Signer.REGISTER, now=SINCE)
    Keyring([made.public()]).save(zone / "keyring.json")
    return made


@pytest.fixture
def lake(tmp_path: Path) -> Path:
    """30 women and 20 men, each with the opt-out identifier N<key>."""
    people = [person(number) for number in range(30)]
    people += [person(number, sex=MAN) for number in range(30, 50)]
    names = [(number, str(number), f"N{number:02}") for number in range(50)]
    publish(tmp_path / "lake", "clinic", {"person": people}, names, model_name="omop")
    return tmp_path / "lake"


@pytest.fixture
def asked(tmp_path: Path) -> Path:
    """A plan by sex, numbered D-1."""
    path = tmp_path / "plan.json"
    path.write_text(json.dumps(codec.encode(plan(table("sex", name="by_sex")))))
    return path


def signed(folder: Path, key: SigningKey, *out: str, number: str = "D-1") -> Path:
    """A signed list of opt-outs."""
    body = OptOutList(number, SINCE, tuple(sorted(out)))
    document = documents.new_document(body, issuer=Signer.REGISTER, audience=(AGENT,), now=SINCE)
    path = folder / "optouts.json"
    path.write_bytes(documents.sign(document, key))
    return path


def options(tmp_path: Path, lake: Path, opt_outs: Path) -> list[object]:
    return [
        *("--dataset", "clinic", "--lake", lake),
        *("--opt-outs", opt_outs, "--target", tmp_path / "answer"),
    ]


def test_a_plan_becomes_a_folder_of_tables_without_those_who_opted_out(
    tmp_path: Path, lake: Path, asked: Path, key: SigningKey
) -> None:
    opt_outs = signed(tmp_path, key, "N00", "N30", "N31")

    done = run("run", asked, *options(tmp_path, lake, opt_outs), "--json")

    assert done.exit_code == 0, done.output
    assert json.loads(done.stdout)["cells"] == 4
    assert (tmp_path / "answer" / "by_sex.csv").read_text().splitlines() == [
        "sex,persons",
        "_T,47",
        "M,18",
        "F,29",
        "_O,0",
    ]


def test_what_was_hidden_is_counted_for_the_officer_alone(
    tmp_path: Path, lake: Path, asked: Path, key: SigningKey
) -> None:
    opt_outs = signed(tmp_path, key)

    done = run("run", asked, *options(tmp_path, lake, opt_outs), "--minimum", 25)

    assert done.exit_code == 0, done.output
    assert "Masquées" in done.stdout
    assert "M,s" in (tmp_path / "answer" / "by_sex.csv").read_text()
    assert not (tmp_path / "answer" / "receipt.json").exists()


def test_a_list_made_for_another_request_counts_nobody(
    tmp_path: Path, lake: Path, asked: Path, key: SigningKey
) -> None:
    opt_outs = signed(tmp_path, key, number="D-2")

    done = run("run", asked, *options(tmp_path, lake, opt_outs))

    assert isinstance(done.exception, StaleOptOuts)
    assert not (tmp_path / "answer").exists()


def test_a_list_altered_or_signed_by_another_is_refused(
    tmp_path: Path, lake: Path, asked: Path, key: SigningKey
) -> None:
    altered = signed(tmp_path, key, "N00")
    altered.write_bytes(altered.read_bytes().replace(b"N00", b"N01"))
    first = run("run", asked, *options(tmp_path, lake, altered))
    stranger = keys.draw_key(Signer.REGISTER, now=SINCE)
    second = run("run", asked, *options(tmp_path, lake, signed(tmp_path, stranger)))

    assert isinstance(first.exception, BadSignature)
    assert isinstance(second.exception, UnknownKey)


def test_a_minimum_under_that_of_the_policy_is_refused(
    tmp_path: Path, lake: Path, asked: Path, key: SigningKey
) -> None:
    opt_outs = signed(tmp_path, key)

    done = run("run", asked, *options(tmp_path, lake, opt_outs), "--minimum", 5)

    assert isinstance(done.exception, InvalidInput)


def test_a_plan_is_checked_without_data(asked: Path) -> None:
    done = run("check", asked, "--json")

    assert json.loads(done.stdout) == {"number": "D-1", "cells": {"by_sex": 4}}


def test_a_file_that_is_no_plan_is_refused(tmp_path: Path) -> None:
    (tmp_path / "no.json").write_text("{]")
    (tmp_path / "other.json").write_text("{}")

    assert isinstance(run("check", tmp_path / "none.json").exception, NotFound)
    assert isinstance(run("check", tmp_path / "no.json").exception, Malformed)
    assert isinstance(run("check", tmp_path / "other.json").exception, Malformed)


def order_and_receipt(tmp_path: Path) -> tuple[Path, Path]:
    """An order that the public site signed, and the receipt by which an agent answered it."""
    world = Requests(tmp_path / "world")
    signed_order = world.sign(world.order())
    world.post(signed_order, world.public)
    world.step()
    order, receipt = tmp_path / "order.json", tmp_path / "receipt.json"
    order.write_bytes(signed_order)
    receipt.write_bytes(world.documents(world.public, "TabulationReceipt")[0])
    return order, receipt


def test_a_signed_order_is_proved_and_told(tmp_path: Path) -> None:
    order, _ = order_and_receipt(tmp_path)
    keyring = tmp_path / "world" / "zone" / "keyring.json"

    done = run("order", order, "--keyring", keyring, "--json")
    told = run("order", order, "--keyring", keyring)

    assert json.loads(done.stdout)["order"]["order_number"] == "DR-2026-00001-T1"
    assert "Toutes les personnes du jeu de données" in told.stdout


def test_a_receipt_is_proved_against_its_order(tmp_path: Path) -> None:
    order, receipt = order_and_receipt(tmp_path)
    keyring = tmp_path / "world" / "zone" / "keyring.json"

    done = run("receipt", receipt, "--order", order, "--keyring", keyring, "--json")

    assert json.loads(done.stdout)["receipt"]["cell_count"] == 4


def test_an_order_altered_or_of_another_kind_is_refused(tmp_path: Path) -> None:
    order, receipt = order_and_receipt(tmp_path)
    keyring = tmp_path / "world" / "zone" / "keyring.json"
    altered = tmp_path / "altered.json"
    altered.write_bytes(order.read_bytes().replace(b'"minimum_count":11', b'"minimum_count":12'))

    assert isinstance(run("order", altered, "--keyring", keyring).exception, BadSignature)
    assert isinstance(run("order", receipt, "--keyring", keyring).exception, InvalidInput)
