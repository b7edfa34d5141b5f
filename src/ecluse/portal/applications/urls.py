"""Addresses of applications."""

from django.urls import path

from ecluse.portal.applications import step_views, views

app_name = "applications"

urlpatterns = [
    path("", views.mine, name="mine"),
    path("start/<slug:slug>/", views.start, name="start"),
    path("<str:number>/", views.file, name="file"),
    path("<str:number>/edit/", step_views.edit, {"pages": views.WRITTEN}, name="edit"),
    path("<str:number>/summary/", step_views.summary, {"pages": views.WRITTEN}, name="summary"),
    path("<str:number>/withdraw/", views.withdraw, name="withdraw"),
    path("<str:number>/information/", views.information, name="information"),
    path("<str:number>/complete/", views.complete, name="complete"),
    path("<str:number>/refusal/", views.refusal, name="refusal"),
]
