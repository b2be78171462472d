"""Who a person is, and how they read. What they may do in which shop is `shops.Member`."""

from django.contrib.auth.models import AbstractUser
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from apps.core.reading import GREGORIAN, JALALI, LATIN, PERSIAN


class Language(models.TextChoices):
    ENGLISH = "en", "English"
    PERSIAN = "fa", "فارسی"


class Digits(models.TextChoices):
    LATIN = LATIN, "0123456789"
    PERSIAN = PERSIAN, "۰۱۲۳۴۵۶۷۸۹"


class Calendar(models.TextChoices):
    GREGORIAN = GREGORIAN, pgettext_lazy("calendar", "Gregorian")
    JALALI = JALALI, pgettext_lazy("calendar", "Jalali (Shamsi)")


class MoneyUnit(models.TextChoices):
    RIAL = "rial", _("Rial")
    TOMAN = "toman", _("Toman")


class User(AbstractUser):
    """A person who signs in. May be a member of several shops.

    Of the preferences, empty is "as the language has it", and of the language itself "as the
    browser asks".
    """

    language = models.CharField(max_length=2, choices=Language, blank=True, default="")
    digits = models.CharField(max_length=7, choices=Digits, blank=True, default="")
    calendar = models.CharField(max_length=9, choices=Calendar, blank=True, default="")
    # How amounts in rials are shown and typed; kept are rials.
    money_unit = models.CharField(max_length=5, choices=MoneyUnit, blank=True, default="")
    sounds = models.BooleanField(default=True)

    class Meta(AbstractUser.Meta):
        constraints = [
            models.CheckConstraint(
                name="users_user_preferences_known",
                condition=Q(language__in=["", *Language.values])
                & Q(digits__in=["", *Digits.values])
                & Q(calendar__in=["", *Calendar.values])
                & Q(money_unit__in=["", *MoneyUnit.values]),
            ),
        ]

    def __str__(self) -> str:
        return self.get_full_name() or self.username
