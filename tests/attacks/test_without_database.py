"""The database stops while somebody reads a page: a sentence in their language, no trace."""

from django.db import OperationalError
from django.test import RequestFactory
from django.utils.functional import SimpleLazyObject

from ecluse.portal.site import views
from tests.sites import Signers


def nobody_knows() -> object:
    """Who is signed in, asked of a database that is away."""
    raise OperationalError("connection refused: row of 1850599000042")


def test_a_visitor_is_told_in_words_when_the_database_is_away(
    signers: Signers, rf: RequestFactory
) -> None:
    request = rf.get("/permits/")
    request.user = SimpleLazyObject(nobody_knows)  # type: ignore[assignment]

    answer = views.defect(request)

    assert answer.status_code == 503
    assert answer.content.decode().startswith("Une erreur est survenue de notre côté.")
    assert b"1850599000042" not in answer.content
