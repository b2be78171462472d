"""What gunicorn serves."""

import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings.production")

_django = get_wsgi_application()

# Only now: what answers probes reads settings.
from apps.core.front import FrontDoor  # noqa: E402

application = FrontDoor(_django)
