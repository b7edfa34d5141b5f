"""Addresses of data requests."""

from django.urls import path

from ecluse.portal.applications import step_views
from ecluse.portal.requests import order_views, views

app_name = "requests"
WRITTEN = {"pages": views.WRITTEN}

urlpatterns = [
    path("", views.every, name="every"),
    path("start/<slug:slug>/", views.start, name="start"),
    path("<str:number>/", views.file, name="file"),
    path("<str:number>/edit/", step_views.edit, WRITTEN, name="edit"),
    path("<str:number>/summary/", step_views.summary, WRITTEN, name="summary"),
    *step_views.addresses(views.WRITTEN),
    *(
        path(f"<str:number>/{action}/", views.act, {"action": action}, name=action)
        for action in views.ACTS
    ),
    path("<str:number>/approval/", views.approval, name="approval"),
    path("<str:number>/order/", order_views.order, name="order"),
    path("<str:number>/confirmation/", order_views.confirm, name="confirm"),
    path("<str:number>/orders/<str:order_number>/", order_views.tabulation, name="tabulation"),
    path("<str:number>/orders/<str:order_number>/progress/", order_views.progress, name="progress"),
    path(
        "<str:number>/orders/<str:order_number>/order.json",
        order_views.order_json,
        name="order_json",
    ),
    path(
        "<str:number>/orders/<str:order_number>/answer.json",
        order_views.answer_json,
        name="answer_json",
    ),
]
