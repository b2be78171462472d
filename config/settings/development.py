"""The laptop: the embedded PostgreSQL over verified TLS, pages that explain themselves."""

from apps.core.logs import logging_for
from config import env
from config.settings.base import *  # noqa: F403  # a settings module is its base and what differs

# Off even here, so that what is tried is what will serve; DEBUG=1 shows tracebacks and /design/.
DEBUG = env.flag("DEBUG")
DEMO_SIGNIN = {"user": "owner", "password": "harbour-gold"}
EMAIL_BACKEND = env.text("EMAIL_BACKEND", "django.core.mail.backends.console.EmailBackend")
# The address and the sign-in stay in sight; LOG_LEVEL=INFO shows each request.
LOGGING = logging_for(level=env.text("LOG_LEVEL", "WARNING"), as_json=False)
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}
WHITENOISE_USE_FINDERS = True
