"""Doors for programs: places, moves, parcels, reservations, papers of the stock."""

from typing import Annotated

from django.http import HttpResponse
from django.utils import timezone
from ninja import Path as InPath
from ninja import Router, Schema, Status
from pydantic import ConfigDict, Field

from apps.core.api import PROBLEMS, ProblemOut
from apps.core.api_types import Day, Grams, IdempotencyKey, Tag, Text, Word
from apps.inventory.models import Place, StockDocument, Transfer
from apps.inventory.permissions import demand_keeper
from apps.inventory.selectors import place_facts, place_named, places
from apps.inventory.selectors.documents import movements_of
from apps.inventory.selectors.lying import PlaceFacts
from apps.inventory.selectors.transfers import lines_of, transfer_by_id, transfers
from apps.inventory.services.losing import find, lose
from apps.inventory.services.moving import move
from apps.inventory.services.reservations import let_go, reserve_for
from apps.inventory.services.retag import MOST_PARTS, Part, join, split
from apps.inventory.services.transfers import begin, give_up, pack, receive, send
from apps.shops.access import MemberRequest
from apps.shops.api_types import ApproverIn
from apps.shops.selectors import branch_named

router = Router(tags=["inventory"])
_PROBLEMS = {**PROBLEMS, 404: ProblemOut, 409: ProblemOut}
Tags = Annotated[list[Tag], Field(min_length=1, max_length=500)]
Reason = Annotated[Text, Field(min_length=1)]
ParcelId = Annotated[int, InPath(ge=1, le=2**62)]


class _SentByHand(Schema):
    model_config = ConfigDict(extra="forbid")


class PlaceOut(Schema):
    name: str
    kind: str
    branch: str
    pieces: int = Field(description="What should lie there now.")
    not_ours: int = Field(description="Of the pieces: those that belong to others.")
    gross_g: str
    fine_g: dict[str, str]
    custodian: str | None

    @classmethod
    def of(cls, facts: PlaceFacts) -> "PlaceOut":
        return cls(
            name=facts.place.name,
            kind=facts.place.kind,
            branch=facts.place.branch.name,
            pieces=facts.pieces,
            not_ours=facts.not_ours,
            gross_g=f"{facts.gross_g:.3f}",
            fine_g={metal: f"{fine:.3f}" for metal, fine in facts.fine_g},
            custodian=str(facts.custodian.user) if facts.custodian else None,
        )


@router.get("/places", response={200: list[PlaceOut], **PROBLEMS}, summary="Places of the stock")
def list_places(request: MemberRequest) -> list[PlaceOut]:
    """Every open place and what should lie there."""
    return [PlaceOut.of(facts) for facts in place_facts(places())]


class MoveIn(_SentByHand):
    tags: Tags
    place: Word = Field(description="The name of an open place of the branch they are in.")


class MovedOut(Schema):
    tags: list[str]
    place: str


@router.post("/moves", response={200: MovedOut, **_PROBLEMS}, summary="Move pieces")
def move_pieces(request: MemberRequest, given: MoveIn) -> MovedOut:
    """Put pieces into a place, all or none. Those that lie there already stay.

    404: no such tag; 409: a piece that is not in the shop, or in another branch; a closed place.
    """
    place = place_named(given.place)
    moved = move(tags=given.tags, place=place, by=request.member, at=timezone.now())
    return MovedOut(tags=[piece.tag for piece in moved], place=place.name)


class ReservationIn(_SentByHand):
    tag: Tag
    customer: int = Field(ge=1, le=2**62)
    until: Day
    note: Annotated[Text, Field(max_length=200)] = ""


class ReservationOut(Schema):
    tag: str
    customer: int
    until: str


@router.post(
    "/reservations", response={201: ReservationOut, **_PROBLEMS}, summary="Reserve a piece"
)
def reserve_piece(request: MemberRequest, given: ReservationIn) -> Status[ReservationOut]:
    """Keep a piece for a customer through a day. Sent again it answers the same.

    404: no such tag or customer; 409: not for sale, or reserved for another.
    """
    kept = reserve_for(
        tag=given.tag,
        customer=given.customer,
        until=given.until,
        note=given.note,
        by=request.member,
        at=timezone.now(),
    )
    return Status(
        201,
        ReservationOut(tag=given.tag, customer=kept.customer_id, until=kept.until.isoformat()),
    )


class TagIn(_SentByHand):
    tag: Tag


@router.post("/reservations/release", response={200: TagIn, **_PROBLEMS}, summary="Release a piece")
def release_piece(request: MemberRequest, given: TagIn) -> TagIn:
    """Let a reserved piece be sold to anybody. 404: no such tag; 409: not reserved."""
    return TagIn(tag=let_go(tag=given.tag, by=request.member, at=timezone.now()).tag)


class ParcelLineOut(Schema):
    tag: str
    state: str = Field(description="packed, sent, received or lost.")
    place: str | None = Field(description="Where it was received.")


class ParcelOut(Schema):
    id: int
    number: str = Field(description="Empty before it is sent.")
    state: str
    source: str
    target: str
    lines: list[ParcelLineOut]

    @classmethod
    def of(cls, parcel: Transfer) -> "ParcelOut":
        return cls(
            id=parcel.pk,
            number=parcel.code,
            state=parcel.state,
            source=parcel.source.name,
            target=parcel.target.name,
            lines=[
                ParcelLineOut(
                    tag=line.piece.tag,
                    state=line.state,
                    place=line.receipt.place.name if line.receipt else None,
                )
                for line in lines_of(parcel)
            ],
        )


class ParcelHeadOut(Schema):
    id: int
    number: str
    state: str
    source: str
    target: str
    pieces: int
    on_the_way: int


class ParcelIn(_SentByHand):
    source: Word = Field(description="The branch it leaves.")
    target: Word
    carrier: Annotated[Text, Field(max_length=80)] = ""
    tags: Annotated[list[Tag], Field(max_length=500)] = []


@router.get(
    "/transfers", response={200: list[ParcelHeadOut], **PROBLEMS}, summary="Transfers, newest first"
)
def list_transfers(request: MemberRequest) -> list[ParcelHeadOut]:
    """The newest 200 parcels."""
    return [
        ParcelHeadOut(
            id=parcel.pk,
            number=parcel.code,
            state=parcel.state,
            source=parcel.source.name,
            target=parcel.target.name,
            pieces=parcel.pieces,  # type: ignore[attr-defined]
            on_the_way=parcel.on_the_way,  # type: ignore[attr-defined]
        )
        for parcel in transfers()
    ]


@router.post("/transfers", response={201: ParcelOut, **_PROBLEMS}, summary="Pack a parcel")
def begin_transfer(
    request: MemberRequest, given: ParcelIn, key: IdempotencyKey, response: HttpResponse
) -> Status[ParcelOut]:
    """Begin a parcel and pack pieces into it. Repeated with its key, it answers the first.

    404: no such branch or tag; 409: a piece that is not for sale, or in another branch.
    """
    now = timezone.now()
    parcel = begin(
        source=branch_named(given.source),
        target=branch_named(given.target),
        carrier=given.carrier,
        by=request.member,
        at=now,
        key=key,
    )
    if parcel.made_at != now:
        response["Idempotent-Replayed"] = "true"
    elif given.tags:
        pack(transfer=parcel.pk, tags=given.tags)
    return Status(201, ParcelOut.of(transfer_by_id(parcel.pk)))


@router.get("/transfers/{parcel}", response={200: ParcelOut, **_PROBLEMS}, summary="One parcel")
def read_transfer(request: MemberRequest, parcel: ParcelId) -> ParcelOut:
    """A parcel and how each of its pieces stands. 404: no such parcel."""
    return ParcelOut.of(transfer_by_id(parcel))


class SendIn(_SentByHand):
    reason: Reason
    approver: ApproverIn | None = None


@router.post(
    "/transfers/{parcel}/send", response={200: ParcelOut, **_PROBLEMS}, summary="Send a parcel"
)
def send_transfer(request: MemberRequest, parcel: ParcelId, given: SendIn) -> ParcelOut:
    """Let a parcel go. Repeated by the same person, it answers the same.

    403: not your right; 409: a piece that is gone, a second person is needed, sent already.
    """
    send(
        transfer=parcel,
        reason=given.reason,
        by=request.member,
        at=timezone.now(),
        register=request.register,
        approver=given.approver.approver() if given.approver else None,
    )
    return ParcelOut.of(transfer_by_id(parcel))


@router.post(
    "/transfers/{parcel}/cancel", response={200: ParcelOut, **_PROBLEMS}, summary="Give a parcel up"
)
def cancel_transfer(request: MemberRequest, parcel: ParcelId) -> ParcelOut:
    """Give a parcel up that was not sent. 409: it was sent."""
    give_up(transfer=parcel, at=timezone.now())
    return ParcelOut.of(transfer_by_id(parcel))


@router.post(
    "/transfers/{parcel}/receipts",
    response={201: ParcelOut, **_PROBLEMS},
    summary="Receive pieces of a parcel",
)
def receive_transfer(
    request: MemberRequest,
    parcel: ParcelId,
    given: MoveIn,
    key: IdempotencyKey,
    response: HttpResponse,
) -> Status[ParcelOut]:
    """Take pieces in, all or none. Repeated with its key, it answers the first.

    409: a piece that is not on its list, or was received: by whom and when.
    """
    now = timezone.now()
    receipt = receive(
        transfer=parcel,
        tags=given.tags,
        place=place_named(given.place),
        by=request.member,
        at=now,
        key=key,
    )
    if receipt.at != now:
        response["Idempotent-Replayed"] = "true"
    return Status(201, ParcelOut.of(transfer_by_id(parcel)))


class StepOut(Schema):
    tag: str
    state: str


class StockDocumentOut(Schema):
    number: str
    kind: str
    pieces: list[StepOut]

    @classmethod
    def of(cls, document: StockDocument) -> "StockDocumentOut":
        return cls(
            number=document.code,
            kind=document.kind,
            pieces=[
                StepOut(tag=step.piece.tag, state=step.piece.state)
                for step in movements_of(document)
            ],
        )


class LossIn(_SentByHand):
    tags: Tags
    reason: Reason
    approver: ApproverIn | None = None


class FoundIn(LossIn):
    place: Word


class PartIn(_SentByHand):
    tag: Annotated[Text, Field(max_length=30)] = ""
    name: Text = ""
    net_g: Annotated[list[Grams], Field(max_length=8)] = Field(
        description="One weight for each metal of the piece, in its order; left out where none."
    )
    gross_g: Grams | None = None
    stones: Annotated[list[Annotated[int, Field(ge=0, le=100_000)]], Field(max_length=20)] = Field(
        [], description="How many of each kind, in the order of the piece."
    )


class SplitIn(_SentByHand):
    tag: Tag
    parts: Annotated[list[PartIn], Field(min_length=2, max_length=MOST_PARTS)]
    reason: Text = ""
    approver: ApproverIn | None = None


class JoinIn(_SentByHand):
    tags: Annotated[list[Tag], Field(min_length=2, max_length=MOST_PARTS)]
    tag: Annotated[Text, Field(max_length=30)] = ""
    name: Text = ""
    gross_g: Grams | None = None
    reason: Text = ""
    approver: ApproverIn | None = None


def _answered(
    document: StockDocument, response: HttpResponse, *, fresh: bool
) -> Status[StockDocumentOut]:
    if not fresh:
        response["Idempotent-Replayed"] = "true"
    return Status(201, StockDocumentOut.of(document))


@router.post(
    "/write-offs", response={201: StockDocumentOut, **_PROBLEMS}, summary="Write pieces off"
)
def write_off(
    request: MemberRequest, given: LossIn, key: IdempotencyKey, response: HttpResponse
) -> Status[StockDocumentOut]:
    """Take pieces out of the stock and the books. Repeated with its key, it answers the first.

    403: not your right; 409: a piece that is not there to lose, a second person is needed.
    """
    now = timezone.now()
    document = lose(
        tags=given.tags,
        reason=given.reason,
        by=request.member,
        at=now,
        key=key,
        register=request.register,
        approver=given.approver.approver() if given.approver else None,
    )
    return _answered(document, response, fresh=document.at == now)


@router.post("/finds", response={201: StockDocumentOut, **_PROBLEMS}, summary="Find pieces again")
def find_again(
    request: MemberRequest, given: FoundIn, key: IdempotencyKey, response: HttpResponse
) -> Status[StockDocumentOut]:
    """Bring pieces that were written off back. Repeated with its key, it answers the first."""
    now = timezone.now()
    place: Place = place_named(given.place)
    document = find(
        tags=given.tags,
        place=place,
        reason=given.reason,
        by=request.member,
        at=now,
        key=key,
        register=request.register,
        approver=given.approver.approver() if given.approver else None,
    )
    return _answered(document, response, fresh=document.at == now)


@router.post("/splits", response={201: StockDocumentOut, **_PROBLEMS}, summary="Split a tag")
def split_piece(
    request: MemberRequest, given: SplitIn, key: IdempotencyKey, response: HttpResponse
) -> Status[StockDocumentOut]:
    """Make several tags of one. For owners and managers. Repeated, it answers the first.

    409: the piece is not for sale, a tag is taken; 422: weights or stones do not sum.
    """
    demand_keeper(request.member)
    now = timezone.now()
    document = split(
        tag=given.tag,
        parts=[
            Part(
                tag=part.tag,
                name=part.name,
                net_g=tuple(part.net_g),
                gross_g=part.gross_g,
                stones=tuple(part.stones),
            )
            for part in given.parts
        ],
        reason=given.reason,
        by=request.member,
        at=now,
        key=key,
        register=request.register,
        approver=given.approver.approver() if given.approver else None,
    )
    return _answered(document, response, fresh=document.at == now)


@router.post("/joins", response={201: StockDocumentOut, **_PROBLEMS}, summary="Join tags")
def join_pieces(
    request: MemberRequest, given: JoinIn, key: IdempotencyKey, response: HttpResponse
) -> Status[StockDocumentOut]:
    """Make one tag of several. For owners and managers. Repeated, it answers the first."""
    demand_keeper(request.member)
    now = timezone.now()
    document = join(
        tags=given.tags,
        tag=given.tag,
        name=given.name,
        gross_g=given.gross_g,
        reason=given.reason,
        by=request.member,
        at=now,
        key=key,
        register=request.register,
        approver=given.approver.approver() if given.approver else None,
    )
    return _answered(document, response, fresh=document.at == now)
