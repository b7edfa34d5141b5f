"""Addresses of the search: the first page of the catalogue, then what goes further."""

from django.urls import path

from ecluse.portal.search import views

app_name = "search"
urlpatterns = [
    path("catalogue/", views.search, name="search"),
    path("search/variables/", views.variables, name="variables"),
    path("search/compare/", views.compare, name="compare"),
]
