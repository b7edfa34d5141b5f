"""The label in force of a dataset: on its page, in its RDF, and no more once it is revoked."""

import pytest
from django.test import Client

from tests.unit.portal.label.labelling import Labelling

pytestmark = pytest.mark.usefixtures("at_now")
NOTE = "http://www.w3.org/ns/dqv#hasQualityAnnotation"


def read(address: str) -> str:
    """What a visitor reads at an address."""
    return Client().get(address).content.decode()


def test_the_page_of_a_dataset_shows_its_label(labelling: Labelling) -> None:
    label = labelling.granted()

    assert f'src="/label/{label.pk}.svg"' in read("/catalogue/claims/")


def test_the_rdf_of_a_dataset_carries_its_label_as_a_quality_certificate(
    labelling: Labelling,
) -> None:
    before = read("/catalogue/claims.nt")
    label = labelling.granted()

    after = read("/catalogue/claims.nt")

    assert NOTE not in before
    assert NOTE in after
    assert f"/label/{label.pk}/>" in after
    assert "http://www.w3.org/ns/dqv#QualityCertificate" in after


def test_a_revoked_label_leaves_the_page_and_the_rdf(labelling: Labelling) -> None:
    label = labelling.granted()
    read("/catalogue/claims.nt")

    labelling.act(label, "revoke", by=labelling.preparer, reason="Contrôles inexacts.")

    assert f"/label/{label.pk}" not in read("/catalogue/claims/")
    assert NOTE not in read("/catalogue/claims.nt")
