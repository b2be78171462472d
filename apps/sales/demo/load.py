"""Three small shops to try everything in. Loading them again keeps what was done in them."""

from datetime import datetime, timedelta
from decimal import Decimal
from typing import Final

from django.db import transaction

from apps.inventory.models import Place, PlaceKind
from apps.inventory.selectors import whole_pieces
from apps.inventory.services.take_in import take_in_all
from apps.ledger.services import open_books
from apps.pricing.selectors import board_at
from apps.sales.demo import bazaar, drawers, goods, harbour, people, rates, tehran
from apps.sales.orders import Order
from apps.sales.pricing import Wanted, board_for, price
from apps.sales.rules import Payment
from apps.sales.services.sell import sell
from apps.shops.models import IN_CHARGE, Branch, Member, Register, Role, Shop
from apps.shops.scope import shop_scope
from apps.shops.services import enrol, open_shop
from apps.users.models import User
from apps.users.services import make_operator

SLUG: Final = "demo"
OPERATOR: Final = "operator"
_SECOND_SLUG: Final = "demo-mumbai"
_PEOPLE: Final = (
    ("owner", "Leila", "Haddad", Role.OWNER),
    ("manager", "Omar", "Saleh", Role.MANAGER),
    ("clerk", "Nadia", "Rahman", Role.SALESPERSON),
    ("cashier", "Samir", "Aziz", Role.CASHIER),
)
# What was sold this morning, and how it was paid.
_MORNING: Final = (
    (("R11433", "E10799"), "card"),
    (("B10799",), "transfer"),
    (("S10482", "S10799", "C11116"), "cash"),
    (("P10482",), "card"),
)
_ON_ACCOUNT: Final = "E11750"
_PUT_ASIDE: Final = "B11433"


def load(*, password: str, at: datetime) -> None:
    """Make the demo shops if they are not there, and give them rates for today.

    The first day has a morning behind it: an open till, bills, old gold, a deposit, dues.

    Beside their people there is one who runs the installation and is in no shop.
    """
    if not User.objects.filter(username=OPERATOR).exists():
        someone = User.objects.create_user(
            OPERATOR, password=password, first_name="Reza", last_name="Moradi"
        )
        make_operator(user=someone)
    if not Shop.objects.filter(slug=SLUG).exists():
        with transaction.atomic():
            _make(password=password, at=at)
    if not Shop.objects.filter(slug=tehran.SLUG).exists():
        with transaction.atomic():
            _make_tehran(password=password, at=at)
    boards = ((SLUG, rates.GULF), (_SECOND_SLUG, rates.MUMBAI), (tehran.SLUG, tehran.BOARD))
    for slug, board in boards:
        shop = Shop.objects.get(slug=slug)
        # The first member is the demo's owner, whoever joined or changed roles since.
        owner = Member.objects.select_related("shop").filter(shop=shop).order_by("pk")[0]
        with shop_scope(shop.pk):
            if not board_at(shop=shop, at=at).quotes:
                rates.write_today(shop=shop, board=board, by=owner, at=at)
            if slug == SLUG and owner.role in IN_CHARGE:
                drawers.rate_foreign_cash(by=owner, at=at)


def _make(*, password: str, at: datetime) -> None:
    people = {
        name: User.objects.create_user(name, password=password, first_name=first, last_name=last)
        for name, first, last, _role in _PEOPLE
    }
    gulf = open_shop(
        name="Harbour Gold",
        slug=SLUG,
        currency="AED",
        tax_pack="AE",
        time_zone="Asia/Dubai",
        cash_step=Decimal("0.25"),
        address="Gold Land, Deira, Dubai",
        phone="+971 4 555 0100",
        tax_number="TRN 100 000 000 000 003",
        receipt_terms=(
            "Return within 14 days, unworn, hallmark whole, with this bill."
            " Gold is taken back at the rate of the day; making stays with the shop."
        ),
    )
    members = {
        name: enrol(user=people[name], shop=gulf, role=role) for name, _f, _l, role in _PEOPLE
    }
    _fill_harbour(gulf, members, at)
    mumbai = open_shop(
        name="Zaveri Row",
        slug=_SECOND_SLUG,
        currency="INR",
        tax_pack="IN",
        time_zone="Asia/Kolkata",
        address="Zaveri Bazaar, Mumbai",
        tax_number="GSTIN 27AAAAA0000A1Z5",
    )
    owner = enrol(user=people["owner"], shop=mumbai, role=Role.OWNER)
    with shop_scope(mumbai.pk):
        open_books()
        rates.write_history(shop=mumbai, board=rates.MUMBAI, by=owner, at=at)
        pieces = goods.mumbai_pieces(_places())
        take_in_all(pieces=pieces, by=owner, at=at - timedelta(days=20), reference="opening")


def _make_tehran(*, password: str, at: datetime) -> None:
    owner = tehran.make(password=password, beside=User.objects.get(username=_PEOPLE[0][0]), at=at)
    with shop_scope(owner.shop_id):
        for number, (tags, kind) in enumerate(tehran.MORNING):
            _sell(tags, kind, by=owner, at=at, key=f"demo-{number}")
        bazaar.leave_under_way(by=owner, at=at)


def _fill_harbour(shop: Shop, members: dict[str, Member], at: datetime) -> None:
    with shop_scope(shop.pk):
        open_books()
        creek = Branch.objects.get()
        Register.objects.create(branch=creek, code="2", name="Till 2")
        owner = members["owner"]
        rates.write_months(shop=shop, at=at)
        rates.write_history(shop=shop, board=rates.GULF, by=owner, at=at)
        pieces = goods.gulf_pieces(_places())
        for days_ago, some in ((320, pieces[:9]), (75, pieces[9:30]), (6, pieces[30:])):
            moment = at - timedelta(days=days_ago)
            take_in_all(pieces=some, by=owner, at=moment, reference="opening")
        _live_the_morning(members, at)


def _live_the_morning(members: dict[str, Member], at: datetime) -> None:
    owner, clerk = members["owner"], members["clerk"]
    drawers.give_pins((owner, members["manager"]))
    drawers.open_in_the_morning(owner=owner, by=members["cashier"], at=at)
    known = people.write_down(by=owner, at=at)
    for number, (tags, kind) in enumerate(_MORNING):
        _sell(tags, kind, by=clerk, at=at, key=f"demo-{number}")
    maryam = known[people.MARYAM].pk
    _sell((_ON_ACCOUNT,), "on_account", by=clerk, at=at, key="demo-on-account", customer=maryam)
    people.take_old_gold(known, by=clerk, at=at)
    people.take_money_before_a_sale(known, tag=_PUT_ASIDE, owner=owner, by=clerk, at=at)
    harbour.leave_under_way(known, owner=owner, clerk=clerk, at=at)


def _places() -> list[Place]:
    branch = Branch.objects.get()
    return Place.objects.bulk_create(
        Place(branch=branch, name=name, kind=kind)
        for name, kind in (
            ("Tray 3", PlaceKind.TRAY),
            ("Tray 12", PlaceKind.TRAY),
            ("Window A", PlaceKind.WINDOW),
            ("Safe", PlaceKind.SAFE),
        )
    )


def _sell(
    tags: tuple[str, ...],
    kind: str,
    *,
    by: Member,
    at: datetime,
    key: str,
    customer: int | None = None,
) -> None:
    pieces = whole_pieces(tags=tags)
    wanted = tuple(Wanted(tag) for tag in tags)
    quote = price(
        shop=by.shop, pieces=pieces, wanted=wanted, board=board_for(by.shop, pieces, at), at=at
    )
    pays = quote.cash_total if kind == "cash" else quote.total
    order = Order(lines=wanted, payments=(Payment(kind, pays),), key=key, customer=customer)
    sell(order=order, by=by, at=at)
