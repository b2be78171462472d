"""Templates of the shop's tags: made, changed, taken away."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from apps.core.constraints import broken_by
from apps.core.errors import Conflict
from apps.labels.defaults import barbell, rat_tail
from apps.labels.models import LabelTemplate
from apps.labels.selectors import sheet_of, templates
from apps.labels.sheet import Field, demand_possible
from apps.shops.models import Shop

_PERSIAN_ZONE = "Asia/Tehran"


@dataclass(eq=False)
class TemplateNameTaken(Conflict):
    name: str

    def __str__(self) -> str:
        return _("There is a template “%(name)s” already. Choose another name.") % {
            "name": self.name
        }


def templates_to_choose(shop: Shop) -> list[LabelTemplate]:
    """The shop's templates; a shop that has none gets a barbell and a rat tail first."""
    found = list(templates())
    if found:
        return found
    language = "fa" if shop.time_zone == _PERSIAN_ZONE else "en"
    first = barbell(name=_("Barbell 72 × 12 mm"), language=language)
    first.is_usual = True
    second = rat_tail(name=_("Rat tail 75 × 10 mm"), language=language)
    # Two people who look at the same moment begin with the same two.
    LabelTemplate.objects.bulk_create([first, second], ignore_conflicts=True)
    return list(templates())


@transaction.atomic
def save(template: LabelTemplate, *, fields: Sequence[Field]) -> LabelTemplate:
    """Keep a new or a changed template with these fields; a usual one ends the other.

    Raises PadsImpossible, NothingOnTag, TooMuchOnTag, FieldUnknown, FieldOutside,
    TemplateNameTaken.
    """
    demand_possible(sheet_of(template), fields)
    template.fields = [field.as_json() for field in fields]
    if template.is_usual:
        LabelTemplate.objects.filter(is_usual=True).exclude(pk=template.pk).update(is_usual=False)
    try:
        with transaction.atomic():
            template.save()
    except IntegrityError as taken:
        if broken_by(taken) != "labels_labeltemplate_name_unique":
            raise
        raise TemplateNameTaken(name=template.name) from taken
    return template


def remove(template: LabelTemplate) -> None:
    """Take a template away; what was printed by it stays written down by its name."""
    template.delete()
