"""Addresses of the rights of persons."""

from django.urls import path

from ecluse.portal.citizens import desk_views, receipt_views, views

app_name = "citizens"

urlpatterns = [
    path("", views.mine, name="mine"),
    path("explained/", views.explained, name="explained"),
    path("others/", views.others, name="others"),
    path("data/", views.data, name="data"),
    path("data/answer/", views.data_answer, name="data_answer"),
    path("requests/new/", views.ask, name="ask"),
    path("requesters/<str:number>/", desk_views.requester, name="requester"),
    path("check/", views.check, name="check"),
    path("desk/", desk_views.record, name="desk"),
    path("desk/<str:receipt_number>/", desk_views.receipt, name="desk_receipt"),
    path("desk/<str:receipt_number>/pdf/", desk_views.receipt_pdf, name="desk_receipt_pdf"),
    path("receipts/<str:receipt_number>/", views.receipt, name="receipt"),
    path("receipts/<str:receipt_number>/kept/", receipt_views.kept, name="kept"),
    path(
        "receipts/<str:receipt_number>/kept/answer/", receipt_views.kept_answer, name="kept_answer"
    ),
    path("receipts/<str:receipt_number>/pdf/", views.receipt_pdf, name="receipt_pdf"),
    path("rights/<slug:basis>/<slug:choice>/", views.choose, name="choose"),
]
