"""Addresses of messages."""

from django.urls import path

from ecluse.portal.messages import views

app_name = "messages"

urlpatterns = [
    path("", views.notices, name="notices"),
    path("all-read/", views.read_all, name="read_all"),
    path("preference/", views.preference, name="preference"),
    path("desk/", views.desk, name="desk"),
    path("desk/<int:pk>/", views.try_again, name="try_again"),
    path("<int:pk>/", views.open_notice, name="open"),
]
