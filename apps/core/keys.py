"""Keys of their own for what the shop must be able to read again, derived from the settings."""

import hashlib

from django.conf import settings


def keys_for(purpose: bytes) -> list[bytes]:
    """32 bytes for each secret of `IDENTITY_KEYS`, the newest first; 16 bytes of purpose at most.

    One purpose's key tells nothing of another's. The first seals; all of them open, so that a
    key can be changed while what older ones sealed is still read.
    """
    return [
        hashlib.blake2b(secret.encode(), person=purpose, digest_size=32).digest()
        for secret in settings.IDENTITY_KEYS
    ]
