#!/usr/bin/env python
"""The door for commands: `python manage.py help`."""

import os
import sys

from config import check_health

if __name__ == "__main__":
    if sys.argv[1:2] and sys.argv[1] in check_health.COMMANDS:
        # A probe that starts a program: not at the price of Django.
        sys.exit(check_health.main(sys.argv))

    from config.door import main

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings.production")
    main(sys.argv)
