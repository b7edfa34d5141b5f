"""Addresses of the journal."""

from django.urls import path

from ecluse.portal.audit import proof_views, views

app_name = "audit"

urlpatterns = [
    path("", views.journal, name="journal"),
    path("check/", proof_views.check, name="check"),
    path("checkpoint", proof_views.last_checkpoint, name="checkpoint"),
    path("export", views.export, name="export"),
    path("export.checkpoints", views.export_checkpoints, name="export_checkpoints"),
    path("proofs/<int:sequence>", proof_views.proof, name="proof"),
    path("verify.py", proof_views.verifier, name="verifier"),
]
