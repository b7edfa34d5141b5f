"""Addresses of the officer's desk and of the common page of an action."""

from django.urls import path

from ecluse.portal.cases import views

app_name = "cases"

urlpatterns = [
    path("", views.desk, name="desk"),
    path("assignments/", views.assignments, name="assignments"),
    path("opinions/", views.opinions, name="opinions"),
    path("views/", views.keep_view, name="keep_view"),
    path("views/<int:pk>/removal/", views.remove_view, name="remove_view"),
    path("<str:number>/<slug:item_id>/<slug:action>/", views.act, name="act"),
]
