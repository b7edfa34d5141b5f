"""The part of the addresses that both sites share; an app lives under its own name."""

from django.urls import URLPattern, URLResolver, include, path

handler400 = "ecluse.portal.site.views.bad_request"
handler403 = "ecluse.portal.site.views.forbidden"
handler404 = "ecluse.portal.site.views.not_found"
handler500 = "ecluse.portal.site.views.defect"


def under_own_name(*apps: str) -> list[URLPattern | URLResolver]:
    """Return one line per app: `permits` lives under `/permits/`."""
    return [path(f"{app}/", include(f"ecluse.portal.{app}.urls")) for app in apps]


urlpatterns = [
    path("", include("ecluse.portal.site.urls")),
    path("journal/", include("ecluse.portal.audit.urls")),
    *under_own_name("accounts", "mailbox"),
]
