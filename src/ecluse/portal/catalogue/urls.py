"""Addresses of the catalogue; that of a dataset never changes."""

from django.urls import URLPattern, path

from ecluse.portal.catalogue import resource_views, sparql_views, views

app_name = "catalogue"
KINDS = ("series", "services")


def _resources(kind: str) -> list[URLPattern]:
    given = {"kind": kind}
    return [
        path(f"{kind}/", resource_views.every, given, name="resources"),
        path(f"{kind}/<slug:slug>/", resource_views.resource, given, name="resource"),
        path(f"{kind}/<slug:slug>.json", resource_views.resource_json, given, name="resource_json"),
        path(
            f"{kind}/<slug:slug>.<slug:suffix>",
            resource_views.resource_rdf,
            given,
            name="resource_rdf",
        ),
    ]


urlpatterns = [
    path("catalogue.<slug:suffix>", views.catalogue_rdf, name="catalogue_rdf"),
    path("feed.atom", views.feed, name="feed"),
    path("sparql", sparql_views.endpoint, name="sparql"),
    *(address for kind in KINDS for address in _resources(kind)),
    path("<slug:slug>/", views.dataset, name="dataset"),
    path("<slug:slug>/report/", views.report, name="report"),
    path("<slug:slug>.json", views.dataset_json, name="dataset_json"),
    path("<slug:slug>.<slug:suffix>", views.dataset_rdf, name="dataset_rdf"),
]
