"""Addresses of the sign-in of citizens."""

from django.urls import path

from ecluse.portal.identities import views

app_name = "identities"

urlpatterns = [
    path("start/", views.start, name="start"),
    path("return/", views.come_back, name="come_back"),
    path("left/", views.left, name="left"),
    path("number/", views.number, name="number"),
]
