"""Addresses of the public site."""

from django.urls import include, path

from ecluse.portal.api.contract import api
from ecluse.portal.site import postures, urls_both
from ecluse.portal.site.urls_both import handler400, handler403, handler404, handler500

__all__ = ["handler400", "handler403", "handler404", "handler500", "urlpatterns"]

OWN = [
    path("", include("ecluse.portal.search.urls")),
    *urls_both.under_own_name(
        "catalogue", "optouts", "cases", "applications", "permits", "extractions", "releases"
    ),
    path("ingest/", include("ecluse.portal.catalogue.ingest_urls")),
    path("sources/", include("ecluse.portal.catalogue.source_urls")),
    path("drafts/", include("ecluse.portal.applications.draft_urls")),
    *urls_both.under_own_name("letters"),
    *urls_both.under_own_name("requests"),
    *urls_both.under_own_name("committees", "assessments"),
    path("opinions/", include("ecluse.portal.assessments.opinion_urls")),
    path("check/", include("ecluse.portal.letters.check_urls")),
    path("tokens/", include("ecluse.portal.api.urls")),
    *urls_both.under_own_name("webhooks"),
    path("api/", api.urls),
    *urls_both.under_own_name("messages", "register", "holders", "fees", "lives", "descriptions"),
    *urls_both.under_own_name("label"),
    *urls_both.under_own_name("identities", "citizens"),
    *urls_both.under_own_name("findings"),
    *urls_both.under_own_name("aisystems", "evaluations"),
    *urls_both.under_own_name("boards", "drills"),
    path("posture/", postures.posture, name="posture"),
]

urlpatterns = [*urls_both.urlpatterns, *OWN]
