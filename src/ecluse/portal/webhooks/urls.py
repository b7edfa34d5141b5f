"""Addresses of webhooks."""

from django.urls import path

from ecluse.portal.webhooks import views

app_name = "webhooks"

urlpatterns = [
    path("", views.webhooks, name="webhooks"),
    path("<uuid:subscription_id>/", views.webhook, name="webhook"),
]
