"""What allauth asks us: who may open an account, how secrets are kept."""

import base64
import hashlib

from allauth.account.adapter import DefaultAccountAdapter
from allauth.mfa.adapter import DefaultMFAAdapter
from cryptography.fernet import Fernet
from django.conf import settings
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _


class AccountAdapter(DefaultAccountAdapter):  # type: ignore[misc]  # allauth is not typed
    """Accounts are made by the shop's owner; nobody signs up."""

    error_messages = {
        **DefaultAccountAdapter.error_messages,
        "username_password_mismatch": _(
            "This user name and password do not belong together. Type both again."
        ),
        "too_many_login_attempts": _("Too many tries. Wait a few minutes, then sign in again."),
    }

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False


class MFAAdapter(DefaultMFAAdapter):  # type: ignore[misc]
    """Second-factor secrets are encrypted; allauth would keep them in the clear."""

    def encrypt(self, text: str) -> str:
        return _cipher().encrypt(text.encode()).decode()

    def decrypt(self, encrypted_text: str) -> str:
        return _cipher().decrypt(encrypted_text.encode()).decode()


def _cipher() -> Fernet:
    """A key of its own, derived from SECRET_KEY, so that neither can be used for the other."""
    digest = hashlib.blake2b(settings.SECRET_KEY.encode(), person=b"second factor", digest_size=32)
    return Fernet(base64.urlsafe_b64encode(digest.digest()))
