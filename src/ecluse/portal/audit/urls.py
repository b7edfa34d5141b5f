"""Addresses of the journal."""

from django.urls import path

from ecluse.portal.audit import views

app_name = "audit"

urlpatterns = [
    path("", views.journal, name="journal"),
    path("export", views.export, name="export"),
    path("export.checkpoints", views.export_checkpoints, name="export_checkpoints"),
]
