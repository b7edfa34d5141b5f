"""Addresses of the tokens."""

from django.urls import path

from ecluse.portal.api import views

app_name = "tokens"

urlpatterns = [path("", views.tokens, name="tokens")]
