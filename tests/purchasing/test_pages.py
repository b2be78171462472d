"""Pages of the old gold: what they show, what they refuse, and that each works without script."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from django.utils import timezone

from apps.customers.services import add_customer
from apps.purchasing.models import Assay, Bag, Bar, Fixing, MetalReceipt, OldGoldSlip, SlipVoid
from apps.shops.approvals import set_pin
from apps.shops.policies import policy, set_policy
from apps.shops.scope import shop_scope
from tests import make
from tests.purchasing import gold


@pytest.fixture
def now():
    return timezone.now()


@pytest.fixture
def rates(shop, owner, scope, now):
    gold.float_of(by=owner, at=now)
    make.rate(of=shop, amount="100", side="buy", at=now - timedelta(seconds=1))


@pytest.fixture
def desk(client, owner):
    client.force_login(owner.user)
    return client


@pytest.fixture
def clerks_desk(client, clerk):
    client.force_login(clerk.user)
    return client


def filled(seller, do="value", rows=1, **changes):
    rows_of = {}
    for row in range(rows):
        rows_of |= {
            f"item-{row}-description": "Bangle",
            f"item-{row}-metal": "gold",
            f"item-{row}-gross_weight_g": "10",
            f"item-{row}-tested_fineness": "22K",
            f"item-{row}-method": "xrf",
        }
    return {
        "customer": seller.pk,
        "do": do,
        "key": "7d444840-9dc0-11d1-b245-5ffdce74fad2",
        "purpose": "cash",
        "pay_by": "cash",
        **rows_of,
        **changes,
    }


class TestNewSlip:
    def test_first_the_seller(self, desk, seller):
        found = desk.get("/old-gold/new/?search=nadia")
        assert f"?customer={seller.pk}" in found.text

    def test_worked_out_and_not_bought(self, desk, seller, rates):
        answer = desk.post("/old-gold/new/", filled(seller))
        assert answer.status_code == 200
        assert 'name="seen_total" value="916.00"' in answer.text
        assert not OldGoldSlip.objects.exists()

    def test_bought(self, desk, seller, rates):
        sent = filled(seller, do="buy", seen_total="916.00")
        answer = desk.post("/old-gold/new/", sent)
        assert answer.headers["Location"] == "/old-gold/1-G000001/"
        desk.post("/old-gold/new/", sent)  # pressed twice
        assert OldGoldSlip.objects.get().total == Decimal("916.00")

    def test_with_persian_digits_and_a_photo(self, desk, seller, rates):
        answer = desk.post(
            "/old-gold/new/",
            filled(
                seller,
                do="buy",
                seen_total="916.00",
                **{
                    "item-0-gross_weight_g": "۱۰٫۵",
                    "item-0-stones_g": "۰٫۵",
                    "item-0-photos": SimpleUploadedFile("a.jpg", gold.picture()),
                },
            ),
        )
        assert answer.status_code == 302
        shown = desk.get(answer.headers["Location"])
        [pk] = OldGoldSlip.objects.get().items.get().photos.values_list("pk", flat=True)
        assert f"/old-gold/photos/{pk}/" in shown.text
        photo = desk.get(f"/old-gold/photos/{pk}/")
        assert photo.headers["Content-Type"] == "image/jpeg"
        assert "no-store" in photo.headers["Cache-Control"]

    def test_rows_come_and_go_without_script(self, desk, seller, rates):
        more = desk.post("/old-gold/new/", filled(seller, do="add"))
        assert "item-1-description" in more.text
        assert 'value="Bangle"' in more.text
        fewer = desk.post("/old-gold/new/", filled(seller, do="remove-0", rows=2))
        assert "item-0-description" not in fewer.text
        assert "item-1-description" in fewer.text

    def test_the_form_keeps_its_key(self, desk, seller, rates):
        sent = filled(seller, do="add")
        assert sent["key"] in desk.post("/old-gold/new/", sent).text

    def test_the_sentence_stands_beside_its_field(self, desk, seller, rates):
        answer = desk.post("/old-gold/new/", filled(seller, **{"item-0-stones_g": "10"}))
        assert answer.status_code == 422
        assert "as heavy as the item itself" in answer.text

    def test_another_total_by_now(self, desk, seller, rates):
        answer = desk.post("/old-gold/new/", filled(seller, do="buy", seen_total="915"))
        assert answer.status_code == 409
        assert "916.00 now" in answer.text
        assert not OldGoldSlip.objects.exists()

    @pytest.mark.parametrize("seen", ["", "NaN", "abc"])
    def test_bought_unseen(self, desk, seller, rates, seen):
        answer = desk.post("/old-gold/new/", filled(seller, do="buy", seen_total=seen))
        assert answer.status_code == 409

    def test_what_is_missing_of_the_seller(self, desk, owner, rates):
        nobody = gold.seller(by=owner, phone="", paper="")
        answer = desk.post("/old-gold/new/", filled(nobody))
        assert answer.status_code == 422
        assert "Of the seller is missing: the phone number" in answer.text

    def test_more_than_the_rules_by_a_clerk(self, clerks_desk, owner, seller, rates):
        more = {"item-0-rate_per_g": "95", "reason": "an old customer"}
        answer = clerks_desk.post("/old-gold/new/", filled(seller, **more))
        assert 'name="pin"' in answer.text
        set_pin(member=owner, pin="1984")
        approved = {**more, "approver": owner.user.username, "seen_total": "950.00"}
        wrong = clerks_desk.post("/old-gold/new/", filled(seller, do="buy", **approved, pin="4891"))
        assert wrong.status_code == 403
        right = clerks_desk.post("/old-gold/new/", filled(seller, do="buy", **approved, pin="1984"))
        assert right.status_code == 302

    def test_another_shops_seller(self, desk, rates):
        other = make.shop(name="Other")
        stranger = make.member(of=other)
        with shop_scope(other.pk):
            theirs = gold.seller(by=stranger)
        assert desk.get(f"/old-gold/new/?customer={theirs.pk}").status_code == 404


class TestSlips:
    def test_the_list_and_its_filters(self, desk, owner, seller, rates, now):
        gold.slip(of=seller, by=owner, at=now)
        gold.slip(of=seller, by=owner, at=now, purpose="exchange")
        assert "1-G000001" in desk.get("/old-gold/").text
        claims = desk.get("/old-gold/?only=claims").text
        assert "1-G000002" in claims
        assert "1-G000001" not in claims
        assert "No slip is like that" in desk.get("/old-gold/?search=nobody").text
        rows = desk.get("/old-gold/?search=000002", headers={"HX-Request": "true"}).text
        assert "<html" not in rows
        assert "1-G000002" in rows

    def test_void(self, desk, owner, seller, rates, now):
        slip = gold.slip(of=seller, by=owner, at=now)
        assert "Void the slip" in desk.get(f"/old-gold/{slip.code}/").text
        form = desk.get(f"/old-gold/{slip.code}/void/")
        key = form.context["form"]["key"].value()
        desk.post(f"/old-gold/{slip.code}/void/", {"key": key, "reason": "wrong item"})
        assert SlipVoid.objects.get().reason == "wrong item"
        done = SlipVoid.objects.get()
        assert desk.get(f"/old-gold/documents/{done.code}/").url == f"/old-gold/{done.slip.code}/"
        shown = desk.get(f"/old-gold/{slip.code}/").text
        assert "1-V000001" in shown
        again = desk.post(f"/old-gold/{slip.code}/void/", {"key": str(key)[::-1], "reason": "x"})
        assert again.status_code == 409

    def test_paying_a_claim_out(self, desk, owner, seller, rates, now):
        slip = gold.slip(of=seller, by=owner, at=now, purpose="exchange")
        form = desk.get(f"/old-gold/{slip.code}/pay/")
        key = form.context["form"]["key"].value()
        desk.post(
            f"/old-gold/{slip.code}/pay/", {"key": key, "pay_by": "cash", "reason": "no piece"}
        )
        slip.refresh_from_db()
        assert slip.claim_left == 0
        assert "1-O000001" in desk.get(f"/old-gold/{slip.code}/").text

    def test_the_paper(self, desk, owner, seller, rates, now):
        slip = gold.slip(of=seller, by=owner, at=now)
        paper = desk.get(f"/old-gold/{slip.code}/slip.pdf")
        assert paper.content.startswith(b"%PDF")
        assert "no-store" in paper.headers["Cache-Control"]

    def test_the_report_for_the_police(self, desk, owner, rates, now):
        crook = gold.seller(by=owner, name="=HYPERLINK(1)")
        slip = gold.slip(of=crook, by=owner, at=now)
        url = f"/old-gold/report.csv?first={slip.day}&last={slip.day}"
        told = desk.get(url).content.decode()
        assert told.startswith("\ufeffslip,")
        assert "'=HYPERLINK(1)" in told
        assert "784199012345671" in told
        assert desk.get("/old-gold/report.csv?first=2026-02-01&last=2026-01-01").status_code == 422
        assert desk.get("/old-gold/report.csv").status_code == 422

    def test_the_report_is_not_for_clerks(self, clerks_desk):
        assert clerks_desk.get("/old-gold/report.csv").status_code == 403

    def test_another_shops_slip_and_photo(self, desk, rates, now):
        other = make.shop(name="Other")
        stranger = make.member(of=other)
        with shop_scope(other.pk):
            make.rate(of=other, amount="100", side="buy", at=now)
            gold.float_of(by=stranger, at=now)
            slip = gold.slip(
                gold.item(photos=(gold.picture(),)),
                of=gold.seller(by=stranger),
                by=stranger,
                at=now,
            )
            pk = slip.items.get().photos.get().pk
        assert desk.get(f"/old-gold/{slip.code}/").status_code == 404
        assert desk.get(f"/old-gold/photos/{pk}/").status_code == 404


def key_in(answer, form="form"):
    return answer.context[form]["key"].value()


def test_from_the_bag_to_the_refiner(desk, owner, seller, rates, now):
    """Every page of the way, as an owner presses through it."""
    gold.slip(of=seller, by=owner, at=now)
    refiner = add_customer(name="Emirates Refining", kind="refiner", by=owner, at=now)
    bags = desk.get("/old-gold/bags/")
    desk.post("/old-gold/bags/", {"key": key_in(bags), "metal": "gold"})
    item = OldGoldSlip.objects.get().items.get()
    assert "Bangle" in desk.get("/old-gold/bags/1/").text
    desk.post("/old-gold/bags/1/fill/", {"item": item.pk, "do": "in"})
    assert desk.post("/old-gold/bags/1/seal/", {"seal": ""}).status_code == 422
    desk.post("/old-gold/bags/1/seal/", {"seal": "A-17"})
    sealed = desk.get("/old-gold/bags/1/")
    melt = {"key": key_in(sealed, "melt_form"), "before_g": "10", "reason": "weekly"}
    refused = desk.post("/old-gold/bags/1/melt/", {**melt, "after_g": "11"})
    assert refused.status_code == 422
    assert "does not become heavier" in refused.text
    desk.post("/old-gold/bags/1/melt/", {**melt, "after_g": "9.9"})
    melted = desk.get("/old-gold/bags/1/")
    desk.post(
        "/old-gold/bags/1/assay/",
        {
            "key": key_in(melted, "assay_form"),
            "fineness": "915",
            "method": "fire_assay",
            "sample_g": "",
            "reason": "report 7",
        },
    )
    assert Bag.objects.get().state == "assayed"
    code = Assay.objects.get().code
    assert code in desk.get("/old-gold/bars/").text
    desk.post(f"/old-gold/bars/{code}/send/", {"refiner": refiner.pk})
    sent = desk.get(f"/old-gold/bars/{code}/")
    settle = {
        "key": key_in(sent, "settle_form"),
        "kind": "money",
        "weight_g": "9.05",
        "fineness": "999.9",
        "charges": "5",
        "rate_per_fine_g": "104.5",
        "paid_by": "cash",
        "reason": "note 3",
    }
    limit = {"threshold": "500", "days": 1, "effect": "warn"}
    set_policy("cash_limits", {"in": limit}, by=owner, at=now)
    warned = desk.post(f"/old-gold/bars/{code}/settle/", settle)
    assert 'name="cash-reason"' in warned.text
    assert Bar.objects.get().state == "at_refiner"
    desk.post(f"/old-gold/bars/{code}/settle/", {**settle, "cash-reason": "Filed"})
    assert Bar.objects.get().state == "settled"
    assert code in desk.get("/old-gold/bars/?settled").text
    assert "assayed" in desk.get("/old-gold/bags/").text.lower()


def test_metal_of_a_supplier(desk, owner, scope, now):
    assert "no supplier yet" in desk.get("/old-gold/metal/").text
    supplier = add_customer(name="Gold House", kind="supplier", by=owner, at=now)
    empty = desk.get("/old-gold/metal/")
    sent = {
        "key": key_in(empty, "receive_form"),
        "supplier": supplier.pk,
        "metal": "gold",
        "gross_g": "100",
        "fineness": "995",
        "rate_per_fine_g": "100",
    }
    assert desk.post("/old-gold/metal/receive/", {**sent, "gross_g": "0"}).status_code == 422
    desk.post("/old-gold/metal/receive/", sent)
    desk.post("/old-gold/metal/receive/", sent)
    assert MetalReceipt.objects.count() == 1
    standing = desk.get("/old-gold/metal/")
    fixing = {"key": key_in(standing, "fix_form"), "account": f"{supplier.pk}-gold"}
    too_much = desk.post(
        "/old-gold/metal/fix/", {**fixing, "fine_g": "100", "rate_per_fine_g": "103"}
    )
    assert too_much.status_code == 409
    desk.post("/old-gold/metal/fix/", {**fixing, "fine_g": "99.5", "rate_per_fine_g": "103"})
    assert Fixing.objects.get().amount == Decimal("10248.50")
    assert "10,248.50" in desk.get("/old-gold/metal/").text
    paper = Fixing.objects.get().code
    shown = desk.get(f"/old-gold/documents/{paper}/", follow=True)
    assert shown.redirect_chain[0][0] == f"/old-gold/metal/fixings/{paper}/"
    assert "10,248.50" in shown.text
    receipt = MetalReceipt.objects.get().code
    to_bar = desk.get(f"/old-gold/documents/{receipt}/")
    assert to_bar.url == f"/old-gold/bars/{receipt}/"
    assert desk.get("/old-gold/documents/1-F000099/").status_code == 404
    assert desk.get("/old-gold/metal/fixings/1-F000099/").status_code == 404
    assert desk.get("/old-gold/documents/a%00b/").status_code == 404


def test_the_rules_of_the_shop(desk, shop, scope, now):
    shown = desk.get("/old-gold/policy/").text
    assert "Confirm them with your accountant" in shown
    answer = desk.post(
        "/old-gold/policy/",
        {
            "required": ["name", "paper"],
            "photo": "on",
            "hold_days": "7",
            "tenders": ["transfer"],
            "cash_amount": "1,000",
            "cash_days": "30",
            "premium_percent": "1.5",
            "cut_percent": "",
            "declaration": "I own it.",
        },
    )
    assert answer.status_code == 302
    assert policy("old_gold", at=timezone.now()) == {
        "required": ["name", "paper"],
        "photo": True,
        "hold_days": 7,
        "tenders": ["transfer"],
        "cash": {"amount": "1000", "days": 30},
        "premium_percent": "1.5",
        "cut_percent": "0",
        "declaration": "I own it.",
    }
    assert "I own it." in desk.get("/old-gold/policy/").text


@pytest.mark.parametrize("percent", ["100", "-1", "a lot"])
def test_rules_that_cannot_be(desk, scope, percent):
    answer = desk.post(
        "/old-gold/policy/",
        {"hold_days": "0", "tenders": ["cash"], "cut_percent": percent},
    )
    assert answer.status_code == 422


def test_a_slip_that_must_be_photographed_says_so(desk, owner, seller, rates):
    set_policy("old_gold", {"photo": True}, by=None, at=timezone.now() - timedelta(seconds=1))
    assert "a photo of each item" in desk.get(f"/old-gold/new/?customer={seller.pk}").text
    refused = desk.post("/old-gold/new/", filled(seller, do="buy", seen_total="916.00"))
    assert "Item 1 has no photo" in refused.text


@pytest.mark.parametrize("name", ["bars", "positions", "policy"])
def test_what_clerks_do_not_see(clerks_desk, name):
    assert clerks_desk.get(reverse(f"purchasing:{name}")).status_code == 403
