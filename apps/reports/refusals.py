"""What a reader can ask for that is not there."""

from dataclasses import dataclass

from django.utils.translation import gettext as _

from apps.core.errors import NotFound


@dataclass(eq=False)
class ReportNotFound(NotFound):
    name: str

    def __str__(self) -> str:
        return _("There is no report %(name)s. Choose one of the list.") % {"name": self.name}


@dataclass(eq=False)
class AccountNotFound(NotFound):
    account: str

    def __str__(self) -> str:
        return _("The chart has no account %(account)s. Choose one in the trial balance.") % {
            "account": self.account or "—"
        }
