"""Addresses of the committee's sittings."""

from django.urls import path

from ecluse.portal.committees import views

app_name = "committees"

urlpatterns = [
    path("", views.every, name="every"),
    path("new/", views.new, name="new"),
    path("<str:number>/", views.sitting, name="sitting"),
    path("<str:number>/again/", views.again, name="again"),
    path("<str:number>/agenda/", views.listing, name="listing"),
    path("<str:number>/agenda/<int:rank>/removal/", views.unlisting, name="unlisting"),
    path("<str:number>/cancellation/", views.cancellation, name="cancellation"),
    path("<str:number>/presence/", views.presence, name="presence"),
    path("<str:number>/closing/", views.closing, name="closing"),
    path("<str:number>/minutes/", views.minutes_page, name="minutes"),
    path("<str:number>/files/<int:rank>/", views.entry, name="entry"),
    path("<str:number>/files/<int:rank>/<slug:step>/", views.step, name="step"),
]
