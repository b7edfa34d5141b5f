"""Addresses of significant findings, and of the wish not to be told of them."""

from django.urls import path

from ecluse.portal.findings import views, wish_desk_views, wish_views

app_name = "findings"

urlpatterns = [
    path("", views.every, name="every"),
    path("new/", views.start, name="start"),
    path("wish/", wish_views.wish, name="wish"),
    path("wish/others/", wish_views.others, name="wish_others"),
    path("wish/desk/", wish_desk_views.record, name="wish_desk"),
    path("wish/desk/<str:receipt_number>/", wish_desk_views.receipt, name="wish_desk_receipt"),
    path("wish/desk/<str:receipt_number>/pdf/", wish_desk_views.paper, name="wish_desk_paper"),
    path("wish/receipts/<str:receipt_number>/", wish_views.receipt, name="wish_receipt"),
    path("wish/receipts/<str:receipt_number>/pdf/", wish_views.paper, name="wish_paper"),
    path("wish/<slug:choice>/", wish_views.choose, name="wish_choose"),
    path("<str:number>/", views.file, name="file"),
    path("<str:number>/write/", views.write, name="write"),
    path("<str:number>/do/<slug:action>/", views.act, name="act"),
    path("<str:number>/outcome/<int:pk>/", views.outcome, name="outcome"),
]
