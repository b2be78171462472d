"""Numbers of identity papers, sealed: the database alone cannot read them."""

import base64

from cryptography.fernet import Fernet, MultiFernet

from apps.core.keys import keys_for


def seal(number: str) -> str:
    """The number as it is stored; sealed twice it looks different."""
    return _keys().encrypt(number.encode()).decode()


def opened(sealed: str) -> str:
    """The number again. Raises cryptography's InvalidToken where its key is gone."""
    return _keys().decrypt(sealed.encode()).decode()


def renewed(sealed: str) -> str:
    """The same number under the newest key."""
    return _keys().rotate(sealed.encode()).decode()


def _keys() -> MultiFernet:
    return MultiFernet(
        [Fernet(base64.urlsafe_b64encode(key)) for key in keys_for(b"identity papers")]
    )
