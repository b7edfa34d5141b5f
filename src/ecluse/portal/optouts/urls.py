"""Addresses of the opt-outs; those of each person's rights are in `citizens`."""

from django.urls import path

from ecluse.portal.optouts import views

app_name = "optouts"

urlpatterns = [path("", views.about, name="about")]
