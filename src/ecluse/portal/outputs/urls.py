"""Addresses of the second gate."""

from django.urls import path

from ecluse.portal.outputs import views

app_name = "outputs"

urlpatterns = [
    path("", views.requests, name="requests"),
    path("ask/<str:number>/", views.ask, name="ask"),
    path("<str:number>/", views.one_request, name="request"),
    path("<str:number>/withdraw/", views.withdraw, name="withdraw"),
    path("<str:number>/images/<str:name>", views.image, name="image"),
]
