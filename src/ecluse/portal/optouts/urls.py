"""Addresses of the opt-outs."""

from django.urls import path

from ecluse.portal.optouts import views

app_name = "optouts"

urlpatterns = [
    path("", views.about, name="about"),
    path("declare/", views.declare, name="declare"),
    path("reverse/", views.reverse, name="reverse"),
    path("receipts/<str:receipt_number>/", views.receipt, name="receipt"),
]
