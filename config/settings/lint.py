"""For tools that read the settings without an installation: the type checker, makemigrations."""

import os

os.environ.setdefault("SECRET_KEY", "not-a-secret: this module never serves")
os.environ.setdefault("ALLOWED_HOSTS", "localhost")
os.environ.setdefault("POSTGRES_HOST", "localhost")
os.environ.setdefault("DB_USER", "jewelry_app")
os.environ.setdefault("APP_DB_PASSWORD", "none")

from config.settings.base import *  # noqa: F403
