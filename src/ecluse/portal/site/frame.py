"""What the frame around every page says: the site, its switches, its messages, its legal links."""

from urllib.parse import urlencode

from django.apps import apps
from django.conf import settings
from django.contrib.messages import get_messages
from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import pgettext
from jinja2 import pass_context
from jinja2.runtime import Context

from ecluse.portal.site.menu import Link

MESSAGES = "ecluse.portal.messages"


def site() -> str:
    """Return which of the two sites answers: `public` or `checking`."""
    return str(settings.ECLUSE_SITE)


def site_name() -> str:
    """Return what people call this site: the counter, or the room where outputs are checked."""
    return _("Salle de contrôle des sorties") if site() == "checking" else _("Guichet")


def is_demo() -> bool:
    """Whether this site shows an invented country to visitors."""
    return bool(settings.ECLUSE_DEMO)


def theme_choices() -> list[tuple[str, str]]:
    """Return the looks a visitor of the demonstration may try, with their names."""
    return [("neutral", _("Neutre")), ("dsfr", pgettext("theme", "État"))]


@pass_context
def theme_address(context: Context, name: str) -> str:
    """Return the link that changes the look, then comes back to this page."""
    return f"{reverse('site:theme', args=[name])}?{urlencode({'next': _here(context)})}"


@pass_context
def language_address(context: Context, code: str) -> str:
    """Return the link that changes the language, then comes back to this page."""
    return f"{reverse('site:language', args=[code])}?{urlencode({'next': _here(context)})}"


@pass_context
def is_here(context: Context, address: str) -> bool:
    """Whether the page answered is the one at this address, or below it."""
    path = _here(context).partition("?")[0]
    return path == address or (address != "/" and path.startswith(address))


@pass_context
def is_in(context: Context, line: Link) -> bool:
    """Whether the page answered is one of a group of the menu."""
    return any(is_here(context, address) for _text, address in line.links)


@pass_context
def messages(context: Context) -> list[tuple[str, str]]:
    """Return what the last action has to say: pairs of a kind of alert and a text."""
    request = _request(context)
    if request is None:
        return []
    return [(_alert_kind(message.level_tag), str(message)) for message in get_messages(request)]


@pass_context
def unread_messages(context: Context) -> int | None:
    """Return how many messages the person of this page has not read; None where there are none.

    A visitor has no messages, the checking room neither, nor a site without that app.
    """
    user = getattr(_request(context), "user", None)
    has_messages = site() == "public" and apps.is_installed(MESSAGES)
    if user is None or not user.is_authenticated or not has_messages:
        return None
    return int(apps.get_model("notices", "Notice").objects.of(user).unread().count())


def legal_links() -> list[tuple[str, str]]:
    """Return the four links that the law asks of every page of a public body."""
    return [
        (_("Plan du site"), reverse("site:map")),
        (_("Accessibilité : partiellement conforme"), reverse("site:accessibility")),
        (_("Mentions légales"), reverse("site:legal")),
        (_("Données personnelles"), reverse("site:privacy")),
    ]


def _request(context: Context) -> HttpRequest | None:
    request: HttpRequest | None = context.get("request")
    return request


def _here(context: Context) -> str:
    request = _request(context)
    return "/" if request is None else request.get_full_path()


def _alert_kind(level_tag: str) -> str:
    return level_tag if level_tag in {"success", "warning", "error"} else "info"
