"""Addresses of data holders and of the calls made to them."""

from django.urls import path

from ecluse.portal.holders import source_views, views

app_name = "holders"

urlpatterns = [
    path("", views.holders, name="holders"),
    path("new/", views.add, name="add"),
    path("calls/", views.calls, name="calls"),
    path("calls/<str:number>/", views.call, name="call"),
    path("calls/<str:number>/evidence/<int:pk>.json", views.evidence_json, name="evidence_json"),
    path("calls/<str:number>/optouts.json", source_views.signed, name="source_signed"),
    path("calls/<str:number>/optouts.sealed", source_views.sealed, name="source_sealed"),
    path("calls/<str:number>/optouts/applied/", source_views.applied, name="source_applied"),
    path("calls/<str:number>/<slug:action>/", views.act, name="act"),
    path("ask/<str:number>/", views.ask, name="ask"),
    path("<slug:slug>/", views.edit, name="edit"),
]
