"""Addresses of the catalogue."""

from django.urls import path

from ecluse.portal.catalogue import views

app_name = "catalogue"

urlpatterns = [
    path("", views.datasets, name="datasets"),
    path("<slug:slug>/", views.dataset, name="dataset"),
    path("<slug:slug>.json", views.dataset_json, name="dataset_json"),
]
