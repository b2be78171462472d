"""The customer's display: the sale, its thanks, the rates; nothing that is the shop's own."""

import re
from datetime import timedelta
from decimal import Decimal

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from apps.sales import display
from apps.sales.models import Sale
from apps.shops.scope import shop_scope
from tests import make
from tests.sales.test_counter_pages import text_of

PART = {"HX-Request": "true"}


@pytest.fixture
def desk(shop):
    """A client at Till 1 of a shop with R-1 and a rate of today."""
    owner = make.member(of=shop)
    now = timezone.now()
    with shop_scope(shop.pk):
        make.rate(of=shop, at=now)
        make.piece(by=owner, tag="R-1", name="Ring", cost=Decimal("543.21"), at=now)
        make.piece(by=owner, tag="R-2", name="Ring", at=now)
    client = Client()
    client.force_login(owner.user)
    return client


def shown(desk, **query):
    return desk.get(reverse("sales:display"), query)


def part(desk, seen=""):
    return desk.get(reverse("sales:display"), {"seen": seen}, headers=PART)


def token(answer):
    return re.search(r"\?seen=([^\"]*)\"", answer.content.decode())[1]


def test_idle_it_shows_what_the_shop_sells_for(desk):
    text = text_of(shown(desk))

    assert "We sell" in text
    assert "100.00" in text
    assert "We buy" not in text


def test_a_sale_is_said_in_plain_words_with_exact_sums(desk):
    desk.post(reverse("sales:line-add"), {"tag": "R-1"})

    text = text_of(shown(desk)).replace("\u00a0", " ")

    assert "10.000 g of 22K gold holds 9.160 g of pure gold, at 100.00 a gram = 916.00" in text
    assert "Workmanship 10% of 916.00 = 91.60" in text
    assert "VAT 5% of 1,007.60 = 50.38" in text
    assert "22K: 916 of 1,000 parts are gold." in text
    assert "1,057.98" in text


def test_it_speaks_the_language_chosen_at_the_counter(desk):
    desk.post(reverse("sales:line-add"), {"tag": "R-1"})
    answer = desk.post(reverse("sales:display-language"), {"language": "fa"})
    assert answer.url == reverse("sales:counter")

    page = shown(desk)

    assert '<html lang="fa" dir="rtl">' in page.content.decode()
    assert "Content-Language" in page
    assert '<html lang="en"' in desk.get(reverse("sales:counter")).content.decode()


def test_it_never_shows_cost_names_of_clerks_or_a_control(desk):
    desk.post(reverse("sales:line-add"), {"tag": "R-1"})

    page = shown(desk).content.decode()

    assert "543.21" not in page
    main = page[page.index("<main") : page.index("</main>")]
    assert not re.search(r"<(button|input|form|a)\b", main)
    assert "csrf" not in page


def test_it_counts_down_says_the_change_and_thanks(desk, shop):
    desk.post(reverse("sales:line-add"), {"tag": "R-1"})
    desk.post(reverse("sales:tender-add"), {"kind": "cash", "amount": "1000"})
    assert re.search(r"Left to pay\s*57\.98", text_of(shown(desk)))
    desk.post(reverse("sales:tender-add"), {"kind": "cash", "amount": "100"})
    assert re.search(r"Change\s*42\.02", text_of(shown(desk)))
    counter = desk.get(reverse("sales:counter")).content.decode()
    form = counter[counter.index('id="actions"') :]
    desk.post(
        reverse("sales:finish"),
        {
            name: re.search(rf'name="{name}" value="([^"]*)"', form)[1]
            for name in ("idempotency_key", "pieces_seen", "total_seen")
        },
    )

    text = text_of(shown(desk))

    assert "Thank you" in text
    assert "42.02" in text
    with shop_scope(shop.pk):
        assert Sale.objects.count() == 1


def test_thanks_give_way_to_the_rates(desk, shop, monkeypatch):
    test_it_counts_down_says_the_change_and_thanks(desk, shop)
    monkeypatch.setattr(display, "_THANKS_FOR", timedelta(0))

    assert "We sell" in text_of(shown(desk))


def test_asked_again_it_answers_only_what_is_new(desk):
    first = part(desk)
    seen = token(first)
    assert part(desk, seen).status_code == 204

    desk.post(reverse("sales:line-add"), {"tag": "R-1"})

    fresh = part(desk, seen)
    assert fresh.status_code == 200
    assert part(desk, token(fresh)).status_code == 204


def test_strangers_see_nothing(client):
    answer = client.get(reverse("sales:display"))

    assert answer.status_code == 302


class TestNews:
    def asked(self, desk, seen):
        return desk.get(reverse("sales:news"), {"seen": seen}, headers=PART)

    def seen(self, desk):
        page = desk.get(reverse("sales:counter")).content.decode()
        return re.search(r'id="news"[^>]*\?seen=([^&"]*)', page)[1]

    def test_is_silent_while_nothing_happened(self, desk):
        desk.post(reverse("sales:line-add"), {"tag": "R-1"})

        assert self.asked(desk, self.seen(desk)).status_code == 204

    def test_brings_the_changed_rate_and_leaves_the_lines_alone(self, desk, shop):
        desk.post(reverse("sales:line-add"), {"tag": "R-1"})
        seen = self.seen(desk)
        with shop_scope(shop.pk):
            make.rate(of=shop, amount="110", at=timezone.now())

        answer = self.asked(desk, seen)

        assert re.search(r"Keep the quoted 100\.00 or take 110\.00\.", text_of(answer))
        assert 'id="lines"' not in answer.content.decode()

    def test_brings_everything_when_another_screen_changed_the_sale(self, desk):
        seen = self.seen(desk)
        desk.post(reverse("sales:line-add"), {"tag": "R-1"})

        assert 'id="lines"' in self.asked(desk, seen).content.decode()
