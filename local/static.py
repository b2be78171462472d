"""Collect the static files under the names that pages look up, without compressing them.

Compressing takes half a minute and changes no page; the image does it.

    python -m local.static      with the environment of the shop
"""

import django
from django.conf import settings
from django.core.management import call_command

PLAIN = "django.contrib.staticfiles.storage.ManifestStaticFilesStorage"


def main() -> None:
    """Write them to STATIC_ROOT."""
    django.setup()
    settings.STORAGES = {**settings.STORAGES, "staticfiles": {"BACKEND": PLAIN}}
    call_command("collectstatic", "--no-input", verbosity=0)


if __name__ == "__main__":
    main()
