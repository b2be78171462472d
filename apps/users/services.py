"""Writes: people who may sign in."""

from collections.abc import Callable
from dataclasses import dataclass

from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError

from apps.core.errors import Invalid
from apps.users.models import User


@dataclass(eq=False)
class PersonImpossible(Invalid):
    """The user name or the password cannot be used; `reason` is Django's own sentence."""

    reason: str

    def __str__(self) -> str:
        return self.reason


def person(*, name: str, password: Callable[[], str]) -> User:
    """The user of this name; a new one with the password that is asked for.

    Raises PersonImpossible.
    """
    known = User.objects.filter(username=name).first()
    if known is not None:
        return known
    user = User(username=name)
    chosen = password()
    try:
        user.full_clean(exclude=["password"])
        validate_password(chosen, user)
    except ValidationError as wrong:
        raise PersonImpossible(reason=" ".join(wrong.messages)) from wrong
    user.set_password(chosen)
    user.save()
    return user


def make_operator(*, user: User, is_one: bool = True) -> User:
    """Let them run the installation (apps.core.operators), or no longer. Shops are not affected."""
    user.is_staff = is_one
    user.save(update_fields=["is_staff"])
    return user


def keep_preferences(*, user: User) -> None:
    """Write how they want their pages, and nothing else of them."""
    user.save(update_fields=["language", "digits", "calendar", "money_unit", "sounds"])
