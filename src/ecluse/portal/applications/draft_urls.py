"""Addresses of files while they are written."""

from django.urls import path

from ecluse.portal.applications import draft_views

app_name = "drafts"

urlpatterns = [
    path("", draft_views.mine, name="mine"),
    path("basket/<slug:slug>/", draft_views.basket, name="basket"),
    path("join/<str:token>/", draft_views.join, name="join"),
    path("<str:number>/", draft_views.overview, name="overview"),
    path("<str:number>/team/", draft_views.team, name="team"),
    path("<str:number>/upgrade/", draft_views.upgrade, name="upgrade"),
    path("<str:number>/copy/", draft_views.copy, name="copy"),
    path("<str:number>/files/<str:digits>/", draft_views.attachment, name="attachment"),
    path("<str:number>/step/<slug:section_id>/", draft_views.step, name="step"),
    path("<str:number>/step/<slug:section_id>/save/", draft_views.autosave, name="autosave"),
]
