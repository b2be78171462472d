"""Who sells: what must be known of them before the shop may buy."""

from collections.abc import Iterable
from dataclasses import dataclass

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from apps.core.errors import Invalid
from apps.customers.models import Customer, IdentityPaper, PaperKind
from apps.purchasing.rules.places import Detail

DETAILS = {
    Detail.NAME: gettext_lazy("the name"),
    Detail.PHONE: gettext_lazy("the phone number"),
    Detail.ADDRESS: gettext_lazy("the address"),
    Detail.BIRTH_DATE: gettext_lazy("the date of birth"),
    Detail.PAPER: gettext_lazy("an identity paper"),
    Detail.TAX_CARD: gettext_lazy("the tax card"),
}


@dataclass(eq=False)
class SellerNotKnown(Invalid):
    """What the law or the shop wants to know of a seller, and nobody wrote down."""

    missing: list[str]

    def __str__(self) -> str:
        listed = _(", ").join(str(DETAILS[Detail(name)]) for name in self.missing)
        return _("Of the seller is missing: %(missing)s. Write it on their page first.") % {
            "missing": listed
        }


def demand_known(
    customer: Customer, papers: Iterable[IdentityPaper], asked: Iterable[Detail]
) -> IdentityPaper | None:
    """The paper that proves who they are, if one was asked for or seen.

    Raises SellerNotKnown.
    """
    kinds = {paper.kind: paper for paper in reversed(list(papers))}
    proof = [paper for kind, paper in kinds.items() if kind != PaperKind.TAX_CARD]
    known = {
        Detail.NAME: customer.name,
        Detail.PHONE: customer.phone,
        Detail.ADDRESS: customer.address,
        Detail.BIRTH_DATE: customer.birth_date,
        Detail.PAPER: proof,
        Detail.TAX_CARD: PaperKind.TAX_CARD in kinds,
    }
    missing = [detail.value for detail in Detail if detail in set(asked) and not known[detail]]
    if missing:
        raise SellerNotKnown(missing=missing)
    return max(proof, key=lambda paper: paper.pk, default=None)
