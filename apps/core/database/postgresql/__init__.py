"""The ENGINE of DATABASES: Django finds DatabaseWrapper in `base`."""
