"""Addresses of data requests."""

from django.urls import path

from ecluse.portal.requests import order_views, views

app_name = "requests"

urlpatterns = [
    path("", views.every, name="every"),
    path("start/<slug:slug>/", views.start, name="start"),
    path("<str:number>/", views.file, name="file"),
    path("<str:number>/edit/", views.edit, name="edit"),
    path("<str:number>/step/<slug:section_id>/", views.step, name="step"),
    path("<str:number>/files/<str:digits>/", views.attachment, name="attachment"),
    path("<str:number>/summary/", views.summary, name="summary"),
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
