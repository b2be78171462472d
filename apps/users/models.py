"""Who a person is. What they may do in which shop is `shops.Member`."""

from django.contrib.auth.models import AbstractUser


class User(AbstractUser):
    """A person who signs in. May be a member of several shops."""

    def __str__(self) -> str:
        return self.get_full_name() or self.username
