"""Addresses of the quality and utility labels; those of a label never change."""

from django.urls import path

from ecluse.portal.label import views

app_name = "label"

urlpatterns = [
    path("", views.every, name="every"),
    path("new/<slug:slug>/", views.start, name="start"),
    path("<int:pk>.svg", views.picture, name="picture"),
    path("<int:pk>/", views.label, name="label"),
    path("<int:pk>/declare/", views.declare, name="declare"),
    path("<int:pk>/evidence/", views.evidence, name="evidence"),
    path("<int:pk>/<slug:action>/", views.act, name="act"),
]
