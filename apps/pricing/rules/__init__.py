"""The trade's arithmetic: pure functions over frozen terms. No Django, no database, no clock.

`price_document(QuoteTerms(...))` prices a whole bill; `refund(...)` says what a return gives
back. The formulas and their sources are explained in `docs/explanation/pricing.md`.
"""

from apps.pricing.rules.broken import RuleBroken
from apps.pricing.rules.component import Component, Kind, RoundingRule, replay
from apps.pricing.rules.deposits import DepositUse
from apps.pricing.rules.document import price_document
from apps.pricing.rules.pack_files import codes, version_by_id, version_for, versions_of
from apps.pricing.rules.packs import FeeKind, PackVersion, RoundingPolicy
from apps.pricing.rules.quotes import Quote, QuoteLine, TradeIn
from apps.pricing.rules.rates import Rate, choose, per_gram, quoted
from apps.pricing.rules.returns import Refund, ReturnPolicy, refund
from apps.pricing.rules.slabs import MOST_SLABS, check_table
from apps.pricing.rules.tax import TaxShare, TaxTotal
from apps.pricing.rules.terms import (
    DepositKind,
    DepositTerms,
    DiscountOn,
    DiscountTerms,
    ExtraTerms,
    LineTerms,
    MakingBasis,
    MakingMode,
    MakingTable,
    MakingTerms,
    MetalTerms,
    QuoteTerms,
    Scheme,
    Slab,
    SlabBy,
    StonePrice,
    StoneTerms,
    TradeInTerms,
    WastageMode,
    WastageTerms,
)

__all__ = [
    "MOST_SLABS",
    "Component",
    "DepositKind",
    "DepositTerms",
    "DepositUse",
    "DiscountOn",
    "DiscountTerms",
    "ExtraTerms",
    "FeeKind",
    "Kind",
    "LineTerms",
    "MakingBasis",
    "MakingMode",
    "MakingTable",
    "MakingTerms",
    "MetalTerms",
    "PackVersion",
    "Quote",
    "QuoteLine",
    "QuoteTerms",
    "Rate",
    "Refund",
    "ReturnPolicy",
    "RoundingPolicy",
    "RoundingRule",
    "RuleBroken",
    "Scheme",
    "Slab",
    "SlabBy",
    "StonePrice",
    "StoneTerms",
    "TaxShare",
    "TaxTotal",
    "TradeIn",
    "TradeInTerms",
    "WastageMode",
    "WastageTerms",
    "check_table",
    "choose",
    "codes",
    "per_gram",
    "price_document",
    "quoted",
    "refund",
    "replay",
    "version_by_id",
    "version_for",
    "versions_of",
]
