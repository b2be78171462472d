"""Where a paper of the old gold is shown: most lie on the page of what they are about."""

from dataclasses import dataclass

from django.utils.translation import gettext as _

from apps.core.errors import NotFound
from apps.purchasing.models import (
    Assay,
    ClaimPayout,
    Fixing,
    Melt,
    MetalReceipt,
    OldGoldSlip,
    Settlement,
    SlipVoid,
)


@dataclass(eq=False)
class PaperNotFound(NotFound):
    number: str

    def __str__(self) -> str:
        return _("There is no paper %(number)s of old gold or metal. Check its number.") % {
            "number": self.number
        }


def place_of(code: str) -> tuple[str, str | int]:
    """The page of a paper, and what of it the page takes. Raises PaperNotFound."""
    number = code.replace("\x00", "")
    for kind in (SlipVoid, ClaimPayout):
        of_slip = kind.objects.filter(code=number).values_list("slip__code", flat=True).first()
        if of_slip is not None:
            return "slip", of_slip
    melted = Melt.objects.filter(code=number).values_list("bag__number", flat=True).first()
    if melted is not None:
        return "bag", melted
    settled = Settlement.objects.filter(code=number).values_list("bar__code", flat=True).first()
    if settled is not None:
        return "bar", settled
    if OldGoldSlip.objects.filter(code=number).exists():
        return "slip", number
    if any(kind.objects.filter(code=number).exists() for kind in (Assay, MetalReceipt)):
        return "bar", number
    if Fixing.objects.filter(code=number).exists():
        return "fixing", number
    raise PaperNotFound(number=code[:40])


def fixing_by_code(code: str) -> Fixing:
    """Grams that became money, with whose they were. Raises PaperNotFound."""
    found = Fixing.objects.select_related("supplier", "by__user", "register")
    try:
        return found.get(code=code.replace("\x00", ""))
    except Fixing.DoesNotExist:
        raise PaperNotFound(number=code[:40]) from None


def metal_by_code(code: str) -> MetalReceipt | Fixing:
    """A receipt of metal or a fixing, with whose it is. Raises PaperNotFound."""
    found = MetalReceipt.objects.select_related("supplier", "by__user", "register")
    receipt = found.filter(code=code.replace("\x00", "")).first()
    return receipt or fixing_by_code(code)
