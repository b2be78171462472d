"""The one refusal of the pricing rules: which field, what is wrong with it, what to do."""

from typing import Final

__all__ = ["RuleBroken", "gettext_noop"]


def gettext_noop(message: str) -> str:
    """Mark a sentence for translation and give it back: the rules know no language and no Django.

    The door that shows the sentence translates `RuleBroken.message` and fills in `facts`.
    """
    return message


class RuleBroken(ValueError):
    """Terms that no piece and no bill can have.

    `field` is the path into the terms ("lines.0.metals.1.net_weight_g"), `message` the English
    sentence with named holes, `facts` what fills them.
    """

    def __init__(self, field: str, message: str, **facts: object) -> None:
        super().__init__(field, message)
        self.field: Final = field
        self.message: Final = message
        self.facts: Final = {name: str(value) for name, value in facts.items()}

    def __str__(self) -> str:
        return self.message.format(**self.facts)

    def under(self, prefix: str) -> "RuleBroken":
        """The same refusal, seen from one level further out."""
        path = f"{prefix}.{self.field}" if self.field else prefix
        return RuleBroken(path, self.message, **self.facts)
