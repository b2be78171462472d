"""How the drawer's doors answer with a paper."""

from django.http import HttpResponse
from django.utils.cache import patch_cache_control
from django.utils.http import content_disposition_header


def answer_pdf(drawn: bytes, *, name: str) -> HttpResponse:
    """A PDF that the browser shows and does not keep."""
    response = HttpResponse(drawn, content_type="application/pdf")
    disposition = content_disposition_header(False, f"{name}.pdf")
    response.headers["Content-Disposition"] = disposition or "inline"
    patch_cache_control(response, private=True, no_store=True)
    return response
