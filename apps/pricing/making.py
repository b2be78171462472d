"""The shop's making tables: which version counts, and a new one."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.utils.translation import gettext as _

from apps.core.constraints import refuse_on
from apps.core.errors import Conflict, Invalid, NotFound
from apps.pricing import rules
from apps.pricing.models import MakingSlab, MakingTable
from apps.shops.models import Member


class PriceMissing(Conflict):
    """The shop has not said yet what a price needs: a rate, a making table."""


@dataclass(eq=False)
class MakingTableMissing(PriceMissing):
    """A piece or a quote names a table that the shop does not have, or not yet."""

    code: str

    def __str__(self) -> str:
        return _(
            "There is no making table %(code)s. Make it under Rates, or choose another one."
        ) % {"code": self.code}


@dataclass(eq=False)
class MakingTableNotFound(NotFound):
    code: str

    def __str__(self) -> str:
        return _("There is no making table %(code)s. Look for it in the list.") % {
            "code": self.code
        }


@dataclass(eq=False)
class MakingTableImpossible(Invalid):
    """`field` is a path into the table: slabs.2.start."""

    field: str
    reason: str

    def __str__(self) -> str:
        return self.reason


@dataclass(eq=False)
class MakingKeyUsed(Conflict):
    def __str__(self) -> str:
        return _("This form made a table already. Open the page again to make another one.")


def tables_at(at: datetime) -> list[MakingTable]:
    """The newest version of each making table, by code, with its slabs in order. Two queries."""
    newest = (
        MakingTable.objects.filter(valid_from__lte=at)
        .order_by("code", "-valid_from", "-pk")
        .distinct("code")
    )
    return list(newest.prefetch_related("slabs"))


def versions_of(code: str) -> list[MakingTable]:
    """Every version of one table, newest first. Raises MakingTableNotFound."""
    found = list(
        MakingTable.objects.filter(code=code)
        .order_by("-valid_from", "-pk")
        .prefetch_related("slabs")
        .select_related("set_by__user")
    )
    if not found:
        raise MakingTableNotFound(code=code)
    return found


def slabs_of(table: MakingTable) -> list[MakingSlab]:
    """A table's slabs from the lowest up."""
    return sorted(table.slabs.all(), key=lambda slab: slab.start)


def terms_of(table: MakingTable) -> rules.MakingTable:
    """A stored table as the rules read it; its name holds the moment from which it counts."""
    return rules.MakingTable(
        name=f"{table.code}@{table.valid_from:%Y-%m-%dT%H:%M:%SZ}",
        by=rules.SlabBy(table.by),
        fineness=table.fineness,
        slabs=tuple(
            rules.Slab(
                start=slab.start,
                mode=rules.MakingMode(slab.mode),
                value=slab.value,
                basis=rules.MakingBasis(slab.basis) if slab.basis else None,
            )
            for slab in slabs_of(table)
        ),
    )


def set_table(
    *,
    code: str,
    name: str,
    by_what: str,
    fineness: int | None,
    slabs: Sequence[rules.Slab],
    key: UUID,
    by: Member,
    at: datetime,
) -> MakingTable:
    """Let a making table count from `at` on; pieces that name its code are priced by it.

    A charge that names no basis gets the usual one: the metal for a percent, the net weight for
    a charge per gram. The same `key` again is answered with the first version.

    Raises MakingTableImpossible, MakingKeyUsed.
    """
    usual = [_with_basis(slab) for slab in slabs]
    try:
        rules.check_table(
            rules.MakingTable(
                name=code, by=rules.SlabBy(by_what), fineness=fineness, slabs=tuple(usual)
            )
        )
    except rules.RuleBroken as broken:
        reason = _(broken.message).format(**broken.facts)
        raise MakingTableImpossible(field=broken.field, reason=reason) from None
    if not name.strip():
        raise MakingTableImpossible(
            field="name", reason=_("The table has no name. Write what it is for.")
        )
    first = MakingTable.objects.filter(key=key).first()
    if first is not None:
        return first
    with refuse_on({"pricing_makingtable_key_unique": MakingKeyUsed()}):
        table = MakingTable.objects.create(
            code=code,
            name=name.strip(),
            by=by_what,
            fineness=fineness,
            valid_from=at,
            set_by=by,
            key=key,
        )
        MakingSlab.objects.bulk_create(
            MakingSlab(
                shop_id=by.shop_id,
                table=table,
                start=slab.start,
                mode=slab.mode.value,
                value=slab.value,
                basis=slab.basis.value if slab.basis else "",
            )
            for slab in usual
        )
    return table


def _with_basis(slab: rules.Slab) -> rules.Slab:
    usual = {
        rules.MakingMode.PERCENT_OF_METAL: rules.MakingBasis.METAL,
        rules.MakingMode.PER_GRAM: rules.MakingBasis.NET,
    }.get(slab.mode)
    return rules.Slab(start=slab.start, mode=slab.mode, value=slab.value, basis=slab.basis or usual)
