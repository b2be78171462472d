"""What the pieces of a split are made of, and what joined pieces become. Asks no database."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Final

from django.utils.translation import gettext as _

from apps.core.errors import Invalid
from apps.core.units import carats_to_grams, currency, fine_grams, round_grams
from apps.inventory.models import MakingMode, Piece, StonePriceMode, WastageMode
from apps.inventory.selectors import MetalPart, StonePart, WholePiece
from apps.inventory.services.new_terms import NewMetal, NewPiece, NewStone
from apps.inventory.shares import share_out

MOST_PARTS: Final = 12
_ZERO: Final = Decimal(0)
_MILLIGRAM: Final = Decimal("0.001")
_CARAT_STEP: Final = Decimal("0.00001")


@dataclass(eq=False)
class WeightsDoNotSum(Invalid):
    """More metal after than before. Units: grams."""

    before_g: Decimal
    after_g: Decimal

    def __str__(self) -> str:
        return _(
            "The parts weigh %(after)s g, and before it was %(before)s g. Weigh each again."
        ) % {"after": self.after_g, "before": self.before_g}


@dataclass(eq=False)
class StonesDoNotSum(Invalid):
    kind: str
    before: int
    after: int

    def __str__(self) -> str:
        return _("%(kind)s: there are %(before)s, and the parts have %(after)s. Count them.") % {
            "kind": self.kind,
            "before": self.before,
            "after": self.after,
        }


@dataclass(eq=False)
class PartsUnclear(Invalid):
    reason: str

    def __str__(self) -> str:
        return self.reason


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """One piece of a split, as the scale says it; its lists stand in the order of the whole's.

    Units: grams. An empty tag takes the next free one; an empty name keeps the whole's.
    """

    tag: str = ""
    name: str = ""
    net_g: tuple[Decimal, ...]
    gross_g: Decimal | None = None
    stones: tuple[int, ...] = ()


def losses(before: Sequence[Decimal], after: Sequence[Decimal]) -> list[Decimal]:
    """What each metal lost. Raises WeightsDoNotSum where one has grown."""
    lost = [was - now for was, now in zip(before, after, strict=True)]
    if any(loss < 0 for loss in lost):
        raise WeightsDoNotSum(before_g=sum(before, _ZERO), after_g=sum(after, _ZERO))
    return lost


def demand_possible(whole: WholePiece, parts: Sequence[Part]) -> None:
    """Raises PartsUnclear, StonesDoNotSum."""
    if not 2 <= len(parts) <= MOST_PARTS:
        raise PartsUnclear(
            reason=_("A tag is split into two to %(most)s. Write what each of them weighs.")
            % {"most": MOST_PARTS}
        )
    metals, stones = len(whole.metals), len(whole.stones)
    if any(len(part.net_g) != metals or len(part.stones) != stones for part in parts):
        raise PartsUnclear(
            reason=_("The piece was changed meanwhile. Open the page again, then split it.")
        )
    if any(weight < 0 for part in parts for weight in part.net_g):
        raise PartsUnclear(reason=_("A part weighs less than nothing. Weigh it again."))
    for n, stone in enumerate(whole.stones):
        after = sum(part.stones[n] for part in parts)
        if after != stone.count or any(part.stones[n] < 0 for part in parts):
            raise StonesDoNotSum(kind=stone.kind, before=stone.count, after=after)


def split_terms(
    whole: WholePiece, parts: Sequence[Part], *, tags: Sequence[str], code: str
) -> list[NewPiece]:
    """The new pieces: weights as given, cost and fine grams shared by weight, exactly.

    Where metal was lost, the fine grams of what is left are shared. A hallmark ends with its tag.
    """
    money = Decimal(1).scaleb(-currency(code).exponent)
    weights = [sum(part.net_g, _ZERO) for part in parts]
    if not any(weights):
        weights = [part.gross_g or _ZERO for part in parts]
    metals = _metals(whole.metals, parts)
    stones = _stones(whole.stones, parts, money)
    piece = whole.piece

    def shared(amount: Decimal | None) -> Sequence[Decimal | None]:
        return [None] * len(parts) if amount is None else share_out(amount, weights, money)

    costs = share_out(piece.cost, weights, money)
    fixed, margins = shared(piece.fixed_price), shared(piece.margin_purchase_price)
    per_piece = piece.making_mode == MakingMode.PER_PIECE
    makings = share_out(piece.making_value, weights, money) if per_piece else None
    in_grams = piece.wastage_mode == WastageMode.GRAMS
    wastages = share_out(piece.wastage_value, weights, _MILLIGRAM) if in_grams else None
    return [
        NewPiece(
            **{
                **_terms(piece),
                "tag": tags[n],
                "name": part.name.strip() or piece.name,
                "metals": metals[n],
                "stones": stones[n],
                "gross_weight_g": _gross(piece, part, stones[n]),
                "cost": costs[n],
                "fixed_price": fixed[n] or None,
                "margin_purchase_price": margins[n],
                **({"making_value": makings[n]} if makings else {}),
                **({"wastage_value": wastages[n]} if wastages else {}),
            }
        )
        for n, part in enumerate(parts)
    ]


def _gross(piece: Piece, part: Part, stones: Sequence[NewStone]) -> Decimal | None:
    """As the scale says it; else its metal and its stones, where the whole was weighed."""
    if part.gross_g is not None or piece.gross_weight_g is None:
        return part.gross_g
    carats = sum((stone.carats for stone in stones), _ZERO)
    return sum(part.net_g, _ZERO) + round_grams(carats_to_grams(carats)) or None


def _terms(piece: Piece) -> dict[str, Any]:
    """The terms of its price that a piece hands on."""
    return {
        "category": piece.category,
        "making_mode": piece.making_mode,
        "making_value": piece.making_value,
        "making_basis": piece.making_basis,
        "making_table": piece.making_table,
        "wastage_mode": piece.wastage_mode,
        "wastage_value": piece.wastage_value,
        "profit_percent": piece.profit_percent,
        "tax_category": piece.tax_category,
        "place": piece.place,
    }


def _metals(metals: Sequence[MetalPart], parts: Sequence[Part]) -> list[tuple[NewMetal, ...]]:
    made: list[list[NewMetal]] = [[] for _part in parts]
    for n, metal in enumerate(metals):
        nets = [part.net_g[n] for part in parts]
        if not any(nets):
            continue
        for into, net, fine in zip(made, nets, _fine(metal, nets), strict=True):
            if net:
                into.append(
                    NewMetal(
                        metal=metal.metal,
                        fineness=metal.fineness,
                        net_weight_g=net,
                        fine_weight_g=min(fine, net),
                    )
                )
    return [tuple(each) for each in made]


def _fine(metal: MetalPart, nets: Sequence[Decimal]) -> list[Decimal]:
    now = sum(nets, _ZERO)
    exact = now == metal.net_weight_g
    fine = metal.fine_weight_g if exact else fine_grams(now, metal.fineness)
    return share_out(fine, nets, _MILLIGRAM)


def _stones(
    stones: Sequence[StonePart], parts: Sequence[Part], money: Decimal
) -> list[tuple[NewStone, ...]]:
    """Carats and prices of a lot of stones go by their number; a certificate with all of them."""
    made: list[list[NewStone]] = [[] for _part in parts]
    for n, stone in enumerate(stones):
        counts = [Decimal(part.stones[n]) for part in parts]
        carats = share_out(stone.carats, counts, _CARAT_STEP)
        fixed = stone.price_mode == StonePriceMode.FIXED
        prices = share_out(stone.price_value, counts, money) if fixed else None
        for k, (into, part) in enumerate(zip(made, parts, strict=True)):
            if not part.stones[n]:
                continue
            whole = part.stones[n] == stone.count
            into.append(
                NewStone(
                    kind=stone.kind,
                    count=part.stones[n],
                    carats=carats[k],
                    certificate=stone.certificate if whole else "",
                    certificate_lab=stone.certificate_lab if whole else "",
                    certificate_fee=stone.certificate_fee if whole else None,
                    price_mode=stone.price_mode,
                    price_value=prices[k] if prices else stone.price_value,
                )
            )
    return [tuple(each) for each in made]


def merged(wholes: Sequence[WholePiece]) -> list[MetalPart]:
    """The metals of several pieces: those of one fineness together, in the order they come."""
    together: dict[tuple[str, int], tuple[Decimal, Decimal]] = {}
    for whole in wholes:
        for part in whole.metals:
            key = part.metal, part.fineness
            net, fine = together.get(key, (_ZERO, _ZERO))
            together[key] = net + part.net_weight_g, fine + part.fine_weight_g
    return [
        MetalPart(metal=metal, fineness=fineness, net_weight_g=net, fine_weight_g=fine)
        for (metal, fineness), (net, fine) in together.items()
    ]


def joined_terms(
    wholes: Sequence[WholePiece],
    *,
    tag: str,
    name: str,
    nets: Sequence[Decimal],
    gross_g: Decimal | None,
) -> NewPiece:
    """The one piece that several become: costs and fine grams together, the first one's terms.

    `nets`: what the scale says of each of the `merged` metals. A tag price is the sum of theirs
    where each has one. Raises PartsUnclear.
    """
    pieces = [whole.piece for whole in wholes]
    margins = [piece.margin_purchase_price for piece in pieces]
    if any(each is None for each in margins) and any(each is not None for each in margins):
        raise PartsUnclear(
            reason=_("Some are sold under the margin scheme and some are not. Keep them apart.")
        )
    fixed = [piece.fixed_price for piece in pieces]
    each_fixed = [price for price in fixed if price is not None]
    first, alike = pieces[0], {piece.making_mode for piece in pieces}
    making = first.making_value
    if alike == {MakingMode.PER_PIECE}:
        making = sum((piece.making_value for piece in pieces), _ZERO)
    wastage = first.wastage_value
    if {piece.wastage_mode for piece in pieces} == {WastageMode.GRAMS}:
        wastage = sum((piece.wastage_value for piece in pieces), _ZERO)
    return NewPiece(
        **{
            **_terms(first),
            "tag": tag,
            "name": name.strip() or first.name,
            "metals": tuple(
                NewMetal(
                    metal=part.metal,
                    fineness=part.fineness,
                    net_weight_g=net,
                    fine_weight_g=_fine(part, [net])[0],
                )
                for part, net in zip(merged(wholes), nets, strict=True)
                if net
            ),
            "stones": tuple(
                NewStone(
                    kind=stone.kind,
                    count=stone.count,
                    carats=stone.carats,
                    certificate=stone.certificate,
                    certificate_lab=stone.certificate_lab,
                    certificate_fee=stone.certificate_fee,
                    price_mode=stone.price_mode,
                    price_value=stone.price_value,
                )
                for whole in wholes
                for stone in whole.stones
            ),
            "gross_weight_g": gross_g,
            "cost": sum((piece.cost for piece in pieces), _ZERO),
            "making_value": making,
            "wastage_value": wastage,
            "fixed_price": sum(each_fixed, _ZERO) if len(each_fixed) == len(pieces) else None,
            "margin_purchase_price": (
                None if margins[0] is None else sum((m for m in margins if m), _ZERO)
            ),
        }
    )
