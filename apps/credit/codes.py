"""The codes of gift cards: unguessable, checked for slips of the pen, and not kept.

A code is 15 signs of 32 (75 bits) and a check sign, shown in fours. It is made
from the installation's key and the request's, so that a request that is sent
twice, or a paper that is printed again, shows the same code; the database
holds only its digest, from which nobody gets it back.
"""

import hashlib
import hmac
from typing import Final

from apps.core.keys import keys_for
from apps.core.typed import fold_digits

# Crockford's base 32: no I, L, O and U, so nothing is misread and nothing is a word.
_SIGNS: Final = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_MISREAD: Final = str.maketrans("OIL", "011")
_LENGTH: Final = 16


def codes_for(*, shop_id: int, key: str) -> list[str]:
    """The code of a request, and after it those that older keys would have made."""
    return [_code(secret, f"{shop_id}:{key}") for secret in keys_for(b"gift cards")]


def shown(code: str) -> str:
    """In fours: 7K3M-09QX-ZZ1A-4BCD."""
    return "-".join(code[start : start + 4] for start in range(0, len(code), 4))


def read(typed: str) -> str | None:
    """The code that was typed or scanned, or None where it cannot be one."""
    plain = "".join(fold_digits(typed).upper().replace("-", " ").split()).translate(_MISREAD)
    if len(plain) != _LENGTH or any(sign not in _SIGNS for sign in plain):
        return None
    return plain if _check_sign(plain[:-1]) == plain[-1] else None


def digest_of(code: str) -> str:
    """What the database knows of a code. 75 random bits need no slow hash."""
    return hashlib.sha256(f"gift card {code}".encode()).hexdigest()


def _code(secret: bytes, of: str) -> str:
    number = int.from_bytes(hmac.digest(secret, of.encode(), "sha256"), "big")
    signs = ""
    for _position in range(_LENGTH - 1):
        number, sign = divmod(number, len(_SIGNS))
        signs += _SIGNS[sign]
    return signs + _check_sign(signs)


def _check_sign(signs: str) -> str:
    """Luhn's sum over 32 signs: finds every single wrong sign, and most swapped neighbours."""
    total = 0
    for position, sign in enumerate(reversed(signs)):
        value = _SIGNS.index(sign) * (2 if position % 2 == 0 else 1)
        total += value // len(_SIGNS) + value % len(_SIGNS)
    return _SIGNS[-total % len(_SIGNS)]
