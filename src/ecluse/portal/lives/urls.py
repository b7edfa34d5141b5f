"""Addresses of the life of permits and of matters."""

from django.urls import path

from ecluse.portal.lives import (
    closing_views,
    offer_views,
    permit_views,
    suspension_views,
    views,
)

app_name = "lives"

PERMIT = "permits/<str:number>/"
FILE = "files/<str:number>/"

urlpatterns = [
    path("", views.every, name="every"),
    path("new/<slug:kind>/", views.start, name="start"),
    path("appeals/<str:number>/<slug:item_id>/", views.appeal, name="appeal"),
    path("parts/<str:number>/<slug:item_id>/", views.part, name="part"),
    path("finish/<str:number>/", permit_views.finish, name="finish"),
    path("suspend/<str:number>/", suspension_views.suspend, name="suspend"),
    path("lift/<str:number>/", suspension_views.lift, name="lift"),
    path("offers/<str:number>/", offer_views.offer, name="offer"),
    path("close/<str:number>/", closing_views.close, name="close"),
    path(PERMIT, permit_views.permit, name="permit"),
    path(f"{PERMIT}changes/<slug:kind>/", permit_views.change, name="change"),
    path(f"{PERMIT}conditions/acceptance/", permit_views.accept_all, name="accept_all"),
    path(f"{PERMIT}conditions/<int:rank>/acceptance/", permit_views.accept, name="accept"),
    path(f"{PERMIT}conditions/<int:rank>/evidence/", permit_views.evidence, name="evidence"),
    path(f"{PERMIT}conditions/<int:rank>/due/", permit_views.due, name="due"),
    path(f"{PERMIT}certificate/", closing_views.certificate, name="certificate"),
    path(f"{PERMIT}deletion/", permit_views.deletion, name="deletion"),
    path(FILE, views.file, name="file"),
    path(f"{FILE}edit/", views.edit, name="edit"),
    path(f"{FILE}grant/", views.grant, name="grant"),
    path(f"{FILE}<slug:action>/", views.act, name="act"),
]
