"""Addresses of the holders' desk."""

from django.urls import path

from ecluse.portal.descriptions import page_views, views

app_name = "descriptions"

urlpatterns = [
    path("", views.every, name="every"),
    path("new/", views.start, name="start"),
    path("<str:number>/", views.file, name="file"),
    path("<str:number>/review/", views.review, name="review"),
    path("<str:number>/judgement/", views.judgement, name="judgement"),
    path("<str:number>/versions/<int:rank>/", views.version, name="version"),
    path("<str:number>/tables/", page_views.tables, name="tables"),
    path("<str:number>/page/<slug:page>/", page_views.page, name="page"),
    path("<str:number>/page/<slug:page>/save/", page_views.autosave, name="autosave"),
    path("<str:number>/do/<slug:action>/", views.act, name="act"),
]
