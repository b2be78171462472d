"""Settings that hold everywhere. What differs is in development, test and production.

Each variable read here has its heading in docs/reference/settings.md; a test
holds both together.
"""

from pathlib import Path

import structlog
from csp.constants import NONE, SELF
from django.core.exceptions import ImproperlyConfigured
from django.utils.translation import gettext_lazy as _

from apps.core.database.login import Login
from apps.core.database.params import Link, LinkRefused, link_from
from apps.core.logs import logging_for
from config import doctor, env
from config.health import health

BASE_DIR = Path(__file__).resolve().parent.parent.parent

SECRET_KEY = env.text("SECRET_KEY")
# What identity papers and gift cards are sealed with: the first seals, all of them open.
IDENTITY_KEYS = [*env.words("IDENTITY_KEY", ""), SECRET_KEY]
DEBUG = False
ALLOWED_HOSTS = env.words("ALLOWED_HOSTS")
CSRF_TRUSTED_ORIGINS = env.words("CSRF_TRUSTED_ORIGINS", "")

INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.humanize",
    "django.contrib.messages",
    "django.contrib.postgres",
    "django.contrib.sessions",
    "django.contrib.staticfiles",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "csp",
    "django_htmx",
    "django_structlog",
    "ninja",
    "procrastinate.contrib.django",
    "apps.core",
    "apps.users",
    "apps.shops",
    "apps.pricing",
    "apps.customers",
    "apps.ledger",
    "apps.till",
    "apps.credit",
    "apps.inventory",
    "apps.lots",
    "apps.counts",
    "apps.labels",
    "apps.consignment",
    "apps.purchasing",
    "apps.deposits",
    "apps.sales",
    "apps.returns",
    "apps.dossiers",
    "apps.reports",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "django_structlog.middlewares.RequestMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "apps.core.operators.PassMiddleware",
    "apps.core.pages.RefusalMiddleware",
    "apps.shops.middleware.ShopScopeMiddleware",
    "apps.users.middleware.ReadingMiddleware",
]

ROOT_URLCONF = "config.urls"
WSGI_APPLICATION = "config.wsgi.application"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "apps.core.pages.look",
            ],
            "builtins": ["django.templatetags.i18n", "apps.core.templatetags.shop"],
        },
    },
]

# Database. Row-level security does not bind a table's owner, a superuser or a
# BYPASSRLS role: as one of those, /health/ready/ answers 503.
USE_PGBOUNCER = env.flag("USE_PGBOUNCER")
try:
    DB_LINK: Link = link_from(env.given, pooled=USE_PGBOUNCER)
except LinkRefused as refused:
    raise ImproperlyConfigured(str(refused)) from None


def _database_login() -> Login:
    """User and password as they are now: a mounted secret is renewed under a running program."""
    link = link_from(env.given, pooled=USE_PGBOUNCER)
    return Login(link.user, link.password)


DATABASES = {
    "default": DB_LINK.django(
        connect_timeout_seconds=env.number("DB_CONNECT_TIMEOUT_SECONDS", 5),
        conn_max_age_seconds=env.number("DB_CONN_MAX_AGE_SECONDS", 60),
    )
    | {
        "LOGIN": _database_login,
        "PRIMARY_ONLY": True,
        "ANSWER_WITHIN_S": env.number("DB_ANSWER_TIMEOUT_SECONDS", 20),
    }
}
# For who reads much and may read what was true a moment ago: `shop_scope(…, using="replica")`.
if DB_REPLICA_HOST := env.text("DB_REPLICA_HOST", ""):
    DATABASES["replica"] = DB_LINK.to_replica(
        host=DB_REPLICA_HOST, port=env.number("DB_REPLICA_PORT", DB_LINK.port)
    ).django(
        connect_timeout_seconds=env.number("DB_CONNECT_TIMEOUT_SECONDS", 5),
        conn_max_age_seconds=env.number("DB_CONN_MAX_AGE_SECONDS", 60),
    ) | {"LOGIN": _database_login, "TEST": {"MIRROR": "default"}}
# Whose served certificates are watched: who answers the link above, and the servers beside it.
DB_SERVERS = {"pooler" if USE_PGBOUNCER else "primary": (DB_LINK.host, DB_LINK.port)}
if DB_DIRECT_HOST := env.text("DB_DIRECT_HOST", ""):
    DB_SERVERS["primary"] = (DB_DIRECT_HOST, env.number("DB_DIRECT_PORT", DB_LINK.port))
if DB_POOLER_HOST := env.text("DB_POOLER_HOST", ""):
    DB_SERVERS["pooler"] = (DB_POOLER_HOST, env.number("DB_POOLER_PORT", DB_LINK.port))
if "replica" in DATABASES:
    DB_SERVERS["replica"] = (DATABASES["replica"]["HOST"], DATABASES["replica"]["PORT"])
# Probes: where they are answered, who may read reasons, what readiness hangs on.
HEALTH = health()
# Where the doctor reads about the links; it looks at them anew each time.
DB_SOURCES = doctor.sources
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

# PostgreSQL is the only stateful part: sessions and the cache live there too.
CACHES = {
    "default": {
        "BACKEND": "django.core.cache.backends.db.DatabaseCache",
        "LOCATION": "core_cache",
    }
}
SESSION_ENGINE = "django.contrib.sessions.backends.db"
SESSION_COOKIE_AGE = env.number("SESSION_HOURS", 12) * 3600
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"

# Who may enter (django-allauth). Accounts are made by the shop, not by strangers.
AUTH_USER_MODEL = "users.User"
AUTHENTICATION_BACKENDS = ["allauth.account.auth_backends.AuthenticationBackend"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"django.contrib.auth.password_validation.{name}"}
    for name in (
        "UserAttributeSimilarityValidator",
        "MinimumLengthValidator",
        "CommonPasswordValidator",
        "NumericPasswordValidator",
    )
]
ACCOUNT_ADAPTER = "apps.users.adapters.AccountAdapter"
ACCOUNT_LOGIN_METHODS = {"username"}
ACCOUNT_SIGNUP_FIELDS = ["username*", "password1*", "password2*"]
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_LOGOUT_ON_GET = False
ACCOUNT_PREVENT_ENUMERATION = True
# Sign-ins are limited by address. Behind an ingress every address is the ingress's own, unless
# it is believed about whom it speaks for: a stranger's guesses would lock every clerk out.
ALLAUTH_TRUSTED_PROXY_COUNT = env.number("TRUSTED_PROXIES", 0)
MFA_ADAPTER = "apps.users.adapters.MFAAdapter"
MFA_SUPPORTED_TYPES = ["totp", "recovery_codes"]
MFA_TOTP_ISSUER = "jewelry-shop"
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "home"

LANGUAGE_CODE = "en"
LANGUAGES = [("en", _("English")), ("fa", _("Persian"))]
LOCALE_PATHS = [BASE_DIR / "locale"]
USE_I18N = True
USE_TZ = True
TIME_ZONE = "UTC"  # stored; each shop shows its own

STATIC_URL = "static/"
STATIC_ROOT = Path(env.text("STATIC_ROOT", str(BASE_DIR / "staticfiles")))
STATICFILES_DIRS = [BASE_DIR / "static"]
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"},
}

# A page may load from here and nowhere else; nothing inline. `data:` is for
# the picture of the second factor's QR code.
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [SELF],
        "script-src": [SELF],
        "style-src": [SELF],
        "img-src": [SELF, "data:"],
        "object-src": [NONE],
        "base-uri": [NONE],
        "form-action": [SELF],
        "frame-ancestors": [NONE],
    }
}
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"

# A larger upload is refused by apps.core.pages before it is read.
UPLOAD_LIMIT_BYTES = env.number("UPLOAD_LIMIT_MEGABYTES", 20) * 1024 * 1024
DATA_UPLOAD_MAX_MEMORY_SIZE = 2 * 1024 * 1024
FILE_UPLOAD_MAX_MEMORY_SIZE = 2 * 1024 * 1024

EMAIL_BACKEND = env.text("EMAIL_BACKEND", "django.core.mail.backends.smtp.EmailBackend")
EMAIL_HOST = env.text("EMAIL_HOST", "localhost")
EMAIL_PORT = env.number("EMAIL_PORT", 25)
EMAIL_HOST_USER = env.text("EMAIL_HOST_USER", "")
EMAIL_HOST_PASSWORD = env.text("EMAIL_HOST_PASSWORD", "")
EMAIL_USE_TLS = env.flag("EMAIL_USE_TLS", default=True)
EMAIL_TIMEOUT = 10
DEFAULT_FROM_EMAIL = env.text("DEFAULT_FROM_EMAIL", "receipts@jewelry-shop.invalid")

# Who answers what the close of a drawer asks of apps above it: see apps.till.asks.
TILL_ASKS = {
    "trays": ["apps.inventory.trays.trays_of"],
    "pieces_sold": ["apps.sales.shift_pieces.pieces_sold"],
    "bags": ["apps.purchasing.shift_bags.bags_of", "apps.returns.shift_bags.bags_of"],
}

# Whether the demo shops may be loaded, and how one signs in to them.
DEMO_SIGNIN: dict[str, str] | None = None

LOGGING = logging_for(level=env.text("LOG_LEVEL", "INFO"), as_json=True)
LOGGING_CONFIG = "logging.config.dictConfig"
DJANGO_STRUCTLOG_COMMAND_LOGGING_ENABLED = False
# ShopScopeMiddleware binds the user. The logger's own way asks the session's database after the
# answer is made: while the database is away, each such answer would become a 500.
DJANGO_STRUCTLOG_USER_ID_FIELD = ""
structlog.contextvars.clear_contextvars()
