"""What a summary page carries comes back as it went, to whom it was shown, for an hour."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

import pytest
from django.core import signing
from django.http import Http404

from ecluse.portal.accounts.models import User
from ecluse.portal.drafts.readback import SECONDS, ReadBack, seal, unseal


@dataclass(frozen=True)
class Order:
    """What was filled in."""

    what: str


@dataclass(frozen=True)
class Other:
    """What another page carries."""

    what: str


@pytest.fixture
def camille(account: Callable[..., User]) -> User:
    return account(email="camille.moreau@univ.example")


def test_what_was_read_back_is_what_is_confirmed_and_its_key_with_it(camille: User) -> None:
    text = seal(ReadBack("FR-2026-0001", camille, Order("Deux tables")))

    first = unseal(text, Order, about="FR-2026-0001", by=camille)
    again = unseal(text, Order, about="FR-2026-0001", by=camille)

    assert first is not None
    assert first[0] == Order("Deux tables")
    assert first == again


def test_two_readings_have_two_keys(camille: User) -> None:
    texts = [seal(ReadBack("FR-2026-0001", camille, Order("Deux tables"))) for _ in range(2)]

    assert texts[0] != texts[1]


@pytest.mark.parametrize(("kind", "about"), [(Other, "FR-2026-0001"), (Order, "FR-2026-0002")])
def test_another_page_or_another_file_takes_nothing_of_it(
    camille: User, kind: type[object], about: str
) -> None:
    text = seal(ReadBack("FR-2026-0001", camille, Order("Deux tables")))

    with pytest.raises(Http404):
        unseal(text, kind, about=about, by=camille)


def test_another_person_takes_nothing_of_it(camille: User, account: Callable[..., User]) -> None:
    text = seal(ReadBack("FR-2026-0001", camille, Order("Deux tables")))

    with pytest.raises(Http404):
        unseal(text, Order, about="FR-2026-0001", by=account(email="louis@univ.example"))


def test_a_page_changed_on_the_way_back_or_too_old_is_nothing(
    camille: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    text = seal(ReadBack("FR-2026-0001", camille, Order("Deux tables")))
    changed = unseal(
        f"{text[:-1]}{chr(ord(text[-1]) ^ 1)}", Order, about="FR-2026-0001", by=camille
    )
    now = signing.time.time()
    late = timedelta(seconds=SECONDS + 1).total_seconds()
    monkeypatch.setattr(signing.time, "time", lambda: now + late)

    assert changed is None
    assert unseal(text, Order, about="FR-2026-0001", by=camille) is None
