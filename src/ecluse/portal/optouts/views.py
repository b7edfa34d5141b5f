"""What an opt-out changes, for everybody to read. No page of this app names a person."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe


@require_safe
def about(request: HttpRequest) -> HttpResponse:
    """Say what an opt-out changes, what it does not, and how to do it."""
    return render(request, "optouts/about.html")
