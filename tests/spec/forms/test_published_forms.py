"""Published forms never change; each asks what its article asks, in both languages."""

from datetime import date
from pathlib import Path

import pytest
from pytest_django import Settings

from ecluse.domain.errors import InvalidInput, Malformed, NotFound
from ecluse.domain.forms import FormVersion, Kind, Visibility
from ecluse.portal.applications import versions
from ecluse.trust import canonical

TODAY = date(2026, 1, 5)
FORM = (versions.FOLDER / "data-request.v1.json").read_bytes()
FROZEN = {
    ("data-access-application", 1): "f6dca8e7839fe9f2",
    ("data-access-application", 2): "1367d2d716246240",
    ("data-request", 1): "27ce936dce17502e",
    ("french-file", 1): "87b3ae28fa13635b",
    ("evaluation-protocol", 1): "7f4a5ba59fc25031",
}
"""The first digits of each published form's SHA-256: a change here is a change of history."""


def names(form: FormVersion) -> set[str]:
    """Every field, parts of groups among them."""
    return {each.id for field in form.fields() for each in (field, *field.fields)}


def published() -> dict[tuple[str, int], str]:
    return {
        (each.form, each.version): each.digest.removeprefix("sha256:")[:16]
        for each in versions.published(versions.FOLDER)
    }


def test_the_bytes_of_a_published_form_never_change() -> None:
    on_disk = {
        (each.form, each.version): canonical.digest(
            (versions.FOLDER / each.file_name).read_bytes()
        ).removeprefix("sha256:")[:16]
        for each in versions.published(versions.FOLDER)
    }

    assert published() == FROZEN
    assert on_disk == FROZEN


def test_every_form_of_the_folder_is_published() -> None:
    files = {path.name for path in versions.FOLDER.glob("*.v*.json")}

    assert {each.file_name for each in versions.published(versions.FOLDER)} == files


def test_a_form_changed_after_publication_is_refused(tmp_path: Path, settings: Settings) -> None:
    settings.ECLUSE_HOME = tmp_path
    versions.publish(FORM.replace(b'"data-request"', b'"ours"'), tmp_path / "forms", today=TODAY)
    assert versions.load("ours", 1).form == "ours"
    path = tmp_path / "forms" / "ours.v1.json"
    path.write_bytes(path.read_bytes() + b" ")

    versions._load.cache_clear()
    with pytest.raises(Malformed, match="changed after publication"):
        versions.load("ours", 1)


def test_a_version_is_published_once(tmp_path: Path) -> None:
    first = versions.publish(FORM, tmp_path, today=TODAY)
    assert versions.publish(FORM, tmp_path, today=TODAY) == first

    with pytest.raises(InvalidInput, match="raise the version"):
        versions.publish(FORM + b"\n", tmp_path, today=TODAY)


def test_what_is_no_form_is_not_published(tmp_path: Path) -> None:
    with pytest.raises(Malformed):
        versions.publish(b"{}", tmp_path, today=TODAY)
    assert list(tmp_path.iterdir()) == []


def test_a_form_that_nobody_installed_is_not_found(settings: Settings, tmp_path: Path) -> None:
    settings.ECLUSE_HOME = tmp_path

    with pytest.raises(NotFound):
        versions.load("data-access-application", 99)
    with pytest.raises(NotFound):
        versions.newest("nothing")


GUIDELINES = ("TRIPOD+AI ", "STARD-AI ", "CLAIM ", "DECIDE-AI ", "–")
"""What the questions of a protocol cite; a dash where only the run needs the answer."""


@pytest.mark.parametrize("form", [*FROZEN])
def test_every_question_has_its_source_and_both_languages(form: tuple[str, int]) -> None:
    found = versions.load(*form)
    fields = [each for field in found.fields() for each in (field, *field.fields)]
    sources = GUIDELINES if form[0] == "evaluation-protocol" else ("art. ",)

    assert [f.id for f in fields if not f.article.startswith(sources)] == []
    assert [f.id for f in fields if not (f.label.fr and f.label.en)] == []


APPLICATION = versions.load("data-access-application", 2)
REQUEST = versions.load("data-request", 1)
FRENCH = versions.load("french-file", 1)

EU_SECTIONS = {
    "1 data sources": {"source_dataset", "source_country", "source_holder", "source_body"},
    "2 public part": {"title", "project_leader", "domicile", "purposes", "lay_summary"},
    "3 applicant": {"applicant_kind", "person_form", "contact_phone", "business_id"},
    "4 payment": {"payer_vat", "invoice_kind", "peppol_code", "is_financed", "financing_range"},
    "5 purpose": {"responsible_name", "qualifications", "research_plan", "plan_language"},
    "5 pseudonymised": {"pseudonymised_reason", "knows_ground_needed", "knows_ethics_needed"},
    "6 cohort": {"cohort_formed", "consent_covers", "consent_form", "variables_file", "sampling"},
    "6 controls, relatives": {"controls_per_case", "relationship", "relatives_selection"},
    "6 deliveries": {"delivery", "delivery_frequency", "holders_order"},
    "7 other data": {"combined_method", "other_permit_number", "pending_issuer"},
    "8 processing": {"spe_name", "starts_on", "inactive_storage", "transfer_ground", "controller"},
    "8 confirmations": {"confirms_no_copy", "confirms_no_screenshot", "confirms_network_safety"},
    "9 notes": {"notes", "notes_files"},
    "10 confirm": {"confirms_fee", "confirms_holder_fee", "confirms_correct"},
}
"""What the form of the EU central platform asks, section by section."""


@pytest.mark.parametrize("section", [*EU_SECTIONS])
def test_the_application_asks_what_the_eu_form_asks(section: str) -> None:
    assert EU_SECTIONS[section] - names(APPLICATION) == set()


def test_what_is_published_is_what_article_57_lists_and_no_more() -> None:
    public = {f.id for f in APPLICATION.fields() if f.visibility is Visibility.PUBLIC}

    assert public == {
        "title",
        "project_leader",
        "domicile",
        "lay_summary",
        "organisation",
        "applicant_kind",
        "purposes",
    }


def test_a_data_request_asks_for_statistics_and_never_for_tables() -> None:
    assert REQUEST.field("statistical_content").article == "art. 69(2)(d)"
    assert {"tabulation", "table_measure"} < names(REQUEST)
    assert Kind.TABLES not in {field.kind for field in REQUEST.fields()}
    assert Kind.PERSONS not in {field.kind for field in REQUEST.fields()}


def test_the_french_file_lists_the_six_purposes_of_the_snds() -> None:
    assert [choice.value for choice in FRENCH.field("purposes").choices] == list("123456")


@pytest.mark.parametrize(
    ("field", "only"),
    [
        ("promotes_products", "no"),
        ("changes_insurance", "no"),
        ("attests_forbidden", "yes"),
        ("attests_no_reidentification", "yes"),
        ("attests_publication", "yes"),
    ],
)
def test_the_french_file_attests_that_no_forbidden_purpose_is_pursued(
    field: str, only: str
) -> None:
    asked = FRENCH.field(field)

    assert (asked.must_be, asked.required, asked.copies) == (only, True, False)


@pytest.mark.parametrize("form", [APPLICATION, REQUEST, FRENCH], ids=lambda form: form.form)
def test_nothing_attested_or_attached_is_ever_copied(form: FormVersion) -> None:
    kept = [f.id for f in form.fields() if f.copies and (f.must_be or f.kind is Kind.ATTACHMENT)]

    assert kept == []
