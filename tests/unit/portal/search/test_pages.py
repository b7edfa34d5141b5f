"""The search as a visitor uses it: facets, typing mistakes, reasons, variables, comparison."""

import re
from dataclasses import replace
from datetime import timedelta

import pytest
from django.db import connection
from django.http import QueryDict
from django.test import Client
from django.test.utils import CaptureQueriesContext
from pytest_django import Settings

from ecluse.domain.documents import Signer
from ecluse.domain.metadata import Text
from ecluse.portal.catalogue import actions
from ecluse.portal.catalogue.models import Dataset, DescriptionRecord
from ecluse.portal.mailbox.actions import receive
from ecluse.portal.search import indexing
from ecluse.portal.search.finding import find
from ecluse.portal.search.indexing import refresh
from ecluse.portal.search.models import Entry, Facet
from ecluse.portal.search.questions import Question, question_of
from tests.sites import Signers
from tests.spec.search.corpus import NOW, description_of, rows
from tests.unit.portal.build import CLAIMS, NOTICE

FEW = ("entred", "glucose-capteurs", "reunion-diabete", "eds-lille", "epipage", "snds")
ROWS = {row["slug"]: row for row in rows("corpus.tsv")}


@pytest.fixture(autouse=True)
def few(signers: Signers) -> None:
    """Six datasets: three on diabetes, a hospital's, children's, the national claims."""
    for slug in FEW:
        actions.publish(slug, description_of(ROWS[slug]), by="holder", now=NOW)
    refresh(now=NOW)


def read(client: Client, address: str) -> str:
    page = re.sub(r"<[^>]+>", " ", client.get(address).content.decode())
    return re.sub(r"\s+", " ", page)


def slugs(question: Question) -> set[str]:
    return set(Dataset.objects.filter(pk__in=find(question).keys).values_list("slug", flat=True))


def offered(question: Question, facet: Facet) -> dict[str, int]:
    return {one.code: one.count for one in find(question).offers[facet]}


def test_two_values_of_one_facet_add_up() -> None:
    one, two = frozenset({"FRY4"}), frozenset({"FRY4", "FRE"})

    assert slugs(Question(chosen={Facet.PLACE: one})) == {"reunion-diabete"}
    assert slugs(Question(chosen={Facet.PLACE: two})) == {"reunion-diabete", "eds-lille"}


def test_a_facet_counts_what_the_other_facets_leave() -> None:
    """Of three that hold the word two are of category p: one of La Réunion, one of the country."""
    question = Question("diabète", chosen={Facet.CATEGORY: frozenset({"p"})})

    assert offered(question, Facet.CATEGORY) == {"p": 2, "h": 1}
    assert offered(question, Facet.PLACE) == {"FRA": 1, "FRY4": 1}


def test_years_keep_what_overlaps_and_what_still_comes() -> None:
    assert slugs(Question("diabète", from_year=2020)) == {"glucose-capteurs"}
    assert slugs(Question("diabète", to_year=2000)) == {"reunion-diabete"}


def letters() -> dict[int, str]:
    """The survey has the label A, the cohort of La Réunion the label B."""
    keys = dict(Dataset.objects.values_list("slug", "pk"))
    return {keys["entred"]: "A", keys["reunion-diabete"]: "B"}


def test_a_label_narrows_and_counts_as_any_other_facet(settings: Settings) -> None:
    settings.ECLUSE_LABEL_LETTERS = f"{__name__}.letters"
    question = Question("diabète", chosen={Facet.LABEL: frozenset({"A"})})

    assert slugs(question) == {"entred"}
    assert offered(question, Facet.LABEL) == {"A": 1, "B": 1}
    assert offered(question, Facet.PLACE) == {"FRA": 1}


def test_without_any_label_there_is_no_such_facet() -> None:
    assert Facet.LABEL not in find(Question()).offers


def test_children_are_a_population() -> None:
    assert slugs(Question(chosen={Facet.POPULATION: frozenset({"children"})})) == {"epipage"}


def test_a_letter_missing_is_told_and_mended(client: Client) -> None:
    page = read(client, "/catalogue/?q=diabte")

    assert "« diabte » n’est écrit nulle part" in page
    assert "Enquête auprès de personnes diabétiques" in page


def test_when_no_dataset_holds_all_words_those_that_hold_some_are_shown(client: Client) -> None:
    page = read(client, "/catalogue/?q=diabète+anesthésie")

    assert "Aucun jeu de données ne contient tous ces mots" in page
    assert "Entrepôt de données de santé du CHU de Lille" in page


def test_a_result_says_where_each_word_was_found(client: Client) -> None:
    page = read(client, "/catalogue/?q=glyquée")

    assert "« glyquee » ou un synonyme est dans les variables" in page
    assert "QUEST.HBA1C" in page


def test_a_variable_is_found_by_the_start_of_its_name(client: Client) -> None:
    page = read(client, "/search/variables/?q=BEN_NIR")

    assert "1 variable" in page
    assert "numéro pseudonymisé du bénéficiaire" in page


def test_datasets_stand_side_by_side_in_the_order_asked(client: Client) -> None:
    page = read(client, "/search/compare/?dataset=snds&dataset=entred&dataset=unknown")

    assert page.index("Base principale") < page.index("Enquête auprès")
    assert "depuis 2006" in page
    assert "2001 – 2019" in page


def test_a_changed_description_is_found_by_its_new_words_only() -> None:
    changed = replace(description_of(ROWS["epipage"]), titles=(Text("Grands prématurés", "fr"),))
    later = NOW + timedelta(hours=1)
    actions.publish("epipage", changed, by="holder", now=later)
    refresh(now=later)

    assert slugs(Question("grands")) == {"epipage"}
    assert slugs(Question("petits")) == set()


def test_a_withdrawn_dataset_is_not_found() -> None:
    actions.withdraw(Dataset.objects.get(slug="epipage"), by="holder", now=NOW)

    assert "epipage" not in slugs(Question())


def test_what_did_not_change_is_not_indexed_again() -> None:
    refresh(now=NOW + timedelta(hours=1))

    assert refresh(now=NOW + timedelta(hours=2)) == 0
    assert Entry.objects.count() == len(FEW)


def test_a_snapshot_that_arrives_makes_its_columns_findable(
    signers: Signers, client: Client
) -> None:
    actions.describe("snds-synthetic", CLAIMS, by="set-up", now=NOW)
    before = read(client, "/search/variables/?q=PHA_PRS")

    receive(signers.sign(NOTICE, issuer=Signer.AGENT, now=NOW), now=NOW)

    after = read(client, "/search/variables/?q=PHA_PRS")
    assert "PHA_PRS_C13" not in before
    assert "PHA_PRS_C13" in after


def test_what_waits_is_indexed_in_batches_up_to_what_is_asked(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    DescriptionRecord.objects.update(indexed_at=None)
    Entry.objects.all().delete()
    monkeypatch.setattr(indexing, "BATCH", 2)

    assert refresh(now=NOW, at_most=3) == 3
    assert refresh(now=NOW, at_most=None) == 3
    assert refresh(now=NOW, at_most=None) == 0
    assert Entry.objects.count() == len(FEW)


def test_one_dataset_more_costs_no_question_more_to_the_database(client: Client) -> None:
    """What makes a page of five thousand datasets as quick as one of six."""
    with CaptureQueriesContext(connection) as one:
        client.get("/catalogue/?q=epipage")
    with CaptureQueriesContext(connection) as many:
        client.get("/catalogue/?q=soins")

    assert len(many) == len(one)
    assert len(many) < 20


@pytest.mark.parametrize(
    "query",
    [
        "q=%00",
        "q=' OR 1=1 --",
        "q=" + "a" * 5000,
        "q=((((&|!:*",
        "from=99999&to=abc",
        "place=%F0%9F%92%A9&category=<script>",
        "page=-1&page=x",
        "q=%25_\\",
    ],
)
@pytest.mark.parametrize("path", ["catalogue/", "search/variables/", "search/compare/"])
def test_hostile_questions_are_answered(client: Client, path: str, query: str) -> None:
    answer = client.get(f"/{path}?{query}")

    assert answer.status_code == 200
    assert b"<script>" not in answer.content


def test_a_question_survives_its_address() -> None:
    question = Question("été à Lille", {Facet.HOLDER: frozenset({"CHU de Lille"})}, 2001, 2005)

    assert question_of(QueryDict(question.query())) == question
