"""Address of the public register."""

from django.urls import path

from ecluse.portal.permits import views

app_name = "register"

urlpatterns = [path("", views.public_register, name="register")]
