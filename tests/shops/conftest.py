"""Who stands at the door."""

import pytest


@pytest.fixture
def member(client, owner):
    """The owner, signed in."""
    client.force_login(owner.user)
    return owner
