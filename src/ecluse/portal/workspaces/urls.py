"""Addresses of the interactive workspaces."""

from django.urls import path

from ecluse.portal.workspaces import api, import_views, views

app_name = "workspaces"

urlpatterns = [
    path("", views.mine, name="mine"),
    path("report", api.report, name="report"),
    path("proposals/<int:number>/bundle", api.bundle, name="bundle"),
    path("proposals/<int:number>/failure", api.failure, name="failure"),
    path("imports/", import_views.held, name="held"),
    path("report/imports/<int:number>/content", api.import_content, name="import_content"),
    path("imports/<int:number>/judgement/", import_views.judge, name="judge"),
    path("report/imports/<int:number>/<str:act>", api.import_done, name="import_done"),
    path("live/", views.live, name="live"),
    path("live/table/", views.live_table, name="live_table"),
    path("close/", views.close, name="close"),
    path("closures/<int:number>/lift/", views.lift, name="lift"),
    path("incidents/", views.incidents, name="incidents"),
    path("incidents/<int:number>/", views.incident, name="incident"),
    path("<str:number>/imports/", import_views.imports, name="imports"),
    path("<str:number>/propose/", views.propose, name="propose"),
    path("<str:number>/enter/", views.enter, name="enter"),
]
