"""What is under way in the shop in Tehran: in Persian, in rials, smaller than Dubai's."""

from datetime import datetime
from decimal import Decimal
from typing import Final

from apps.customers.models import Customer, CustomerKind
from apps.inventory.models import Place, PlaceKind
from apps.lots.models import LotKind, LotMode, LotPrice
from apps.lots.quantities import Quantity
from apps.lots.services import NewLot
from apps.sales.demo import under_way
from apps.shops.models import Branch, Member, Register

_LOTS: Final = (
    under_way.Filled(
        lot=NewLot(
            code="GH1",
            name="زنجیر قرقره‌ای",
            kind=LotKind.METAL,
            mode=LotMode.MEASURE,
            category="زنجیر",
            metal="gold",
            fineness=7500,
            making_mode="percent_of_metal",
            making_value=Decimal(10),
        ),
        holds=Quantity(grams=Decimal("92.300")),
        cost=Decimal(15_700_000_000),
        drawn_g=Decimal("4.150"),
        favourite="زنجیر گرمی",
    ),
    under_way.Filled(
        lot=NewLot(
            code="FZ1",
            name="فیروزهٔ نیشابور",
            kind=LotKind.STONES,
            mode=LotMode.MIXED,
            category="سنگ",
            stone="فیروزه",
            price_mode=LotPrice.PER_CARAT,
            price_value=Decimal(9_500_000),
        ),
        holds=Quantity(pieces=36, carats=Decimal("54.000")),
        cost=Decimal(310_000_000),
    ),
)
_PARCEL: Final = under_way.Parcel(
    branch="شعبهٔ تجریش",
    address="تهران، میدان تجریش، بازار طلا، پلاک ۷",
    tray="سینی تجریش",
    kind=PlaceKind.TRAY,
    till="صندوق ۲",
    tags=("N10799", "N11116"),
    reason="سفارش شعبه",
)
_AT_THE_DEALER: Final = ("Z11116",)
_RESERVED: Final = "A11750"
_HELD: Final = ("A11116", "G10799")


def leave_under_way(*, by: Member, at: datetime) -> None:
    """Everything that has begun and waits for somebody, at this moment of the first day."""
    tray, safe = (Place.objects.get(name=name) for name in ("سینی ۱۲", "گاوصندوق"))
    customers = Customer.objects.filter(kind=CustomerKind.CUSTOMER).order_by("pk")
    dealer = Customer.objects.get(kind=CustomerKind.SUPPLIER)
    under_way.fill_lots(_LOTS, place=safe, by=by, at=at)
    source = Branch.objects.get(pk=safe.branch_id)
    under_way.send_a_parcel(_PARCEL, source=source, by=by, at=at)
    under_way.lend_out(
        _AT_THE_DEALER, to=dealer.pk, reason="برای مشتری همکار", by=by, at=at, late=True
    )
    under_way.keep_for(customers[1].pk, tag=_RESERVED, by=by, at=at)
    till = Register.objects.get(code="1")
    under_way.hold_a_sale(_HELD, customer=customers[2].pk, register=till, by=by, at=at)
    under_way.count_half_a_tray(tray, by=by, at=at)
