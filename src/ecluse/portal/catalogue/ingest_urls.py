"""Addresses to which providers send descriptions, as the Health Data Hub's catalogue has them."""

from django.urls import path

from ecluse.portal.catalogue import ingest_views

app_name = "ingest"

urlpatterns = [
    path("datasets", ingest_views.datasets, name="datasets"),
    path("datasets/origin", ingest_views.origin, name="origin"),
    path("datasets/<slug:slug>", ingest_views.dataset, name="dataset"),
]
