"""Gift cards, payments of dues, and what foreign cash is worth."""

from apps.credit.models.cash_rates import CashRate
from apps.credit.models.dues import DuesPayment
from apps.credit.models.gift_cards import GiftCard, GiftCardMove, MoveKind

__all__ = ["CashRate", "DuesPayment", "GiftCard", "GiftCardMove", "MoveKind"]
