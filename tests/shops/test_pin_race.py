"""Guessing a PIN at many tills at once: five tries, whoever comes first."""

from threading import Barrier, Thread
from uuid import uuid4

import pytest
from django.db import connection
from django.test import Client
from django.utils import timezone

from apps.shops.approvals import set_pin
from apps.shops.models import Approval, Member, PinFailure, Role
from apps.shops.scope import shop_scope
from tests import make

TILLS, GUESSES = 4, 3


@pytest.mark.django_db(transaction=True)
def test_four_tills_at_once_have_five_tries_together():
    shop = make.shop()
    clerk = make.member(of=shop, role=Role.SALESPERSON)
    manager = make.member(of=shop, role=Role.MANAGER, username="mona")
    set_pin(member=manager, pin="48213")
    with shop_scope(shop.pk):
        make.shift(by=clerk, at=timezone.now())
    clients = [Client() for _ in range(TILLS)]
    for client in clients:
        client.force_login(clerk.user)
    ready, answers = Barrier(TILLS), []

    def guess(client, pins):
        try:
            ready.wait(timeout=30)
            for pin in pins:
                given = {"key": str(uuid4()), "reason": "x", "approver": "mona", "pin": pin}
                answers.append(client.post("/till/no-sale/", given).status_code)
        finally:
            connection.close()

    threads = [
        Thread(target=guess, args=[client, [f"90{n}{m}" for m in range(GUESSES)]])
        for n, client in enumerate(clients)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=120)

    assert answers == [403] * TILLS * GUESSES
    manager = Member.objects.get(pk=manager.pk)
    with shop_scope(shop.pk):
        failures = list(PinFailure.objects.order_by("pk").values_list("tried_by", "locked"))
        assert failures == [(clerk.pk, False)] * 4 + [(clerk.pk, True)]
        assert not Approval.objects.exists()
    assert manager.pin_locked_until > timezone.now()
