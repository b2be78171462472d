"""Fixtures of the drawer's tests."""

import pytest
from django.test import Client


@pytest.fixture
def django_client_class():
    """For a second browser."""
    return Client
