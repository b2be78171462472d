"""What a close asks of the sales: how many pieces went out with a shift's bills."""

from apps.sales.models import SaleLine


def pieces_sold(*, shift: int) -> int:
    """Pieces on the bills of the shift, taken back later or not."""
    return SaleLine.objects.filter(sale__shift=shift).count()
