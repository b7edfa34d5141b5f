"""A site of one page that holds every component, served without a database to the browser tests.

Run as a program: it prints its address, then serves until it is stopped.
"""

import socketserver
import sys
from collections.abc import Callable
from datetime import UTC, date, datetime
from itertools import count
from pathlib import Path
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer, make_server

import django
from django import forms
from django.conf import settings
from django.contrib import messages
from django.contrib.staticfiles.handlers import StaticFilesHandler
from django.core.handlers.wsgi import WSGIHandler
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import include, path
from django.utils import translation

from ecluse.domain.roles import Role
from ecluse.portal.site import theme

HERE = Path(__file__).parent
POLICY = (
    "default-src 'self'; script-src 'self'; style-src 'self'; object-src 'none'; base-uri 'none'"
)
SETTINGS = {
    "ALLOWED_HOSTS": ["127.0.0.1"],
    "DEBUG": False,
    "ECLUSE_DEMO": True,
    "ECLUSE_PUBLIC_URL": "http://127.0.0.1:8000",
    "ECLUSE_CHECKING_URL": "http://127.0.0.1:8001",
    "ECLUSE_SITE": "public",
    "ECLUSE_THEME": "neutral",
    "INSTALLED_APPS": [
        "django.contrib.messages",
        "django.contrib.staticfiles",
        "django_htmx",
        "ecluse.portal.site",
    ],
    "LANGUAGE_CODE": "fr",
    "LANGUAGES": [("fr", "Français"), ("en", "English")],
    "MESSAGE_STORAGE": "django.contrib.messages.storage.cookie.CookieStorage",
    "MIDDLEWARE": [
        "tests.journeys.gallery.choose_look",
        "django.contrib.messages.middleware.MessageMiddleware",
    ],
    "ROOT_URLCONF": "tests.journeys.gallery",
    "SECRET_KEY": "the gallery keeps no secret",
    "STATICFILES_FINDERS": [
        "django.contrib.staticfiles.finders.AppDirectoriesFinder",
        "ecluse.portal.site.staticfiles.StateDesignFinder",
    ],
    "STATIC_URL": "/static/",
    "TEMPLATES": [
        {
            "BACKEND": "django.template.backends.jinja2.Jinja2",
            "DIRS": [HERE / "templates"],
            "APP_DIRS": True,
            "OPTIONS": {"environment": "ecluse.portal.site.jinja.environment"},
        },
    ],
    "TIME_ZONE": "Europe/Paris",
    "USE_TZ": True,
}

READINGS = count(1)
DIGEST = "sha256:4b825dc642cb6eb9a060e54bf8d69288fbee4904c1e0d8f2d8a0f1b0c1d2e3f4"
CHOICES = [
    ("research", "Recherche"),
    ("care", "Pilotage des soins"),
    ("ai", "Entraînement d’une IA"),
]
COLUMNS = [(name, name) for name in (
    "BEN_SEX_COD", "BEN_NAI_ANN", "EXE_SOI_DTD", "EXE_SOI_DTF", "PRS_NAT_REF", "PRS_ACT_QTE",
    "PSE_SPE_COD", "BSE_REM_MNT", "ORG_CLE_NUM", "DPN_QLF",
)]  # fmt: skip


class EveryControl(forms.Form):
    """One field of each kind that a form of the portal may hold."""

    title = forms.CharField(label="Titre du projet", help_text="Une phrase que chacun comprend.")
    summary = forms.CharField(label="Résumé", widget=forms.Textarea, required=False)
    purpose = forms.ChoiceField(label="Finalité", choices=CHOICES)
    category = forms.ChoiceField(label="Catégorie", choices=CHOICES, widget=forms.RadioSelect)
    tables = forms.MultipleChoiceField(
        label="Tables demandées",
        choices=CHOICES,
        widget=forms.CheckboxSelectMultiple,
        required=False,
        help_text="Seules les tables nécessaires.",
    )
    columns = forms.MultipleChoiceField(
        label="Colonnes de ER_PRS_F", choices=COLUMNS, widget=forms.CheckboxSelectMultiple
    )
    countries = forms.MultipleChoiceField(label="Pays", choices=CHOICES)
    starts_on = forms.DateField(label="Premier jour")
    persons = forms.IntegerField(label="Personnes", min_value=1)
    password = forms.CharField(label="Mot de passe", widget=forms.PasswordInput)
    protocol = forms.FileField(label="Protocole", help_text="PDF, 10 Mo au plus.")
    agreed = forms.BooleanField(label="Les données ne sortiront pas de la zone sécurisée.")


class Visitor:
    """Who looks at the gallery: someone signed in as a researcher, or anyone."""

    def __init__(self, *, is_authenticated: bool) -> None:
        self.is_authenticated = is_authenticated

    def __str__(self) -> str:
        """Name the person, as the header does."""
        return "Camille Moreau"

    def roles(self) -> frozenset[Role]:
        """Return what the person may open."""
        return frozenset({Role.DATA_USER})


def choose_look(
    answer: Callable[[HttpRequest], HttpResponse],
) -> Callable[[HttpRequest], HttpResponse]:
    """Answer in the theme and language that the address asks for, under the sites' own policy."""

    def middleware(request: HttpRequest) -> HttpResponse:
        theme.activate(request.GET.get("theme"))
        translation.activate(request.GET.get("lang", "fr"))
        request.user = Visitor(is_authenticated="user" in request.GET)  # type: ignore[assignment]
        images = " img-src 'self' data:;" if theme.active() == "dsfr" else ""
        response = answer(request)
        response["Content-Security-Policy"] = f"{POLICY};{images}"
        return response

    return middleware


def gallery(request: HttpRequest) -> HttpResponse:
    """Every component, once or in each of its states."""
    messages.success(request, "La demande a été envoyée.")
    pages = Paginator(range(200), 10)
    context = {
        "digest_of_permit": DIGEST,
        "form": EveryControl(),
        "refused": EveryControl({"title": "", "starts_on": "2026-12-25"}, auto_id="id_refused_%s"),
        "first": pages.page(1),
        "day": date(2026, 12, 25),
        "instant": datetime(2026, 12, 25, 13, 5, tzinfo=UTC),
    }
    return render(request, "gallery.html", context)


def news(request: HttpRequest) -> HttpResponse:
    """What a part of the page that follows a job receives."""
    return HttpResponse("<p>Vérification terminée.</p>", status=286)


def bulletin(request: HttpRequest) -> HttpResponse:
    """What a part of the page receives from a job that never ends: the number of this reading."""
    return HttpResponse(f"<p>Relevé n° {next(READINGS)}</p>")


def home(request: HttpRequest) -> HttpResponse:
    """The home page of the site named by the address."""
    settings.ECLUSE_SITE = request.GET.get("site", "public")
    return render(request, f"site/home_{settings.ECLUSE_SITE}.html")


def site_page(request: HttpRequest, name: str) -> HttpResponse:
    """A page of the site that needs no data."""
    return render(request, f"site/{name}.html")


def error(request: HttpRequest) -> HttpResponse:
    """The page of an error that the rules raised."""
    message = "La liste des oppositions date d’hier : rechargez le registre, puis recommencez."
    page = {"status": 409, "code": "stale-opt-outs", "message": message}
    return render(request, "site/error.html", page)


def page(request: HttpRequest, *_: str, **__: str) -> HttpResponse:
    """A page that links lead to."""
    return HttpResponse()


site_urls = (
    [
        path("", home, name="home"),
        path("plan/", site_page, {"name": "map"}, name="map"),
        path("accessibilite/", site_page, {"name": "accessibility"}, name="accessibility"),
        path("mentions-legales/", site_page, {"name": "legal"}, name="legal"),
        path("donnees-personnelles/", site_page, {"name": "privacy"}, name="privacy"),
        path("langue/<str:code>/", page, name="language"),
        path("apparence/<str:name>/", page, name="theme"),
    ],
    "site",
)
account_urls = (
    [path("in/", page, name="sign_in"), path("out/", page, name="sign_out")],
    "accounts",
)
app_urls = ("catalogue", "applications", "permits", "extractions", "releases", "optouts")
urlpatterns = [
    path("", include(site_urls)),
    path("accounts/", include(account_urls)),
    *(path(f"{app}/", page) for app in app_urls),
    path("composants/", gallery, name="gallery"),
    path("nouvelles/", news, name="news"),
    path("erreur/", error, name="error"),
    path("bulletin/", bulletin, name="bulletin"),
]


class Server(socketserver.ThreadingMixIn, WSGIServer):
    """A server that answers the several files of a page at once."""

    daemon_threads = True


class Quiet(WSGIRequestHandler):
    """No line per request."""

    def log_message(self, *_: object) -> None:
        """Say nothing."""


def serve() -> None:
    """Print the address, then serve until stopped."""
    settings.configure(**SETTINGS)
    django.setup()
    server = make_server("127.0.0.1", 0, StaticFilesHandler(WSGIHandler()), Server, Quiet)
    sys.stdout.write(f"http://127.0.0.1:{server.server_port}\n")
    sys.stdout.flush()
    server.serve_forever()


if __name__ == "__main__":
    serve()
