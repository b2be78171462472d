"""How a document is paid: the words of every tender, in either direction."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class TenderKind(models.TextChoices):
    CASH = "cash", _("Cash")
    CARD = "card", _("Card")
    TRANSFER = "transfer", _("Transfer")
    STORE_CREDIT = "store_credit", _("Store credit")
    GIFT_CARD = "gift_card", _("Gift card")
    ON_ACCOUNT = "on_account", _("On account")
    OLD_GOLD = "old_gold", _("Old gold")
    DEPOSIT = "deposit", _("Deposit")
    SCHEME = "scheme", _("Savings scheme")
