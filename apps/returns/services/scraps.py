"""A piece that goes to the old gold, as its metals: what the bag before the melt takes."""

from collections.abc import Iterator
from decimal import Decimal
from typing import Final

from apps.purchasing.services.scraps import MetalBack
from apps.returns.rules import share_of_grams
from apps.sales.models import SaleLine

_ZERO: Final = Decimal(0)


def scraps_of(
    line: SaleLine, *, share: Decimal, weighed_g: Decimal | None, worth: Decimal
) -> Iterator[MetalBack]:
    """The metals of a sold piece as far as they came back: the same fine grams as are posted.

    All of `worth`, and what is no metal of the weight, lies with the first metal.
    """
    metals = [
        (metal, share_of_grams(Decimal(metal["net_weight_g"]), share))
        for metal in line.snapshot["metals"]
    ]
    metals = [(metal, net_g) for metal, net_g in metals if net_g]
    others_g = sum((net_g for _metal, net_g in metals[1:]), _ZERO)
    for i, (metal, net_g) in enumerate(metals):
        is_first = i == 0
        gross_g = max(net_g, (weighed_g or _ZERO) - others_g) if is_first else net_g
        yield MetalBack(
            tag=line.tag,
            position=i,
            description=line.name,
            metal=metal["metal"],
            gross_g=gross_g,
            net_g=net_g,
            fineness=metal["fineness"],
            fine_g=share_of_grams(Decimal(metal["fine_weight_g"]), share),
            value=worth if is_first else _ZERO,
        )
