"""Addresses of the mailbox, the same on both sites."""

from django.urls import path, re_path

from ecluse.portal.mailbox import api

app_name = "mailbox"

urlpatterns = [
    path("documents", api.agent_only(api.documents), name="documents"),
    re_path(r"^blobs/(?P<digits>[0-9a-f]{64})$", api.agent_only(api.blob), name="blob"),
    path("checkpoints", api.agent_only(api.checkpoints), name="checkpoints"),
]
