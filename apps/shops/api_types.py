"""What several doors of the API ask for in the same words."""

from typing import Annotated

from ninja import Schema
from pydantic import ConfigDict, Field

from apps.core.api_types import Word
from apps.shops.approvals import LONGEST_PIN, SHORTEST_PIN, Approver


class ApproverIn(Schema):
    """The second person, who types their PIN at somebody else's till."""

    model_config = ConfigDict(extra="forbid")

    username: Word
    pin: Annotated[
        str, Field(min_length=SHORTEST_PIN, max_length=LONGEST_PIN, pattern=r"^[0-9]+$")
    ] = Field(description="Five wrong ones lock it for a quarter of an hour.")

    def approver(self) -> Approver:
        return Approver(username=self.username, pin=self.pin)
