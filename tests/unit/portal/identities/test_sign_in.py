"""Citizens sign in with the State's provider, give their number, and leave no identity behind."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from django.contrib.sessions.models import Session
from django.test import Client
from pytest_django import Settings

from ecluse.domain.roles import Role
from ecluse.portal.accounts.models import User
from ecluse.portal.identities import limits, views
from ecluse.portal.identities.models import Binding
from ecluse.portal.identities.sessions import NAME
from ecluse.trust.pseudonyms.national_numbers import synthetic_national_number
from tests.citizens import ThirdParty, Visit, back_from
from tests.identity_provider import IdentityProvider

Create = Callable[..., User]
JEANNE, RENE = synthetic_national_number(1), synthetic_national_number(500_002)
NEIGHBOUR = f"{JEANNE[:10]}777"
"""Born in the same month and place as Jeanne, of the same sex."""


def test_a_citizen_signs_in_with_the_state_and_is_asked_their_number(jeanne: Visit) -> None:
    entered = jeanne.sign_in(JEANNE)

    asked = jeanne.client.get(entered["Location"], follow=True)

    assert entered["Location"] == "/citizens/"
    assert asked.redirect_chain == [("/identities/number/?next=%2Fcitizens%2F", 302)]
    assert "Votre numéro de sécurité sociale" in asked.content.decode()


def test_the_sign_in_page_offers_the_states_sign_in_first(
    client: Client, state: IdentityProvider
) -> None:
    page = client.get("/accounts/sign-in/?next=/citizens/").content.decode()

    assert 'href="/identities/start/?next=%2Fcitizens%2F"' in page
    assert page.index("FranceConnect") < page.index("Adresse électronique")


def test_a_site_without_the_states_sign_in_does_not_offer_it(
    signers: object, client: Client
) -> None:
    page = client.get("/accounts/sign-in/").content.decode()

    assert "FranceConnect" not in page
    assert client.get("/identities/start/").status_code == 404
    assert client.get("/identities/return/").status_code == 404


def test_the_account_is_the_same_at_each_visit_and_bears_no_name(
    jeanne: Visit, state: IdentityProvider
) -> None:
    jeanne.sign_in(JEANNE)
    jeanne.client.logout()
    jeanne.sign_in(JEANNE)
    jeanne.client.logout()
    jeanne.sign_in(RENE)

    accounts = User.objects.get_queryset().order_by("pk")
    assert accounts.count() == 2
    assert {one.full_name for one in accounts} == {"Citoyenne ou citoyen"}
    assert not any(one.has_usable_password() for one in accounts)
    assert {frozenset(one.roles()) for one in accounts} == {frozenset({Role.CITIZEN})}


def test_who_reads_the_sessions_reads_neither_identity_nor_number(jeanne: Visit) -> None:
    jeanne.enter(JEANNE)

    told = str(Session.objects.get().get_decoded())

    assert "Petit" not in told
    assert JEANNE not in told
    assert "1934" not in told


def test_the_sealed_identity_of_one_account_opens_for_no_other(
    jeanne: Visit, account: Create, client: Client
) -> None:
    jeanne.enter(JEANNE)
    stolen = client.session[NAME]
    client.logout()
    client.force_login(account(Role.CITIZEN))
    session = client.session
    session[NAME] = stolen
    session.save()

    answer = client.get("/citizens/")

    assert answer.status_code == 302
    assert answer["Location"].startswith("/identities/number/")


def test_the_session_ends_an_hour_after_the_sign_in(jeanne: Visit) -> None:
    jeanne.sign_in(JEANNE)

    left = Session.objects.get().expire_date - datetime.now(UTC)

    assert timedelta(minutes=59) < left <= timedelta(hours=1)


def test_signing_out_ends_the_session_at_the_provider_too(
    jeanne: Visit, state: IdentityProvider
) -> None:
    jeanne.sign_in(JEANNE)

    answer = jeanne.client.post("/accounts/sign-out/")
    back = back_from(answer["Location"])

    assert answer["Location"].startswith(f"{state.issuer}/session/end?")
    assert len(state.ended) == 1
    assert "n’est plus gardée" in jeanne.client.get(back).content.decode()
    assert "_auth_user_id" not in jeanne.client.session


def test_signing_out_of_an_account_of_this_site_stays_here(
    account: Create, client: Client, state: IdentityProvider
) -> None:
    client.force_login(account(Role.ASSESSOR))

    assert client.post("/accounts/sign-out/")["Location"] == "/"


def test_an_answer_of_the_provider_serves_once(jeanne: Visit) -> None:
    begun = jeanne.client.get("/identities/start/")
    back = back_from(begun["Location"])
    jeanne.client.get(back)
    jeanne.client.logout()

    again = jeanne.client.get(back)

    assert again.status_code == 403
    assert "REPLAYED" in again.content.decode().upper()


def test_an_answer_brought_by_another_browser_is_refused(jeanne: Visit) -> None:
    begun = jeanne.client.get("/identities/start/")

    answer = Client().get(back_from(begun["Location"]))

    assert answer.status_code == 403
    assert User.objects.get_queryset().count() == 0


def test_an_attempt_that_waited_too_long_is_refused(
    jeanne: Visit, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(views, "ATTEMPT_LASTS", timedelta(0))
    begun = jeanne.client.get("/identities/start/")

    assert jeanne.client.get(back_from(begun["Location"])).status_code == 403


def test_who_declines_at_the_provider_is_told_that_nothing_was_sent(jeanne: Visit) -> None:
    jeanne.client.get("/identities/start/")

    answer = jeanne.client.get("/identities/return/?error=access_denied&state=x")

    assert "Vous avez arrêté la connexion" in answer.content.decode()


def test_a_sign_in_leads_to_no_other_site(jeanne: Visit) -> None:
    begun = jeanne.client.get("/identities/start/?next=https://evil.example/")

    answer = jeanne.client.get(back_from(begun["Location"]))

    assert answer["Location"] == "/citizens/"


def test_a_closed_account_does_not_sign_in(jeanne: Visit) -> None:
    jeanne.sign_in(JEANNE)
    jeanne.client.logout()
    User.objects.get_queryset().update(is_active=False)

    assert jeanne.sign_in(JEANNE).status_code == 403


def test_a_number_that_agrees_with_the_identity_opens_ones_rights(jeanne: Visit) -> None:
    page = jeanne.enter(JEANNE)

    assert page.redirect_chain[-1] == ("/citizens/", 302)
    assert "Refuser toute réutilisation" in page.content.decode()
    assert JEANNE not in page.content.decode()


def test_the_number_of_somebody_else_is_refused(jeanne: Visit) -> None:
    jeanne.sign_in(JEANNE)

    answer = jeanne.give(RENE)

    assert answer.status_code == 422
    assert "ne correspond pas à votre identité" in answer.content.decode()
    assert Binding.objects.count() == 0


def test_without_a_directory_the_first_number_shown_is_the_only_one(jeanne: Visit) -> None:
    jeanne.enter(JEANNE)
    jeanne.client.logout()
    jeanne.sign_in(JEANNE)

    assert jeanne.give(NEIGHBOUR).status_code == 422
    assert jeanne.give(JEANNE).status_code == 200


def test_the_directory_says_whose_number_it_is(jeanne: Visit, third_party: ThirdParty) -> None:
    third_party.know("self", JEANNE)
    jeanne.sign_in(JEANNE)

    assert jeanne.give(NEIGHBOUR).status_code == 422
    assert jeanne.give(JEANNE).status_code == 200
    assert third_party.asked[-1] == {
        "number": JEANNE,
        "capacity": "self",
        "family_name": "Petit",
        "given_names": "Jeanne Marie",
        "birthdate": f"19{JEANNE[1:3]}-{JEANNE[3:5]}-12",
        "gender": "male",
        "birthcountry": "99000",
        "token": "Bearer of the third party",
    }


def test_a_number_that_replaces_another_is_bound_once_the_directory_agrees(
    jeanne: Visit, third_party: ThirdParty
) -> None:
    third_party.know("self", NEIGHBOUR)
    third_party.know("self", JEANNE)
    jeanne.enter(NEIGHBOUR)
    before = Binding.objects.get().digest

    assert jeanne.give(JEANNE).status_code == 200
    assert Binding.objects.get().digest != before


def test_a_directory_that_does_not_answer_binds_nothing(jeanne: Visit, settings: Settings) -> None:
    settings.ECLUSE_DIRECTORY = "http://127.0.0.1:9/"
    jeanne.sign_in(JEANNE)

    assert jeanne.give(JEANNE).status_code == 503
    assert Binding.objects.count() == 0


def test_an_account_of_this_site_proves_nobodys_number(account: Create, client: Client) -> None:
    client.force_login(account(Role.CITIZEN))

    page = client.get("/identities/number/").content.decode()
    answer = client.post("/identities/number/", {"number": JEANNE})

    assert "ne prouve pas qui vous êtes" in page
    assert answer.status_code == 422
    assert Binding.objects.count() == 0


def test_an_account_of_a_demonstration_acts_for_invented_numbers_alone(
    account: Create, client: Client, settings: Settings
) -> None:
    settings.ECLUSE_DEMO = True
    client.force_login(account(Role.CITIZEN))

    assert client.post("/identities/number/", {"number": JEANNE}).status_code == 302
    assert client.post("/identities/number/", {"number": "1850575114042"}).status_code == 422


def test_numbers_are_limited_each_day(jeanne: Visit, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "NUMBERS", limits.Limit("number", 2, timedelta(days=1)))
    jeanne.sign_in(JEANNE)
    jeanne.give(RENE)
    jeanne.give(RENE)

    refused = jeanne.give(JEANNE)

    assert refused.status_code == 422
    assert "Trop de numéros" in refused.content.decode()


def test_a_typing_error_is_told_at_the_field(jeanne: Visit) -> None:
    jeanne.sign_in(JEANNE)

    answer = jeanne.give("185")

    assert answer.status_code == 422
    assert "13 caractères, sans la clé" in answer.content.decode()


def test_a_browser_may_post_its_sign_out_to_the_provider_and_nowhere_else() -> None:
    from ecluse.portal.site.settings import environment  # noqa: PLC0415 - beside what it tests

    found = environment.origins("https://state.example/api/v2", "")

    assert found == ["https://state.example"]
