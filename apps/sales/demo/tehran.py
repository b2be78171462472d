"""The demo shop in Tehran: Persian names, rials in the books, a mazanneh on the board.

Its owner reads Persian; whoever else comes here reads as they chose.
"""

from datetime import datetime, timedelta
from decimal import Decimal
from typing import Final

from apps.customers.models import Customer, CustomerKind, PaperKind
from apps.customers.services import add_customer, add_paper
from apps.inventory.models import Place, PlaceKind
from apps.inventory.services.take_in import take_in_all
from apps.ledger.services import open_books
from apps.pricing.policy import Charges
from apps.pricing.set_policy import set_charges
from apps.purchasing.models import HowTested, Purpose
from apps.purchasing.services.buy import buy
from apps.purchasing.services.offers import NewItem, Offer, PaidBy
from apps.sales.demo import goods, rates
from apps.shops.models import Branch, Member, Register, Role
from apps.shops.scope import shop_scope
from apps.shops.services import enrol, open_shop
from apps.till.counted import Cash, Counted
from apps.till.kinds import TenderKind
from apps.till.services.opening import open_till
from apps.users.models import Language, User

SLUG: Final = "demo-tehran"
OWNER: Final = "tehran"
# Rials. The mazanneh is for a mithqal of 705; the coin trade quotes it, the shop sells by gram.
BOARD: Final[rates.Board] = {
    ("gold", 9990): ("237700000", "235200000"),
    ("gold", 7500): ("178450000", "176300000"),
    ("gold", 7050): ("773010000", "771500000"),
    ("silver", 9250): ("3120000", "2890000"),
}
_PROFIT_PERCENT: Final = Decimal(7)
_NOTES: Final = {Decimal(1_000_000): 60, Decimal(500_000): 40, Decimal(100_000): 50}
_KNOWN: Final = (
    ("مریم رضایی", "+98 912 555 0141", CustomerKind.CUSTOMER),
    ("علی محمدی", "+98 935 555 0187", CustomerKind.CUSTOMER),
    ("زهرا حسینی‌نژاد", "+98 919 555 0119", CustomerKind.CUSTOMER),
    ("بنکداری کاشانی", "+98 21 5555 0160", CustomerKind.SUPPLIER),
    ("ری‌گیری بازار", "+98 21 5555 0172", CustomerKind.REFINER),
)
_PLACES: Final = (
    ("سینی ۳", PlaceKind.TRAY),
    ("سینی ۱۲", PlaceKind.TRAY),
    ("ویترین", PlaceKind.WINDOW),
    ("گاوصندوق", PlaceKind.SAFE),
)
_KINDS: Final = (
    goods.Kind(
        letter="A",
        category="انگشتر",
        names=("انگشتر تک‌نگین", "حلقهٔ ساده", "انگشتر فیروزه"),
        metal="gold",
        fineness=(7500,),
        net_weight_g=Decimal("3.120"),
        making=("percent_of_metal", "14"),
        cost_per_g=Decimal(171_000_000),
        pieces=8,
    ),
    goods.Kind(
        letter="N",
        category="النگو",
        names=("النگوی تراش", "النگوی دامله"),
        metal="gold",
        fineness=(7500,),
        net_weight_g=Decimal("12.480"),
        making=("percent_of_metal", "9"),
        cost_per_g=Decimal(170_500_000),
        pieces=6,
    ),
    goods.Kind(
        letter="Z",
        category="زنجیر",
        names=("زنجیر کارتیه، ۴۵ سانتی", "زنجیر طنابی"),
        metal="gold",
        fineness=(7500,),
        net_weight_g=Decimal("5.640"),
        making=("percent_of_metal", "11"),
        cost_per_g=Decimal(170_000_000),
        pieces=6,
    ),
    goods.Kind(
        letter="G",
        category="گوشواره",
        names=("گوشوارهٔ حلقه‌ای", "گوشوارهٔ میخی"),
        metal="gold",
        fineness=(7500,),
        net_weight_g=Decimal("2.870"),
        making=("per_gram", "23000000"),
        cost_per_g=Decimal(171_500_000),
        pieces=5,
    ),
    goods.Kind(
        letter="Q",
        category="دستبند",
        names=("دستبند نقرهٔ قلم‌زنی",),
        metal="silver",
        fineness=(9250,),
        net_weight_g=Decimal("24.300"),
        making=("per_gram", "1500000"),
        cost_per_g=Decimal(2_950_000),
        pieces=4,
    ),
)
# What was sold this morning, and how it was paid.
MORNING: Final = ((("A10799", "G10482"), "card"), (("Q10482",), "cash"), (("Z10799",), "transfer"))


def make(*, password: str, beside: User, at: datetime) -> Member:
    """The shop with its pieces and people, an open till and one slip of old gold.

    `beside`: who runs the other demo shops and looks into this one too. Answers its owner.
    """
    sara = User.objects.create_user(
        OWNER,
        password=password,
        first_name="سارا",
        last_name="کریمی",
        language=Language.PERSIAN,
    )
    shop = open_shop(
        name="گالری طلای زرین",
        slug=SLUG,
        currency="IRR",
        tax_pack="IR",
        time_zone="Asia/Tehran",
        address="تهران، بازار بزرگ، راستهٔ زرگرها، پلاک ۴۸",
        phone="+98 21 5555 0100",
        tax_number="411500000003",
        receipt_terms="تعویض تا سه روز با همین برگه. اجرت و مالیات پس داده نمی‌شود.",
    )
    owner = enrol(user=sara, shop=shop, role=Role.OWNER)
    enrol(user=beside, shop=shop, role=Role.OWNER)
    with shop_scope(shop.pk):
        open_books()
        rates.write_history(shop=shop, board=BOARD, by=owner, at=at)
        set_charges(
            Charges(profit_percent=_PROFIT_PERCENT), by=owner, at=at - timedelta(days=rates.DAYS)
        )
        take_in_all(
            pieces=list(goods.pieces_of(_KINDS, _places())),
            by=owner,
            at=at - timedelta(days=40),
            reference="opening",
        )
        till = Register.objects.get(code="1")
        till.name = "صندوق ۱"
        till.save(update_fields=["name"])
        open_till(
            register=till.pk,
            counted=Counted(cash={shop.currency: Cash(pieces=_NOTES)}),
            by=owner,
            at=at,
            key="demo-float",
        )
        _take_old_gold(_write_down(by=owner, at=at), by=owner, at=at)
    return owner


def _places() -> list[Place]:
    branch = Branch.objects.get()
    return Place.objects.bulk_create(
        Place(branch=branch, name=name, kind=kind) for name, kind in _PLACES
    )


def _write_down(*, by: Member, at: datetime) -> Customer:
    """The shop's list; answers the first of it, who has shown a national card."""
    known = [
        add_customer(name=name, phone=phone, kind=kind, address="تهران", by=by, at=at)
        for name, phone, kind in _KNOWN
    ]
    add_paper(
        customer=known[0],
        kind=PaperKind.NATIONAL_ID,
        number="0084575948",
        country="IR",
        expires_on=None,
        by=by,
        at=at,
    )
    return known[0]


def _take_old_gold(seller: Customer, *, by: Member, at: datetime) -> None:
    chain = NewItem(
        description="زنجیر پاره",
        metal="gold",
        gross_weight_g=Decimal("2.140"),
        tested_fineness=7500,
        method=HowTested.XRF,
    )
    offered = Offer(
        customer=seller.pk,
        purpose=Purpose.CASH,
        items=(chain,),
        payments=(PaidBy(kind=TenderKind.TRANSFER, instrument="991204"),),
        key="demo-slip",
    )
    buy(offer=offered, by=by, at=at)
