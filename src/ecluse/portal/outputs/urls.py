"""Addresses of the second gate."""

from django.urls import path

from ecluse.portal.outputs import views

app_name = "outputs"

urlpatterns = [
    path("", views.requests, name="requests"),
    path("dispose/", views.dispose, name="dispose"),
    path("ask/<str:number>/", views.ask, name="ask"),
    path("<str:number>/", views.one_request, name="request"),
    path("<str:number>/edit/", views.edit, name="edit"),
    path("<str:number>/submit/", views.submit, name="submit"),
    path("<str:number>/withdraw/", views.withdraw, name="withdraw"),
    path("<str:number>/remarks/", views.remark, name="remark"),
    path("<str:number>/decision/<slug:act>/", views.decide, name="decide"),
    path("<str:number>/recall/", views.recall, name="recall"),
    path("<str:number>/images/<str:name>", views.image, name="image"),
]
