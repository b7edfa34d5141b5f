"""What a newcomer sees of two systems: one keeps its word, one does not, and why."""

import re
from datetime import UTC, datetime

import pytest

from ecluse.data.evaluation.demonstration import country, notes, plans, running
from ecluse.data.evaluation.demonstration.running import Shown
from ecluse.domain.documents import Signer
from ecluse.domain.evaluations.reports import Finding, Outcome, Subject
from ecluse.trust import keys

NOW = datetime(2026, 1, 5, 10, tzinfo=UTC)
KEYS = (keys.draw_key(Signer.PORTAL, now=NOW), keys.draw_key(Signer.AGENT, now=NOW))


@pytest.fixture(scope="module")
def good(tmp_path_factory: pytest.TempPathFactory) -> Shown:
    folder = tmp_path_factory.mktemp("good") / "diabetes"
    trial = country.trial(persons=120_000)
    return running.show(folder, trial, plans.risk_protocol, keys_of=KEYS, now=NOW)


@pytest.fixture(scope="module")
def bad(tmp_path_factory: pytest.TempPathFactory) -> Shown:
    folder = tmp_path_factory.mktemp("bad") / "notes"
    return running.show(folder, notes.trial(), plans.notes_protocol, keys_of=KEYS, now=NOW)


def of(shown: Shown, subject: Subject) -> dict[str, Outcome]:
    return {one.of: one.outcome for one in shown.report.findings if one.subject is subject}


def missed(shown: Shown) -> list[Finding]:
    return [one for one in shown.report.findings if one.outcome is Outcome.NOT_MET]


def said(shown: Shown, name: str) -> str:
    page = (shown.folder / name).read_text(encoding="utf-8")
    return re.sub("<[^>]+>", " ", page)


def test_both_bundles_prove_themselves(good: Shown, bad: Shown) -> None:
    assert good.verification.passed
    assert bad.verification.passed


def test_the_good_system_misses_nothing(good: Shown) -> None:
    assert good.report.headline() is Outcome.MET
    assert missed(good) == []


def test_the_bad_system_misses_its_claim_and_its_calibration(bad: Shown) -> None:
    calibration = of(bad, Subject.CALIBRATION)

    assert bad.report.headline() is Outcome.NOT_MET
    assert calibration["calibration-slope"] is Outcome.NOT_MET
    assert calibration["observed-expected"] is Outcome.NOT_MET


def test_the_bad_system_is_lost_at_the_site_whose_words_it_never_read(bad: Shown) -> None:
    sites = {name: found for name, found in of(bad, Subject.SUBGROUP).items() if "site" in name}

    assert sites == {
        "site=A": Outcome.MET,
        "site=B": Outcome.MET,
        "site=C": Outcome.MET,
        "site=D": Outcome.NOT_MET,
    }


def test_the_page_for_everybody_says_it_in_french_and_in_english(bad: Shown) -> None:
    assert "ne tient pas ce qu'il affirme" in said(bad, "summary-fr.html")
    assert "does not keep its word" in said(bad, "summary-en.html")
    assert "site D" in said(bad, "summary-fr.html")


@pytest.mark.parametrize("name", ["report-fr.html", "report-en.html", "summary-fr.html"])
def test_a_page_needs_nothing_else_and_runs_nothing(bad: Shown, name: str) -> None:
    page = (bad.folder / name).read_text(encoding="utf-8")

    assert re.findall(r"<script|<link|<img|src=|url\(", page) == []


def test_every_plot_has_a_title_and_a_description(bad: Shown) -> None:
    page = (bad.folder / "report-fr.html").read_text(encoding="utf-8")

    assert page.count("<svg") == page.count("<title id=") == page.count("<desc id=") == 5


def test_no_prediction_of_a_case_is_in_the_bundle(bad: Shown) -> None:
    data = bad.bundle.read_bytes()

    assert b"C000000" not in data
    assert b"C000001" not in data


def test_the_checklist_is_filled(good: Shown) -> None:
    assert len(good.report.checklist) > 20
    assert "TRIPOD+AI" in said(good, "report-fr.html")
