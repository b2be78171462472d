"""A real installation. Only tightens: what base leaves open, this refuses."""

from django.core.exceptions import ImproperlyConfigured

from apps.core.database.params import LinkRefused, demand_verified
from config import env
from config.settings.base import *  # noqa: F403
from config.settings.base import DB_LINK, IDENTITY_KEYS, SECRET_KEY

try:
    demand_verified(DB_LINK, unverified_allowed=env.flag("DB_ALLOW_UNVERIFIED_TLS"))
except LinkRefused as refused:
    raise ImproperlyConfigured(str(refused)) from None

if len(SECRET_KEY) < 50:
    raise ImproperlyConfigured(
        "SECRET_KEY is shorter than 50 characters. Make one with"
        " `python -c 'import secrets; print(secrets.token_urlsafe(50))'`;"
        " see docs/reference/settings.md#secret_key."
    )
if min(map(len, IDENTITY_KEYS)) < 50:
    raise ImproperlyConfigured(
        "IDENTITY_KEY holds a key shorter than 50 characters. Make each one with"
        " `python -c 'import secrets; print(secrets.token_urlsafe(50))'`;"
        " see docs/reference/settings.md#identity_key."
    )

# TLS ends at the ingress, which says so in this header.
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
SECURE_SSL_REDIRECT = env.flag("SECURE_SSL_REDIRECT", default=True)
# A redirect counts as success to a kubelet. The front door answers first; this is a second lock.
SECURE_REDIRECT_EXEMPT = [r"^health/(live|ready|startup|detailed)(/[a-z]+)?/?$"]
SECURE_HSTS_SECONDS = env.number("SECURE_HSTS_SECONDS", 31_536_000)
SECURE_HSTS_INCLUDE_SUBDOMAINS = True
SESSION_COOKIE_SECURE = True
CSRF_COOKIE_SECURE = True
