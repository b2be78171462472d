"""What a reader can ask for that is not there."""

from dataclasses import dataclass

from django.utils.translation import gettext as _

from apps.core.errors import Forbidden, NotFound


@dataclass(eq=False)
class ReportNotFound(NotFound):
    name: str

    def __str__(self) -> str:
        return _("There is no report %(name)s. Choose one of the list.") % {"name": self.name}


class BooksUnseen(Forbidden):
    def __str__(self) -> str:
        return _("The books tell what pieces cost, which your role may not see. Ask the owner.")


@dataclass(eq=False)
class AccountNotFound(NotFound):
    account: str

    def __str__(self) -> str:
        return _("The chart has no account %(account)s. Choose one in the trial balance.") % {
            "account": self.account or "—"
        }
