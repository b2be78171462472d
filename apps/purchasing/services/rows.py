"""The rows of a slip, its items and their photos, made from an offer and its valuation."""

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from decimal import Decimal

from apps.customers.models import Customer, IdentityPaper
from apps.purchasing.models import OldGoldItem, OldGoldSlip, Photo, Purpose
from apps.purchasing.services.numbered import head_of
from apps.purchasing.services.offers import Offer
from apps.purchasing.services.photos import Drawn
from apps.purchasing.services.valuing import Valuation
from apps.shops.days import day_of
from apps.shops.models import Member
from apps.shops.services import DocumentNumber


def slip_row(
    offer: Offer,
    valuation: Valuation,
    number: DocumentNumber,
    *,
    customer: Customer,
    paper: IdentityPaper | None,
    by: Member,
    at: datetime,
) -> OldGoldSlip:
    day = day_of(by.shop, at)
    place = valuation.policy.place
    return OldGoldSlip(
        **head_of(number, key=offer.key, by=by, at=at),
        customer=customer,
        purpose=offer.purpose,
        currency=by.shop.currency,
        total=valuation.total,
        claim_left=valuation.total if offer.purpose == Purpose.EXCHANGE else Decimal(0),
        size=len(offer.items),
        seller_name=customer.name,
        seller_phone=customer.phone,
        seller_address=customer.address,
        seller_birth_date=customer.birth_date,
        paper=f"{paper.get_kind_display()} …{paper.last4}" if paper else "",
        identity_paper=paper,
        declaration=valuation.policy.declaration,
        rules={"pack": by.shop.tax_pack, **place.as_json()},
        hold_until=day + timedelta(days=place.hold_days) if place.hold_days else None,
        note=offer.note.strip()[:200],
        request_digest=offer.digest(),
    )


def item_rows(
    slip: OldGoldSlip, valuation: Valuation, testers: Sequence[Member]
) -> Iterator[OldGoldItem]:
    for position, (valued, tester) in enumerate(zip(valuation.items, testers, strict=True)):
        item = valued.item
        assert item.tested_fineness is not None, "demand_sense was asked"
        yield OldGoldItem(
            shop_id=slip.by.shop_id,
            slip=slip,
            position=position,
            description=item.description.strip(),
            own_tag=item.own_tag,
            metal=item.metal,
            gross_weight_g=item.gross_weight_g,
            stones_g=item.stones_g,
            dirt_g=item.dirt_g,
            other_g=item.other_g,
            net_weight_g=item.net_weight_g,
            stated_fineness=item.stated_fineness,
            tested_fineness=item.tested_fineness,
            method=item.method,
            tested_by=tester,
            offered_fineness=valued.offered_fineness,
            cut_percent=valued.cut_percent,
            rate_amount=valued.rate_amount,
            rate_unit=valued.rate_unit,
            rate_fineness=valued.rate_fineness,
            premium_percent=valued.premium_percent,
            board_rate_per_g=valued.board_rate_per_g,
            fine_weight_g=valued.worth.fine_g,
            value=valued.worth.value,
        )


def photo_rows(
    items: Sequence[OldGoldItem],
    photos: Sequence[Sequence[Drawn]],
    *,
    by: Member,
    at: datetime,
) -> Iterator[Photo]:
    for item, of_item in zip(items, photos, strict=True):
        for drawn in of_item:
            yield Photo(
                shop_id=by.shop_id,
                item=item,
                content=drawn.content,
                width=drawn.width,
                height=drawn.height,
                at=at,
                by=by,
            )
