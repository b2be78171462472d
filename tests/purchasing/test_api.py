"""Old gold through the API: bought once, looked up, refused with facts."""

from base64 import b64encode
from datetime import timedelta

import pytest
from django.utils import timezone

from apps.purchasing.models import OldGoldSlip, Photo
from tests import make
from tests.purchasing import gold

URL = "/api/v1/old-gold"


@pytest.fixture
def call(client, shop, owner, seller):
    now = timezone.now()
    gold.float_of(by=owner, at=now)
    make.rate(of=shop, amount="100", side="buy", at=now - timedelta(seconds=1))
    token = f"Bearer {make.token(of=owner)}"

    def post(key="one", **changes):
        sent = {
            "customer": seller.pk,
            "purpose": "cash",
            "items": [
                {
                    "description": "Bangle",
                    "metal": "gold",
                    "gross_weight_g": "10.000",
                    "tested_fineness": "916",
                    "method": "xrf",
                    **changes.pop("item", {}),
                }
            ],
            "payments": [{"kind": "cash"}],
            **changes,
        }
        headers = {"Authorization": token, "Idempotency-Key": key}
        return client.post(URL, sent, content_type="application/json", headers=headers)

    post.get = lambda number: client.get(f"{URL}/{number}", headers={"Authorization": token})
    return post


def test_bought_once(call):
    first = call()
    assert first.status_code == 201, first.text
    assert first.json()["total"] == "916.00"
    assert first.json()["payments"] == [{"kind": "cash", "amount": "916.00"}]
    again = call()
    assert again.json()["number"] == first.json()["number"]
    assert again.headers["Idempotent-Replayed"] == "true"
    assert OldGoldSlip.objects.count() == 1


def test_the_same_key_with_another_weight(call):
    call()
    other = call(item={"gross_weight_g": "11"})
    assert (other.status_code, other.json()["error"]) == (409, "SlipKeyUsed")


def test_looked_up(call):
    number = call(purpose="exchange", payments=[]).json()["number"]
    found = call.get(number).json()
    assert (found["claim_left"], found["state"], found["hold_until"]) == ("916.00", "taken", None)
    assert call.get("9-G000009").status_code == 404


def test_with_a_photo(call):
    picture = b64encode(gold.picture()).decode()
    assert call(item={"photos": [picture]}).status_code == 201
    assert Photo.objects.count() == 1


@pytest.mark.parametrize(
    ("item", "status"),
    [
        ({"gross_weight_g": "0"}, 422),
        ({"gross_weight_g": 10}, 422),
        ({"gross_weight_g": "NaN"}, 422),
        ({"stones_g": "10"}, 422),
        ({"tested_fineness": "1000"}, 422),
        ({"tested_fineness": "0"}, 422),
        ({"rate_per_g": "0"}, 422),
        ({"photos": ["not base64!"]}, 422),
        ({"photos": ["AAAA"]}, 422),
        ({"own_tag": "NOPE"}, 404),
        ({"metal": "tin"}, 422),
    ],
)
def test_refused(call, item, status):
    answer = call(item=item)
    assert answer.status_code == status, answer.text
    assert not OldGoldSlip.objects.exists()
