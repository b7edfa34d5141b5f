"""A file, its people, and a real mail server."""

from collections.abc import Iterator

import pytest
from pytest_django import Settings

from tests.unit.portal.cases.desk import desk
from tests.unit.portal.messages.mailserver import Box, mail_server

__all__ = ["desk"]


@pytest.fixture
def box(settings: Settings) -> Iterator[Box]:
    """A mail server of this machine, to which the site hands its mails."""
    with mail_server() as box:
        settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
        settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", box.port
        settings.EMAIL_USE_TLS = settings.EMAIL_USE_SSL = False
        settings.DEFAULT_FROM_EMAIL = "ne-pas-repondre@hub.example"
        yield box
