"""The road of an application, for the tests of this app, on the public site."""

import pytest
from pytest_django import Settings

from tests.unit.portal.applications.road import at_now, road

__all__ = ["at_now", "road"]


@pytest.fixture(autouse=True)
def public_site(settings: Settings) -> None:
    """Assessments are pages of the public site."""
    settings.ROOT_URLCONF = "ecluse.portal.site.urls_public"
