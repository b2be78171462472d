"""The shop's own rules of pricing: dated, checked against the pack, and in every bill."""

from datetime import timedelta
from decimal import Decimal

import pytest

from apps.inventory.prices import prices_today
from apps.inventory.selectors import piece_by_tag
from apps.inventory.services.new_pieces import NewStone
from apps.pricing.bills import billing_of
from apps.pricing.policy import Charges, charges_at, own_pricing
from apps.pricing.rules import FeeKind, Kind
from apps.pricing.schemas import RoundingIn
from apps.pricing.set_policy import PolicyImpossible, set_charges, set_rounding
from apps.shops.models import PolicyVersion
from apps.shops.scope import shop_scope
from tests import make

D = Decimal
LATER = make.NOON + timedelta(hours=1)


def rounded(by, at=make.NOON, **said):
    set_rounding(RoundingIn.model_validate(said), by=by, at=at)


def priced(tag, shop, at=make.NOON):
    (price,) = prices_today([piece_by_tag(tag=tag)], shop=shop, at=at)
    assert price.line, price.missing
    return {(c.kind, c.label): c for c in price.line.components}


@pytest.mark.usefixtures("scope")
class TestCharges:
    FULL = Charges(
        profit_percent=D("7.5"),
        hallmark_fees={"gold": D(45), "silver": D("35.50")},
        certificate_fees={"GIA": D(100)},
        making_category="service",
        fee_categories={FeeKind.HALLMARK: "service"},
        tax_rates={"jewellery": D("5.25")},
    )

    def test_are_read_as_they_were_set(self, owner):
        set_charges(self.FULL, by=owner, at=make.NOON)
        assert charges_at(make.NOON) == self.FULL
        assert charges_at(make.NOON - timedelta(seconds=1)) == Charges()

    def test_the_same_again_is_no_new_version(self, owner):
        set_charges(self.FULL, by=owner, at=make.NOON)
        set_charges(self.FULL, by=owner, at=LATER)
        assert PolicyVersion.objects.count() == 1
        set_charges(Charges(), by=owner, at=LATER)
        assert charges_at(LATER) == Charges()

    @pytest.mark.parametrize(
        ("said", "field"),
        [
            ({"profit_percent": D(-1)}, "profit_percent"),
            ({"profit_percent": D("NaN")}, "profit_percent"),
            ({"profit_percent": D(1001)}, "profit_percent"),
            ({"hallmark_fees": {"gold": D(-1)}}, "hallmark_fees.gold"),
            ({"hallmark_fees": {"gold": D("1.005")}}, "hallmark_fees.gold"),
            ({"hallmark_fees": {"gold": D(10) ** 13}}, "hallmark_fees.gold"),
            ({"hallmark_fees": {"tin": D(1)}}, "hallmark_fees.tin"),
            ({"certificate_fees": {"": D(1)}}, "certificate_fees."),
            ({"certificate_fees": {"G" * 21: D(1)}}, f"certificate_fees.{'G' * 21}"),
            ({"certificate_fees": {f"G{n}": D(1) for n in range(21)}}, "certificate_fees"),
            ({"making_category": "job_work"}, "making_category"),
            ({"fee_categories": {FeeKind.HALLMARK: "gold"}}, "fee_categories.hallmark"),
            ({"tax_rates": {"luxury": D(1)}}, "tax_rates.luxury"),
            ({"tax_rates": {"jewellery": D(101)}}, "tax_rates.jewellery"),
        ],
        ids=str,
    )
    def test_what_cannot_be_is_refused_and_nothing_is_kept(self, owner, said, field):
        with pytest.raises(PolicyImpossible) as refused:
            set_charges(Charges(**said), by=owner, at=make.NOON)
        assert refused.value.field == field
        assert str(refused.value)[-1] == "."
        assert not PolicyVersion.objects.exists()

    def test_reach_every_piece_by_weight_that_says_nothing_itself(self, owner, shop):
        make.rate(of=shop)
        stone = NewStone(kind="diamond", certificate="1", certificate_lab="GIA")
        make.piece(by=owner, tag="R-1", hallmark="HX1", stones=(stone,))
        make.piece(by=owner, tag="R-2", profit_percent=D(0), hallmark="HX2", hallmark_fee=D(0))
        make.piece(by=owner, tag="R-3", profit_percent=D(3), hallmark_fee=D(12))
        make.piece(by=owner, tag="R-4", hallmark="HX3", fixed_price=D(900))
        set_charges(self.FULL, by=owner, at=make.NOON)

        one = priced("R-1", shop)
        assert one[Kind.PROFIT, "profit"].basis["percent"] == D("7.5")
        assert one[Kind.EXTRA, "hallmark"].amount == D(45)
        assert one[Kind.EXTRA, "hallmark"].tax_category == "service"
        assert one[Kind.EXTRA, "GIA"].amount == D(100)
        assert one[Kind.EXTRA, "GIA"].tax_category == "jewellery"
        assert one[Kind.MAKING, "making"].tax_category == "service"
        assert {kind for kind, _label in priced("R-2", shop)} == {
            Kind.METAL,
            Kind.MAKING,
            Kind.TAX,
        }
        three = priced("R-3", shop)
        assert three[Kind.PROFIT, "profit"].basis["percent"] == 3
        assert three[Kind.EXTRA, "hallmark"].amount == 12
        assert {kind for kind, _label in priced("R-4", shop)} == {Kind.PRICE, Kind.TAX}

    def test_a_rate_of_the_town_is_the_rate_of_the_bill(self, owner, shop):
        make.rate(of=shop)
        make.piece(by=owner, tag="R-1")
        set_charges(Charges(tax_rates={"jewellery": D("8.875")}), by=owner, at=LATER)
        assert priced("R-1", shop)[Kind.TAX, "VAT"].basis["percent"] == 5
        assert priced("R-1", shop, LATER)[Kind.TAX, "VAT"].basis["percent"] == D("8.875")


@pytest.mark.usefixtures("scope")
class TestRounding:
    def test_counts_from_its_moment_on(self, owner, shop):
        rounded(owner, at=LATER, lines={"step": "1"}, making={"mode": "down"})
        before, after = billing_of(shop, make.NOON), billing_of(shop, LATER)
        assert before.rounding.of(Kind.METAL).step == D("0.01")
        assert after.rounding.of(Kind.METAL).step == 1
        assert (after.rounding.of(Kind.MAKING).mode, after.rounding.of(Kind.TAX).mode) == (
            "down",
            "half_up",
        )

    def test_a_shop_that_never_set_it_rounds_as_it_was_opened(self):
        shop = make.shop(rounding={"lines": {"step": "0.05"}})
        with shop_scope(shop.pk):
            assert billing_of(shop, make.NOON).rounding.of(Kind.TAX).step == D("0.05")
            rounded(make.member(of=shop), at=LATER)
            assert own_pricing(shop, LATER).rounding is None
            assert billing_of(shop, LATER).rounding.of(Kind.TAX).step == D("0.01")

    @pytest.mark.parametrize(
        ("said", "field"),
        [
            ({"lines": {"step": "0.001"}}, "metal"),
            ({"tax": {"step": "0"}}, "tax"),
            ({"document": {"step": "5"}}, "document"),
            ({"document": {"step": "1.50", "mode": "up"}}, "document"),
        ],
        ids=str,
    )
    def test_a_step_that_is_none_or_gives_too_much_away_is_refused(self, owner, said, field):
        with pytest.raises(PolicyImpossible) as refused:
            rounded(owner, **said)
        assert refused.value.field == field
        assert not PolicyVersion.objects.exists()

    @pytest.mark.parametrize(
        ("currency", "pack", "step", "mode"),
        [("INR", "IN", "1", "up"), ("INR", "IN", "2", "half_up"), ("IRT", "IR", "1000", "down"),
         ("KWD", "KW", "0.005", "half_even"), ("AED", "AE", "1", "half_up")],
    )  # fmt: skip
    def test_what_is_taken_never_refuses_a_bill(self, currency, pack, step, mode):
        shop = make.shop(currency=currency, tax_pack=pack)
        with shop_scope(shop.pk):
            rounded(make.member(of=shop), document={"step": step, "mode": mode})
            policy = billing_of(shop, make.NOON).rounding
            smallest = policy.of(Kind.METAL).step
            for n in range(int(policy.document.step / smallest) + 1):
                bill = 7 * policy.document.step + n * smallest
                assert abs(policy.document(bill) - bill) <= policy.bound


@pytest.fixture
def as_(client, shop):
    def sign_in(role="owner"):
        client.force_login(make.member(of=shop, role=role).user)
        return client

    return sign_in


class TestPages:
    def test_sets_the_charges(self, as_, shop):
        client = as_()
        given = {"profit_percent": "۷٫۵", "hallmark_gold": "45", "lab_1": "GIA", "fee_1": "100"}
        assert client.post("/rates/policy/", given).status_code == 302
        page = client.get("/rates/policy/")
        assert page.context["form"]["profit_percent"].value() == "7.5"
        with shop_scope(shop.pk):
            stored = PolicyVersion.objects.get()
            assert stored.values == {
                "profit_percent": "7.5",
                "hallmark_fees": {"gold": "45"},
                "certificate_fees": {"GIA": "100"},
            }

    @pytest.mark.parametrize(
        ("given", "field"),
        [
            ({"profit_percent": "2000"}, "profit_percent"),
            ({"profit_percent": "-3"}, "profit_percent"),
            ({"hallmark_gold": "1.005"}, "hallmark_gold"),
            ({"lab_1": "GIA"}, "lab_1"),
            ({"fee_2": "5"}, "lab_2"),
            ({"lab_1": "GIA", "fee_1": "1", "lab_2": "GIA", "fee_2": "2"}, "lab_2"),
            ({"making_category": "gold"}, "making_category"),
            ({"rate_jewellery": "101"}, "rate_jewellery"),
        ],
        ids=str,
    )
    def test_says_at_the_field_what_cannot_be(self, as_, shop, given, field):
        answer = as_().post("/rates/policy/", given)
        assert answer.status_code == 422
        assert list(answer.context["form"].errors) == [field]
        with shop_scope(shop.pk):
            assert not PolicyVersion.objects.exists()

    def test_sets_the_rounding(self, as_, shop):
        client = as_()
        given = {"lines_step": "1", "tax_mode": "up", "document_step": "1"}
        assert client.post("/rates/policy/rounding/", given).status_code == 302
        form = client.get("/rates/policy/rounding/").context["form"]
        assert (form["lines_step"].value(), form["tax_mode"].value()) == ("1.00", "up")
        with shop_scope(shop.pk):
            assert PolicyVersion.objects.get().values == {
                "lines": {"step": "1"},
                "tax": {"mode": "up"},
                "document": {"step": "1"},
            }

    @pytest.mark.parametrize(
        ("given", "field"),
        [
            ({"document_step": "5"}, "document_step"),
            ({"metal_step": "0"}, "metal_step"),
            ({"metal_step": "0.001"}, "metal_step"),
            ({"tax_mode": "sideways"}, "tax_mode"),
        ],
        ids=str,
    )
    def test_says_at_the_line_what_cannot_be(self, as_, given, field):
        answer = as_().post("/rates/policy/rounding/", given)
        assert answer.status_code == 422
        assert list(answer.context["form"].errors) == [field]

    @pytest.mark.parametrize("role", ["manager", "salesperson", "cashier"])
    @pytest.mark.parametrize("address", ["/rates/policy/", "/rates/policy/rounding/"])
    def test_is_for_the_owner(self, as_, role, address):
        client = as_(role)
        assert client.get(address).status_code == client.post(address).status_code == 403
        assert "Rules of pricing" not in client.get("/rates/").content.decode()
