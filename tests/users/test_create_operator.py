"""manage.py create_operator: who runs the installation."""

import io

import pytest
from django.core.management import CommandError, call_command

from apps.core.operators import is_operator
from apps.users.models import User
from tests import make

pytestmark = pytest.mark.django_db


def create_operator(*arguments, typed="a long enough one\n", monkeypatch):
    monkeypatch.setattr("sys.stdin", io.StringIO(typed))
    out = io.StringIO()
    call_command("create_operator", *arguments, stdout=out)
    return out.getvalue().strip()


def test_makes_a_new_person_one(monkeypatch):
    said = create_operator("reza", monkeypatch=monkeypatch)

    user = User.objects.get(username="reza")
    assert said == "reza is an operator."
    assert is_operator(user)
    assert not user.is_superuser
    assert user.check_password("a long enough one")


def test_makes_a_known_person_one_and_keeps_the_password(monkeypatch):
    make.user(username="leila", password="an older long one")

    create_operator("leila", typed="", monkeypatch=monkeypatch)

    user = User.objects.get(username="leila")
    assert is_operator(user)
    assert user.check_password("an older long one")


def test_ends_it(monkeypatch):
    create_operator("reza", monkeypatch=monkeypatch)

    said = create_operator("reza", "--end", monkeypatch=monkeypatch)

    assert said == "reza is no operator any more."
    assert not is_operator(User.objects.get(username="reza"))


def test_ends_it_for_nobody_without_making_a_person(monkeypatch):
    with pytest.raises(CommandError, match="Nobody is called reza here"):
        create_operator("reza", "--end", monkeypatch=monkeypatch)

    assert not User.objects.exists()


def test_a_weak_password_makes_nobody(monkeypatch):
    with pytest.raises(CommandError, match="too common"):
        create_operator("reza", typed="password\n", monkeypatch=monkeypatch)

    assert not User.objects.exists()
