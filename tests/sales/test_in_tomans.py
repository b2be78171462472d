"""A whole sale in tomans over books in rials: what is shown, typed, kept and printed."""

import re
from decimal import Decimal
from html import unescape

import pytest
from django.urls import reverse
from django.utils import timezone, translation

from apps.core.currencies import shown_units
from apps.core.formatting import digits, money
from apps.core.reading import Reading, in_units, read_as
from apps.core.typed import fold_digits
from apps.ledger import chart
from apps.ledger.models import Posting
from apps.sales.models import OpenSaleLine, OpenSaleTender, Sale
from apps.shops.scope import shop_scope
from tests import make

PART = {"HX-Request": "true"}


@pytest.fixture(autouse=True)
def _own_language():
    with translation.override(None):
        yield


@pytest.fixture
def shop(db):
    return make.shop(name="Zarrin", currency="IRR", tax_pack="IR", time_zone="Asia/Tehran")


@pytest.fixture
def seller(shop, client):
    member = make.member(of=shop)
    member.user.language = "fa"
    member.user.save(update_fields=["language"])
    now = timezone.now()
    with shop_scope(shop.pk):
        make.rate(of=shop, at=now, amount="178450000", fineness="750")
        make.piece(by=member, tag="R-1", at=now, metals=(make.gold(fineness="750"),))
    client.force_login(member.user)
    return member


def words_of(page):
    text = re.sub(r"<(script|style|svg|template)\b.*?</\1>", " ", page.text, flags=re.S)
    return " ".join(unescape(re.sub(r"<[^>]*>", " ", text)).split())


def post(client, door, *args, **data):
    return client.post(reverse(f"sales:{door}", args=args), data)


def hidden(client):
    text = client.get(reverse("sales:counter")).text
    form = text[text.index('id="actions"') :]
    names = ("idempotency_key", "pieces_seen", "total_seen")
    return {name: re.search(rf'name="{name}" value="([^"]*)"', form)[1] for name in names}


def tomans(rials):
    with (
        read_as(Reading(units=in_units("toman", on=timezone.localdate()))),
        translation.override("fa"),
    ):
        return money(rials, "IRR")


def test_is_shown_typed_and_paid_in_tomans_and_kept_in_rials(client, shop, seller):
    post(client, "line-add", tag="R-1")
    total = Decimal(hidden(client)["total_seen"])
    page = client.get(reverse("sales:counter"))

    assert total % 10 == 0
    assert total > 10**9  # ten grams and more than a thousand million rials
    assert tomans(total) in words_of(page)
    assert "ریال" not in words_of(page)
    # The field is filled with what is left, in the unit that is shown beside it.
    assert re.search(rf'id="amount"[^>]*value="{tomans(total)}"', page.text)
    assert re.search(r'id="amount"[^>]*data-amount="1" data-amount-least="0"', page.text)

    # As a clerk types it: other digits, no thousands.
    typed = fold_digits(tomans(total)).translate(str.maketrans("0123456789", "٠١٢٣٤٥٦٧٨٩"))
    post(client, "tender-add", kind="card", amount=typed)

    with shop_scope(shop.pk):
        assert OpenSaleTender.objects.get().amount == total
    done = post(client, "finish", **hidden(client))
    assert done.status_code == 302, words_of(done)
    with shop_scope(shop.pk):
        sale = Sale.objects.get()
        assert (sale.total, sale.currency) == (total, "IRR")
        assert Posting.objects.filter(account=chart.CARD, amount=total).exists()


def test_cash_of_a_tenth_of_a_toman_is_one_rial(client, shop, seller):
    post(client, "line-add", tag="R-1")
    post(client, "tender-add", kind="card", amount="100.1")

    with shop_scope(shop.pk):
        assert OpenSaleTender.objects.get().amount == 1001
    page = client.get(reverse("sales:counter"))
    assert digits("100", language="fa") + "٫" + digits("1", language="fa") in words_of(page)


def test_a_hundredth_is_refused_and_nothing_is_taken(client, shop, seller):
    post(client, "line-add", tag="R-1")
    refused = post(client, "tender-add", kind="card", amount="100.15")

    assert refused.status_code == 422
    with shop_scope(shop.pk):
        assert not OpenSaleTender.objects.exists()


@pytest.mark.parametrize("unit", ["rial", "toman"])
def test_a_discount_is_shown_as_it_was_typed(client, shop, seller, unit):
    seller.user.money_unit = unit
    seller.user.save(update_fields=["money_unit"])
    post(client, "line-add", tag="R-1")
    line = re.search(r"lines/(\d+)/discount/", client.get(reverse("sales:counter")).text)[1]

    given = {"value": "۲٬۰۰۰", "unit": "amount", "on": "line", "reason": "همسایه"}
    post(client, "line-discount", line, **given)

    form = client.get(reverse("sales:line-discount", args=[line]))
    assert 'value="۲۰۰۰"' in form.text
    with shop_scope(shop.pk):
        assert OpenSaleLine.objects.get().discount_amount == (20_000 if unit == "toman" else 2000)


def test_who_reads_rials_never_sees_a_toman(client, shop, seller):
    seller.user.money_unit = "rial"
    seller.user.save(update_fields=["money_unit"])
    post(client, "line-add", tag="R-1")
    page = client.get(reverse("sales:counter"))

    total = Decimal(hidden(client)["total_seen"])
    assert "تومان" not in words_of(page)
    assert digits(f"{total:,.0f}".replace(",", "٬"), language="fa") in words_of(page)


def test_the_toman_is_said_today():
    assert {unit.name for unit in shown_units(on=timezone.localdate())} == {"IRT"}
