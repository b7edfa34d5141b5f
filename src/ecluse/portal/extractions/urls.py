"""Addresses of extractions."""

from django.urls import path

from ecluse.portal.extractions import views

app_name = "extractions"

urlpatterns = [
    path("", views.every, name="every"),
    path("permits/<str:permit_number>/", views.extractions, name="extractions"),
    path("permits/<str:permit_number>/order/", views.order, name="order"),
    path("permits/<str:permit_number>/confirmation/", views.confirm, name="confirm"),
    path("<str:number>/", views.extraction, name="extraction"),
    path("<str:number>/progress/", views.progress, name="progress"),
    path("<str:number>/order.json", views.order_json, name="order_json"),
    path("<str:number>/answer.json", views.answer_json, name="answer_json"),
]
