"""Addresses of the desk of sources: harvests, refusals, and harvesting again."""

from django.urls import path

from ecluse.portal.catalogue import source_views

app_name = "sources"

urlpatterns = [
    path("", source_views.sources, name="sources"),
    path("<slug:slug>/", source_views.source, name="source"),
    path("<slug:slug>/harvest/", source_views.harvest, name="harvest"),
]
