"""Tests: real PostgreSQL over TLS, fast passwords.

The database is made and migrated by its owner; tests/conftest.py then logs in
as the serving role, which row-level security binds.
"""

from config import env
from config.settings.base import *  # noqa: F403

PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
ALLOWED_HOSTS = ["testserver", "localhost", "127.0.0.1"]
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}
WHITENOISE_USE_FINDERS = True
WHITENOISE_AUTOREFRESH = True

# Who serves, in tests/conftest.py.
TEST_APP_LOGIN = {
    "USER": env.text("TEST_APP_DB_USER", "jewelry_app"),
    "PASSWORD": env.text("TEST_APP_DB_PASSWORD", ""),
}
# Several test runs at once on one server: each its own database.
DATABASES["default"]["TEST"] = {"NAME": env.text("TEST_DB_NAME", "test_jewelry_shop")}  # noqa: F405
# Tests log in as somebody else than the environment says.
DATABASES["default"]["LOGIN"] = None  # noqa: F405
