"""Addresses of the life of permits and of matters."""

from django.urls import path

from ecluse.portal.lives import permit_views, views

app_name = "lives"

PERMIT = "permits/<str:number>/"
FILE = "files/<str:number>/"

urlpatterns = [
    path("", views.every, name="every"),
    path("new/<slug:kind>/", views.start, name="start"),
    path("appeals/<str:number>/<slug:item_id>/", views.appeal, name="appeal"),
    path("parts/<str:number>/<slug:item_id>/", views.part, name="part"),
    path("finish/<str:number>/", permit_views.finish, name="finish"),
    path(PERMIT, permit_views.permit, name="permit"),
    path(f"{PERMIT}changes/<slug:kind>/", permit_views.change, name="change"),
    path(f"{PERMIT}conditions/<int:rank>/acceptance/", permit_views.accept, name="accept"),
    path(f"{PERMIT}conditions/<int:rank>/evidence/", permit_views.evidence, name="evidence"),
    path(f"{PERMIT}conditions/<int:rank>/due/", permit_views.due, name="due"),
    path(f"{PERMIT}deletion/", permit_views.deletion, name="deletion"),
    path(FILE, views.file, name="file"),
    path(f"{FILE}edit/", views.edit, name="edit"),
    path(f"{FILE}grant/", views.grant, name="grant"),
    path(f"{FILE}<slug:action>/", views.act, name="act"),
]
