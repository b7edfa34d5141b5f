"""Addresses of the links by which experts without account give an opinion."""

from django.urls import path

from ecluse.portal.assessments import opinion_views

app_name = "opinions"

urlpatterns = [
    path("<str:token>/", opinion_views.give, name="give"),
    path("<str:token>/files/<str:digits>/", opinion_views.attachment, name="attachment"),
]
