"""Another branch of a shop, with a till of its own."""

from dataclasses import dataclass

from django.db import transaction
from django.db.models.functions import Length
from django.utils.translation import gettext as _

from apps.core.constraints import refuse_on
from apps.core.errors import Conflict, Invalid
from apps.core.signs import is_readable
from apps.shops.models import Branch, Register

_CODE_LENGTH = 6


@dataclass(eq=False)
class BranchNameTaken(Conflict):
    name: str

    def __str__(self) -> str:
        return _("The shop has a branch named %(name)s already. Choose another name.") % {
            "name": self.name
        }


@dataclass(eq=False)
class BranchImpossible(Invalid):
    field: str
    value: str

    def __str__(self) -> str:
        return _("A branch has a name of up to 60 signs, its till a number of up to 6 digits.")


@dataclass(eq=False)
class TillCodeTaken(Conflict):
    code: str

    def __str__(self) -> str:
        return _("The shop has a till %(code)s already. Choose another number.") % {
            "code": self.code
        }


@transaction.atomic
def open_branch(*, name: str, address: str = "", till: str = "") -> Register:
    """A branch of the shop in scope, and its first till; answers the till.

    `till`: its number, which begins the numbers of its documents; empty is the next free one.

    Raises BranchImpossible, BranchNameTaken, TillCodeTaken.
    """
    name = name.strip()
    if not name or len(name) > 60 or not is_readable(name):
        raise BranchImpossible(field="name", value=name)
    code = till.strip() or _next_code()
    if not (code.isascii() and code.isdigit()) or len(code) > _CODE_LENGTH:
        raise BranchImpossible(field="till", value=code)
    with refuse_on({"shops_branch_name_unique": BranchNameTaken(name=name)}):
        branch = Branch.objects.create(name=name, address=address.strip()[:200])
    with refuse_on({"shops_register_code_unique": TillCodeTaken(code=code)}):
        return Register.objects.create(branch=branch, code=code, name=f"Till {code}")


def _next_code() -> str:
    """One more than the highest number of a till."""
    codes = Register.objects.annotate(length=Length("code")).filter(code__regex=r"^[0-9]+$")
    last = codes.order_by("-length", "-code").values_list("code", flat=True).first()
    return str(int(last or 0) + 1)
