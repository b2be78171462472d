"""With whom a memo is made: chosen already, or looked for by name and phone."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from django.http import HttpRequest

from apps.customers.models import Customer
from apps.customers.selectors import customer_by_id, find

_MOST_FOUND: Final = 12
_LONGEST_ID: Final = 17
_LONGEST_SEARCH: Final = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """`party` once there is one; until then what was searched, and who was found."""

    party: Customer | None = None
    search: str = ""
    found: Sequence[Customer] = ()


def party_chosen(request: HttpRequest) -> Choice:
    """Read `?party=` (or the form's) and `?search=`. Raises CustomerNotFound."""
    party = request.POST.get("party") or request.GET.get("party", "")
    if party.isascii() and party.isdigit() and len(party) <= _LONGEST_ID:
        return Choice(party=customer_by_id(int(party)))
    search = request.GET.get("search", "").strip()[:_LONGEST_SEARCH]
    return Choice(search=search, found=find(search, _MOST_FOUND, kind="") if search else ())
