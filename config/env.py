"""The only reader of the environment.

A value is NAME, or the content of the file that NAME_FILE names: Kubernetes
mounts a secret as a file, a developer exports a variable, both end here.
"""

from typing import Final

from django.core.exceptions import ImproperlyConfigured
from environ.fileaware_mapping import FileAwareMapping

_REQUIRED: Final = object()
_ON, _OFF = {"1", "true", "yes", "on"}, {"", "0", "false", "no", "off"}


class Given(FileAwareMapping):  # type: ignore[misc]  # environ is not typed
    """The environment as a mapping: NAME, or the content of NAME_FILE.

    A file's final newline is not part of a secret. Nothing is cached, so a
    file that was renewed is read anew.
    """

    def __init__(self) -> None:
        super().__init__(cache=False)

    def __getitem__(self, key: str) -> str:
        try:
            return str(super().__getitem__(key)).rstrip("\r\n")
        except OSError as failure:
            path = self.env.get(f"{key}_FILE")
            raise ImproperlyConfigured(f"{key}_FILE={path}: {failure.strerror}.") from failure


given: Final = Given()


def text(name: str, default: str | object = _REQUIRED) -> str:
    """The value of `name`. Raises ImproperlyConfigured when it is missing."""
    if name in given:
        return given[name]
    if default is _REQUIRED:
        raise ImproperlyConfigured(
            f"{name} is not set. Set {name}, or {name}_FILE to a file that holds it; {_page(name)}"
        )
    return str(default)


def number(name: str, default: int | object = _REQUIRED) -> int:
    """A whole number."""
    raw = text(name, default)
    try:
        return int(raw)
    except ValueError:
        # The value is not repeated: it may be a secret put under the wrong name.
        raise ImproperlyConfigured(f"{name} is not a whole number; {_page(name)}") from None


def flag(name: str, default: bool = False) -> bool:
    """True for 1, true, yes, on; False for 0, false, no, off and nothing."""
    raw = text(name, "1" if default else "0").strip().lower()
    if raw not in _ON | _OFF:
        raise ImproperlyConfigured(f"{name} is neither on nor off. Write 1 or 0; {_page(name)}")
    return raw in _ON


def words(name: str, default: str | object = _REQUIRED) -> list[str]:
    """A list written with commas."""
    return [word.strip() for word in text(name, default).split(",") if word.strip()]


def _page(name: str) -> str:
    return f"see docs/reference/settings.md#{name.lower()}."
