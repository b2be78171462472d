"""What is handed to the customer: the contract, the passbook, and a receipt of each payment."""

from datetime import datetime
from typing import Any

from django.template.loader import render_to_string
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from apps.core.errors import NotFound
from apps.core.paper import pdf
from apps.core.paper.qr import qr_svg
from apps.deposits.models import Deposit, DepositMove, Membership, SchemeMove
from apps.deposits.policy import DepositPolicy
from apps.deposits.selectors.contracts import balance_of, dues_of, passbook_of, pieces_of
from apps.deposits.selectors.schemes import lines_of, saved_in
from apps.shops.days import day_of
from apps.shops.models import Shop


class ReceiptNotFound(NotFound):
    def __str__(self) -> str:
        return _("There is no receipt of this number. Look it up on the contract's page.")


def contract_paper(deposit: Deposit, *, shop: Shop, at: datetime) -> bytes:
    """The contract with its pieces, rules, payments and balance, on A4."""
    context = {
        "deposit": deposit,
        "pieces": pieces_of(deposit),
        "moves": passbook_of(deposit),
        "dues": dues_of(deposit, day=day_of(shop, at)),
        "held": balance_of(deposit),
        "rules": DepositPolicy.from_json(deposit.rules),
    }
    return _draw("deposits/paper/contract.html", deposit.number, context, shop=shop, at=at)


def passbook_paper(membership: Membership, *, shop: Shop, at: datetime) -> bytes:
    """The passbook of a savings scheme with every line, on A4."""
    context = {
        "membership": membership,
        "moves": lines_of(membership),
        "held": saved_in(membership),
    }
    return _draw("deposits/paper/passbook.html", membership.number, context, shop=shop, at=at)


def receipt_paper(number: str, *, shop: Shop, at: datetime) -> bytes:
    """The receipt of a payment, in or out, on the roll. Raises ReceiptNotFound."""
    move = receipt_of(number)
    context = {
        "move": move,
        "is_paid_out": move.kind == "refunded",
        "amount": abs(move.amount),
        "grams": abs(move.grams),
        **_owner(move),
    }
    return _draw("deposits/paper/receipt.html", number, context, shop=shop, at=at, cut=True)


def receipt_of(number: str) -> DepositMove | SchemeMove:
    """The line that a receipt's number was written for. Raises ReceiptNotFound."""
    wanted = number.replace("\x00", "")
    deposit = DepositMove.objects.select_related("deposit__customer", "by__user").filter(
        reference=wanted, kind__in=("paid", "refunded")
    )
    scheme = SchemeMove.objects.select_related(
        "membership__customer", "membership__plan", "by__user"
    ).filter(reference=wanted, kind__in=("paid", "refunded"))
    found = deposit.first() or scheme.first()
    if found is None:
        raise ReceiptNotFound
    return found


def paper_owner(number: str) -> Deposit | Membership:
    """The contract or the passbook in which a number stands. Raises ReceiptNotFound."""
    wanted = number.replace("\x00", "")
    deposit = DepositMove.objects.select_related("deposit").filter(reference=wanted).first()
    if deposit is not None:
        return deposit.deposit
    scheme = SchemeMove.objects.select_related("membership").filter(reference=wanted).first()
    if scheme is None:
        raise ReceiptNotFound
    return scheme.membership


def _owner(move: DepositMove | SchemeMove) -> dict[str, Any]:
    if isinstance(move, DepositMove):
        held = balance_of(move.deposit, upto=move.position)
        return {
            "of": move.deposit,
            "fineness": move.deposit.fineness,
            "metal": move.deposit.metal,
            "held": held,
        }
    plan = move.membership.plan
    return {
        "of": move.membership,
        "fineness": plan.fineness,
        "metal": plan.metal,
        "plan": plan,
        "held": saved_in(move.membership, upto=move.position),
    }


def _draw(
    template: str,
    code: str,
    context: dict[str, Any],
    *,
    shop: Shop,
    at: datetime,
    cut: bool = False,
) -> bytes:
    """Raises PdfLibrariesMissing, PrinterBusy."""
    pdf.demand_libraries()
    common = {
        "shop": shop,
        "at": at,
        "qr": qr_svg(code),
        "language": translation.get_language(),
        "direction": "rtl" if translation.get_language_bidi() else "ltr",
    }
    with timezone.override(shop.zone):
        return pdf.draw(render_to_string(template, {**context, **common}), cut=cut)
