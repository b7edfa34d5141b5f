"""What people type in French finds what they look for, and first."""

from collections.abc import Iterator
from math import log2

import pytest
from django.db import transaction
from django.test import override_settings
from pytest_django import DjangoDbBlocker

from ecluse.domain.documents import Signer
from ecluse.portal.catalogue.models import Dataset
from ecluse.portal.search.finding import find
from ecluse.portal.search.questions import Question
from ecluse.trust import keys
from tests.spec.search.corpus import NOW, publish_all, rows

pytestmark = pytest.mark.django_db
QUERIES = rows("queries.tsv")
KEPT = 0.97
"""What the whole set reached when it was written, rounded down: a change may only raise it."""
BEST, GOOD = 3, 1


@pytest.fixture(scope="module")
def catalogue(
    tmp_path_factory: pytest.TempPathFactory,
    django_db_setup: None,
    django_db_blocker: DjangoDbBlocker,
) -> Iterator[None]:
    """The whole corpus, indexed once for this file and then forgotten."""
    home = tmp_path_factory.mktemp("home")
    keys.create_key(home / "portal" / "keys", Signer.PORTAL, now=NOW)
    with django_db_blocker.unblock(), override_settings(ECLUSE_HOME=home), transaction.atomic():
        publish_all()
        yield
        transaction.set_rollback(True)


def slugs(words: str) -> list[str]:
    answer = find(Question(words))
    names = Dataset.objects.in_bulk(answer.keys)
    return [names[key].slug for key in answer.keys]


def gain(found: list[int]) -> float:
    return sum(worth / log2(place + 2) for place, worth in enumerate(found[:10]))


def ndcg(row: dict[str, str]) -> float:
    """Normalised discounted cumulative gain of the first ten (Järvelin and Kekäläinen, 2002)."""
    worth = dict.fromkeys(row["good"].split(), GOOD) | dict.fromkeys(row["best"].split(), BEST)
    found = [worth.get(slug, 0) for slug in slugs(row["query"])]
    return gain(found) / gain(sorted(worth.values(), reverse=True))


@pytest.mark.usefixtures("catalogue")
@pytest.mark.parametrize("row", QUERIES, ids=lambda row: row["query"])
def test_the_first_found_is_one_of_the_best(row: dict[str, str]) -> None:
    assert slugs(row["query"])[0] in row["best"].split()


@pytest.mark.usefixtures("catalogue")
def test_the_whole_set_is_as_good_as_it_was() -> None:
    values = [ndcg(row) for row in QUERIES]

    assert len(values) >= 40
    assert sum(values) / len(values) >= KEPT
