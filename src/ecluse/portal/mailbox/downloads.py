"""A signed document as a file to keep."""

from django.http import HttpResponse


def signed_file(data: bytes, name: str) -> HttpResponse:
    """Return the document byte for byte: one that is read again and written is another one."""
    response = HttpResponse(data, content_type="application/json")
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    response["X-Content-Type-Options"] = "nosniff"
    return response
