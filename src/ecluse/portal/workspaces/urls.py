"""Addresses of the interactive workspaces."""

from django.urls import path

from ecluse.portal.workspaces import api, views

app_name = "workspaces"

urlpatterns = [
    path("", views.mine, name="mine"),
    path("report", api.report, name="report"),
    path("proposals/<int:number>/bundle", api.bundle, name="bundle"),
    path("proposals/<int:number>/failure", api.failure, name="failure"),
    path("live/", views.live, name="live"),
    path("live/table/", views.live_table, name="live_table"),
    path("close/", views.close, name="close"),
    path("closures/<int:number>/lift/", views.lift, name="lift"),
    path("incidents/", views.incidents, name="incidents"),
    path("incidents/<int:number>/", views.incident, name="incident"),
    path("<str:number>/propose/", views.propose, name="propose"),
    path("<str:number>/enter/", views.enter, name="enter"),
]
