"""The pages of labels, and who may open them; the picture."""

from xml.etree import ElementTree as ET

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from ecluse.portal.label.models import QualityLabel
from ecluse.portal.label.scheme import scheme
from tests.unit.portal.label.labelling import Labelling
from tests.unit.portal.routes import Route, Stage, answers, by_stage, signed_in

pytestmark = pytest.mark.usefixtures("at_now")
PEOPLE = ("visitor", "anne", "bob", "stranger", "preparer", "auditor")
TYPED = {
    **{f"level_{element.code}": "3" for element in scheme().elements},
    **{f"note_{element.code}": "Guide" for element in scheme().elements},
}
SVG = "{http://www.w3.org/2000/svg}"


ROUTES = (
    Route("started", "get", "/label/", (200, 200, 200, 200, 200, 200)),
    Route("started", "get", "/label/new/claims/", (302, 200, 403, 403, 403, 403)),
    Route("started", "post", "/label/new/claims/", (302, 302, 403, 403, 403, 403)),
    Route("started", "get", "/label/new/other/", (302, 404, 404, 404, 404, 404)),
    Route("started", "get", "/label/{pk}/", (404, 200, 404, 404, 404, 404)),
    Route("started", "get", "/label/{pk}.svg", (404, 200, 404, 404, 404, 404)),
    Route("started", "get", "/label/{pk}/declare/", (302, 200, 404, 404, 404, 404)),
    Route("started", "post", "/label/{pk}/declare/", (302, 302, 404, 404, 404, 404)),
    Route("started", "get", "/label/{pk}/evidence/", (302, 200, 404, 404, 404, 404)),
    Route("started", "post", "/label/{pk}/evidence/", (302, 422, 404, 404, 404, 404)),
    Route("started", "post", "/label/{pk}/submit/", (302, 422, 404, 404, 404, 404)),
    Route("declared", "get", "/label/{pk}/submit/", (302, 200, 404, 404, 404, 404)),
    Route("declared", "post", "/label/{pk}/submit/", (302, 302, 404, 404, 404, 404)),
    Route("submitted", "get", "/label/{pk}/", (404, 200, 404, 404, 200, 200)),
    Route("submitted", "get", "/label/{pk}.svg", (404, 200, 404, 404, 200, 200)),
    Route("submitted", "get", "/label/{pk}/declare/", (302, 403, 404, 404, 403, 403)),
    Route("submitted", "get", "/label/{pk}/evidence/", (302, 403, 404, 404, 403, 403)),
    Route("submitted", "get", "/label/{pk}/grant/", (302, 403, 404, 404, 200, 403)),
    Route("submitted", "post", "/label/{pk}/grant/", (302, 403, 404, 404, 302, 403)),
    Route("submitted", "get", "/label/{pk}/return/", (302, 403, 404, 404, 200, 403)),
    Route("submitted", "post", "/label/{pk}/return/", (302, 403, 404, 404, 422, 403)),
    Route("submitted", "get", "/label/{pk}/withdraw/", (302, 200, 404, 404, 403, 403)),
    Route("granted", "get", "/label/{pk}/", (200, 200, 200, 200, 200, 200)),
    Route("granted", "get", "/label/{pk}.svg", (200, 200, 200, 200, 200, 200)),
    Route("granted", "get", "/label/{pk}/revoke/", (302, 403, 403, 403, 200, 403)),
    Route("granted", "post", "/label/{pk}/revoke/", (302, 403, 403, 403, 422, 403)),
    Route("granted", "get", "/label/{pk}/expire/", (302, 404, 404, 404, 404, 404)),
    Route("revoked", "get", "/label/{pk}/", (200, 200, 200, 200, 200, 200)),
    Route("revoked", "get", "/label/{pk}.svg", (200, 200, 200, 200, 200, 200)),
    Route("revoked", "get", "/label/{pk}/revoke/", (302, 403, 403, 403, 403, 403)),
)


@pytest.mark.parametrize("stage", by_stage(ROUTES), ids=str)
def test_each_address_answers_each_person_as_the_law_says(
    labelling: Labelling, stage: Stage
) -> None:
    label = getattr(labelling, stage.name)()

    found = answers(stage, [getattr(labelling, one, None) for one in PEOPLE], pk=label.pk)

    assert found == stage.answers


def test_a_holder_declares_proves_and_submits_and_the_hub_grants(labelling: Labelling) -> None:
    anne = signed_in(labelling.anne)
    begun = anne.post("/label/new/claims/")
    label = QualityLabel.objects.get()
    anne.post(f"/label/{label.pk}/declare/", {**TYPED, "is_publicly_funded": "on"})
    file = SimpleUploadedFile("evidence.json", labelling.evidence())
    anne.post(f"/label/{label.pk}/evidence/", {"file": file})
    anne.post(f"/label/{label.pk}/submit/")
    hub = signed_in(labelling.preparer)
    queue = hub.get("/label/").content.decode()
    hub.post(f"/label/{label.pk}/grant/")

    page = Client().get(f"/label/{label.pk}/").content.decode()

    assert begun["Location"] == f"/label/{label.pk}/declare/"
    assert f'href="/label/{label.pk}/"' in queue
    assert "Mesuré" in page
    assert "label obligatoire (article 78(2))" in page
    assert labelling.anne.full_name not in page
    label.refresh_from_db()
    # Timeliness is measured at 0 of 3: section b has 15 of 18 points, the others all.
    assert (label.state, label.percent, label.letter) == ("granted", 97, "A")


def test_a_file_that_is_no_evidence_is_told_beside_its_field(labelling: Labelling) -> None:
    label = labelling.started()
    file = SimpleUploadedFile("evidence.json", b"{}")

    answered = signed_in(labelling.anne).post(f"/label/{label.pk}/evidence/", {"file": file})

    assert answered.status_code == 422
    assert "signed document" in answered.content.decode()


def picture(labelling: Labelling, label: QualityLabel, query: str = "") -> ET.Element:
    """The picture of a label, read."""
    answered = Client().get(f"/label/{label.pk}.svg{query}")
    assert answered["Content-Type"] == "image/svg+xml; charset=utf-8"
    assert answered["Cross-Origin-Resource-Policy"] == "cross-origin"
    return ET.fromstring(answered.content)  # noqa: S314 — we drew it


def words(drawn: ET.Element) -> list[str]:
    """What is written in a picture."""
    return [each.text or "" for each in drawn.iter(f"{SVG}text")]


def test_the_picture_shows_the_letter_and_a_scale_for_each_section(labelling: Labelling) -> None:
    drawn = picture(labelling, labelling.granted())

    assert "C" in words(drawn)
    assert words(drawn).count("67 %") == 6
    assert "Accordé le 2 avril 2029, valable jusqu’au 1 avril 2030" in words(drawn)
    assert "0 éléments mesurés, 23 déclarés" in words(drawn)
    assert drawn.get("role") == "img"
    described = drawn.find(f"{SVG}desc")
    assert described is not None
    assert "Documentation : 67 %" in (described.text or "")


def test_the_picture_speaks_english_where_asked(labelling: Labelling) -> None:
    drawn = picture(labelling, labelling.granted(), "?lang=en")

    assert "Data quality and utility label" in words(drawn)
    assert "Technical quality" in words(drawn)


def test_a_revoked_label_shows_no_letter(labelling: Labelling) -> None:
    drawn = picture(labelling, labelling.revoked())

    assert "C" not in words(drawn)
    assert "Révoqué" in words(drawn)


def test_a_title_with_signs_of_markup_is_only_words(labelling: Labelling) -> None:
    labelling.dataset.title_fr = '<script>alert("x")</script> & co'
    labelling.dataset.save()

    drawn = picture(labelling, labelling.granted())

    assert '<script>alert("x")</script> & co' in words(drawn)
    assert list(drawn.iter(f"{SVG}script")) == []
