"""Addresses of the tariff, of estimates and of invoices."""

from django.urls import path

from ecluse.portal.fees import invoice_views, views

app_name = "fees"

urlpatterns = [
    path("", views.tariff, name="tariff"),
    path("tariffs/<str:version>.json", views.tariff_json, name="tariff_json"),
    path("tariffs/<str:version>/", views.tariff, name="tariff_version"),
    path("mine/", views.mine, name="mine"),
    path("files/<str:number>/estimate/", views.compose, name="compose"),
    path("files/<str:number>/answer/", views.answer, name="answer"),
    path("estimates/<int:pk>/", views.estimate, name="estimate"),
    path("estimates/<int:pk>/sending/", views.send, name="send"),
    path("estimates/<int:pk>/acceptance/", views.accept, name="accept"),
    path("estimates/<int:pk>/withdrawal/", views.decline, name="decline"),
    path("estimates/<int:pk>/work/", views.work, name="work"),
    path("estimates/<int:pk>/invoice/", invoice_views.bill, name="bill"),
    path("invoices/<str:number>/", invoice_views.invoice, name="invoice"),
    path("invoices/<str:number>.pdf", invoice_views.invoice_pdf, name="invoice_pdf"),
    path("invoices/<str:number>.xml", invoice_views.invoice_xml, name="invoice_xml"),
    path("invoices/<str:number>/credit/", invoice_views.credit, name="credit"),
    path("invoices/<str:number>/payment/", invoice_views.pay, name="pay"),
    path("invoices/<str:number>/transfer/", invoice_views.pass_on, name="pass_on"),
    path("holders/<slug:slug>/", invoice_views.holder, name="holder"),
]
