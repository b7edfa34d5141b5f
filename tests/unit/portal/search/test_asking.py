"""From a comparison, which anybody may share, to an application that names its datasets."""

from collections.abc import Callable
from dataclasses import replace
from urllib.parse import parse_qs, urlsplit

import pytest
from django.test import Client

from ecluse.domain.documents import Signer
from ecluse.domain.roles import Role
from ecluse.portal.accounts.models import User
from ecluse.portal.applications.models import Application
from ecluse.portal.catalogue.actions import publish
from ecluse.portal.mailbox.actions import receive
from tests.sites import PASSWORD, Signers
from tests.spec.search.corpus import NOW, description_of, rows
from tests.unit.portal.build import NOTICE

PAIR = "/search/compare/?dataset=entred&dataset=reunion-diabete"


@pytest.fixture
def pair(signers: Signers) -> None:
    """Two datasets on diabetes, of which the survey is loaded."""
    known = {row["slug"]: row for row in rows("corpus.tsv")}
    for slug in ("entred", "reunion-diabete"):
        publish(slug, description_of(known[slug]), by="holder", now=NOW)
    notice = replace(NOTICE, dataset="entred")
    receive(signers.sign(notice, issuer=Signer.AGENT, now=NOW), now=NOW)


def test_a_comparison_survives_the_sign_in_and_becomes_an_application(
    pair: None, account: Callable[..., User], client: Client
) -> None:
    user = account(Role.DATA_USER)
    page = client.get(PAIR).content.decode()
    link = page.partition('href="/accounts/sign-in/?')[2].partition('"')[0]
    wanted = parse_qs(link.replace("&amp;", "&"))["next"][0]

    back = client.post(
        "/accounts/sign-in/",
        {"email": user.email, "password": PASSWORD, "next": wanted},
    )
    basket = client.post("/drafts/basket/", {"dataset": ["entred", "reunion-diabete"]}, follow=True)
    client.post("/applications/start/entred/")

    held = basket.content.decode()
    answers = str(Application.objects.get().answers)
    assert urlsplit(back["Location"])[2:4] == urlsplit(PAIR)[2:4]
    assert "/catalogue/entred/" in held
    assert "/catalogue/reunion-diabete/" in held
    assert "Enquête auprès de personnes diabétiques" in answers
    assert "Cohorte réunionnaise" in answers
