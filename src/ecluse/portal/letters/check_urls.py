"""Addresses at which anybody checks a letter."""

from django.urls import path

from ecluse.portal.letters import views

app_name = "check"

urlpatterns = [
    path("", views.ask, name="ask"),
    path("seal.pem", views.certificate, name="certificate"),
    path("<str:code>/", views.check, name="check"),
]
