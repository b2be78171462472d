"""A piece that is not ours: in our care, not in our books."""

from apps.customers.services import add_customer
from apps.inventory.models import Ownership
from apps.inventory.services.take_in import take_in_all
from tests import make


def customer(name="Nadia Rahman", *, by):
    return add_customer(name=name, by=by, at=make.NOON)


def not_ours(tag, *, by, owner=None, ownership=Ownership.MEMO_IN, **terms):
    """As apps.consignment takes it in: no entry of the books, an owner. `terms`: of the piece."""
    owner = owner or customer("Khalid Gems", by=by)
    return take_in_all(
        pieces=[make.new_piece(tag=tag, **terms)],
        by=by,
        at=make.NOON,
        reference=tag,
        owner=owner,
        ownership=ownership,
    )[0]
