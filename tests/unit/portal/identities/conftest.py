"""A provider that answers, and this site registered there."""

import pytest

from ecluse.portal.identities.provider import Provider, Registration
from tests.citizens import jeanne, state, third_party
from tests.identity_provider import CLIENT_ID, CLIENT_SECRET, IdentityProvider

__all__ = ["jeanne", "provider", "state", "third_party"]


@pytest.fixture
def provider(state: IdentityProvider) -> Provider:
    """The State's provider as this site sees it."""
    return Provider(
        Registration(
            state.issuer,
            CLIENT_ID,
            CLIENT_SECRET,
            "http://127.0.0.1:8000/identities/return/",
            "http://127.0.0.1:8000/identities/left/",
        )
    )
