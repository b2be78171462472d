"""How every door answers with a paper: as a PDF, as bytes for a receipt printer, or printed.

The language is chosen at the printing, since the paper is for the customer: `lang=fa`. A GET
answers the PDF (or `as=escpos` the printer's bytes), a POST prints on the till's printer.
"""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Final

from django.conf import settings
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils import translation
from django.utils.cache import patch_cache_control
from django.utils.http import content_disposition_header, url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _

from apps.core.errors import Invalid
from apps.core.paper import pdf
from apps.core.reading import on_paper
from apps.shops.access import MemberRequest
from apps.till.models import Printer, PrinterUse
from apps.till.printing import demand_printer, on_its_roll, printer_of, roll_job, send
from apps.till.selectors import the_till

METHODS: Final = ("GET", "HEAD", "POST")
ROLL: Final = "80"
_PDF: Final = "application/pdf"
_BYTES: Final = "application/octet-stream"


@dataclass(eq=False)
class LanguageUnknown(Invalid):
    language: str

    def __str__(self) -> str:
        return _("Papers are written in English or in Persian. Choose one of the two.")


@dataclass(frozen=True, slots=True, kw_only=True)
class PaperBar:
    """What a page offers of a paper: its sizes, languages, and the printer of the till."""

    url: str
    papers: Sequence[tuple[str, str]]
    languages: Sequence[tuple[str, str]]
    language: str
    has_roll: bool
    printer: Printer | None
    why_no_pdf: str | None


def paper_bar(
    request: MemberRequest, url: str, papers: Sequence[tuple[str, Any]] = (), *, roll: bool = True
) -> PaperBar:
    """One query where the paper can go on the roll. `papers`: values of `paper`, with names."""
    return PaperBar(
        url=url,
        papers=[(code, str(name)) for code, name in papers],
        languages=[(code, _language_name(code)) for code, _name in settings.LANGUAGES],
        language=_language_now(),
        has_roll=roll,
        printer=printer_of(request.register, PrinterUse.RECEIPT) if roll else None,
        why_no_pdf=None if pdf.can_draw() else str(pdf.PdfLibrariesMissing()),
    )


def prints(request: MemberRequest) -> bool:
    """Whether the paper goes to a receipt printer, so that it must be the roll."""
    return request.method == "POST" or _as_bytes(request)


def answer_paper(
    request: MemberRequest, name: str, draw: Callable[[], bytes], *, kick: bool = False
) -> HttpResponse:
    """Draw the paper in the language asked for, and give it or print it.

    `draw` is not called for a HEAD, which prints nothing. Raises LanguageUnknown, NoTill,
    NoPrinter, PrinterSilent, PrinterOutside, PdfLibrariesMissing, PrinterBusy.
    """
    pdf.demand_libraries()
    with _spoken(request):
        if request.method == "POST":
            till = the_till(request.register)
            printer = demand_printer(till, PrinterUse.RECEIPT)
            with on_its_roll(printer):
                drawn = draw()
            send(roll_job(drawn, printer=printer, kick=kick), printer)
        elif _as_bytes(request):
            printer = printer_of(request.register, PrinterUse.RECEIPT) or Printer()
            with on_its_roll(printer):
                drawn = draw() if request.method == "GET" else b""
            job = roll_job(drawn, printer=printer) if drawn else b""
            return _file(job, f"{name}.bin", _BYTES, as_file=True)
        else:
            drawn = draw() if request.method == "GET" else b""
            return _file(drawn, f"{name}.pdf", _PDF, as_file=False)
    said = _("%(name)s was printed on %(till)s.") % {"name": name, "till": till.name}
    messages.success(request, said)
    return redirect(_back(request))


def _as_bytes(request: MemberRequest) -> bool:
    return request.method != "POST" and request.GET.get("as") == "escpos"


@contextmanager
def _spoken(request: MemberRequest) -> Iterator[None]:
    given = request.POST if request.method == "POST" else request.GET
    language = given.get("lang", "") or _language_now()
    if language not in dict(settings.LANGUAGES):
        raise LanguageUnknown(language=language[:10])
    with translation.override(language), on_paper():
        yield


def _language_name(code: str) -> str:
    """What the language is called in the reader's own."""
    return str(translation.get_language_info(code)["name_translated"])


def _language_now() -> str:
    return (translation.get_language() or settings.LANGUAGE_CODE).partition("-")[0]


def _file(data: bytes, name: str, kind: str, *, as_file: bool) -> HttpResponse:
    response = HttpResponse(data, content_type=kind)
    disposition = content_disposition_header(as_file, name)
    response.headers["Content-Disposition"] = disposition or "inline"
    # A browser that kept it would show the original again where a duplicate is due.
    patch_cache_control(response, private=True, no_store=True)
    return response


def _back(request: MemberRequest) -> str:
    back = request.POST.get("back", "")
    safe = url_has_allowed_host_and_scheme(back, allowed_hosts={request.get_host()})
    return back if safe and back.startswith("/") else "/"
