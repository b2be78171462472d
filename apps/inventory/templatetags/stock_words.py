"""Words of the stock that are kept as words of programs."""

from django import template
from django.utils.translation import gettext as _

from apps.inventory.services.intake.columns import is_field, label_of

register = template.Library()


@register.filter
def field_name(field: str) -> str:
    """What a person calls a field that a movement changed."""
    if field == "metals":
        return _("Metals")
    if field == "stones":
        return _("Stones")
    return label_of(field) if is_field(field) else field
