"""Fixtures of the checking room, imported by the tests of its apps."""

from pathlib import Path
from typing import Protocol

import pytest

from ecluse.portal.accounts.models import User
from tests.unit.portal import zone as world
from tests.unit.portal.zone import Zone


class SiteSettings(Protocol):
    """What a test changes in the settings of the site."""

    ECLUSE_SITE: str
    ECLUSE_HOME: Path
    ECLUSE_RECEIVERS: str
    ROOT_URLCONF: str


@pytest.fixture
def zone(settings: SiteSettings, tmp_path: Path, db: None) -> Zone:
    """The site under test is the checking room, in a home of its own."""
    settings.ECLUSE_SITE = "checking"
    settings.ECLUSE_HOME = tmp_path
    settings.ECLUSE_RECEIVERS = "ecluse.portal.site.receivers_checking.HANDLERS"
    settings.ROOT_URLCONF = "ecluse.portal.site.urls_checking"
    return world.make_zone(tmp_path)


@pytest.fixture
def people(zone: Zone) -> dict[str, User]:
    """One account for each part."""
    return world.people()
