"""Tables of pricing: the rate board and the making tables."""

from apps.pricing.models.making import MakingBasis, MakingSlab, MakingTable, SlabBy, SlabMode
from apps.pricing.models.proposals import Outcome, RateProposal
from apps.pricing.models.rates import (
    OF_HISTORY,
    Metal,
    MetalRate,
    RateSide,
    RateSource,
    RateUnit,
)

__all__ = [
    "OF_HISTORY",
    "MakingBasis",
    "MakingSlab",
    "MakingTable",
    "Metal",
    "MetalRate",
    "Outcome",
    "RateProposal",
    "RateSide",
    "RateSource",
    "RateUnit",
    "SlabBy",
    "SlabMode",
]
