#!/usr/bin/env python
"""The door for commands: `python manage.py help`."""

import os
import sys

from config.door import main

if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings.production")
    main(sys.argv)
