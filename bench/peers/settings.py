"""The shop's production settings, with django-health-check's view mounted as its manual says."""

from config.settings.production import *  # noqa: F403
from config.settings.production import INSTALLED_APPS, MIDDLEWARE

INSTALLED_APPS = [*INSTALLED_APPS, "health_check"]
ROOT_URLCONF = "bench.peers.urls"
# None of ours: the peer is measured without the cost of sessions and shops. allauth insists on its
# own, which does nothing here.
MIDDLEWARE = [name for name in MIDDLEWARE if name.startswith("allauth.")]
