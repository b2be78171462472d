"""Papers of the stock, and which tag came from which."""

from django.db.models import QuerySet
from django.utils.translation import gettext as _

from apps.core.errors import NotFound
from apps.inventory.models import Movement, Piece, PieceOrigin, StockDocument


class DocumentNotFound(NotFound):
    def __str__(self) -> str:
        return _("This paper is not of this shop. Check its number.")


def document_by_code(code: str) -> StockDocument:
    """Raises DocumentNotFound."""
    found = StockDocument.objects.select_related("by__user").filter(code=code[:20]).first()
    if found is None:
        raise DocumentNotFound
    return found


def movements_of(document: StockDocument) -> QuerySet[Movement]:
    """The steps that a paper wrote, by tag."""
    return (
        Movement.objects.filter(reference=document.code)
        .select_related("piece", "place")
        .order_by("piece__tag")
    )


def origins_of(document: StockDocument) -> QuerySet[PieceOrigin]:
    return (
        PieceOrigin.objects.filter(document=document)
        .select_related("parent", "child")
        .order_by("parent__tag", "child__tag")
    )


def family_of(piece: Piece) -> tuple[list[PieceOrigin], list[PieceOrigin]]:
    """Where a piece came from, and what became of it. Two queries."""
    origins = PieceOrigin.objects.select_related("document", "parent", "child")
    return (
        list(origins.filter(child=piece).order_by("parent__tag")),
        list(origins.filter(parent=piece).order_by("child__tag")),
    )
