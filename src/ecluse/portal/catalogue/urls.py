"""Addresses of the catalogue; that of a dataset never changes."""

from django.urls import path

from ecluse.portal.catalogue import sparql_views, views

app_name = "catalogue"

urlpatterns = [
    path("catalogue.<slug:suffix>", views.catalogue_rdf, name="catalogue_rdf"),
    path("feed.atom", views.feed, name="feed"),
    path("sparql", sparql_views.endpoint, name="sparql"),
    path("<slug:slug>/", views.dataset, name="dataset"),
    path("<slug:slug>/report/", views.report, name="report"),
    path("<slug:slug>.json", views.dataset_json, name="dataset_json"),
    path("<slug:slug>.<slug:suffix>", views.dataset_rdf, name="dataset_rdf"),
]
