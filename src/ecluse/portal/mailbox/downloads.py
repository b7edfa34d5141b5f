"""Files to keep: a signed document, and what somebody attached."""

from io import BytesIO

from django.http import FileResponse, HttpResponse


def signed_file(data: bytes, name: str) -> HttpResponse:
    """Return the document byte for byte: one that is read again and written is another one."""
    response = HttpResponse(data, content_type="application/json")
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    response["X-Content-Type-Options"] = "nosniff"
    return response


def kept_file(content: bytes, name: str) -> FileResponse:
    """Return somebody's file as one to keep: a browser never opens it here."""
    answer = FileResponse(
        BytesIO(content),
        as_attachment=True,
        filename=name,
        content_type="application/octet-stream",
    )
    answer["X-Content-Type-Options"] = "nosniff"
    answer["Content-Security-Policy"] = "default-src 'none'; sandbox"
    return answer
