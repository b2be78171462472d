"""Figures worked out by hand for rules that the collected vectors leave open."""

from tests.pricing.ask import amount, amounts, ask, gold, per_gram, per_piece, percent, tax

BAR = {"metal": "gold", "fineness": "999.9", "net_weight_g": "100.000", "rate": {"amount": "400"}}


def test_sa_fifteen_percent_below_99_and_zero_from_99():
    bangle = {"metals": [gold("10.000", "300", fineness="875")], "making": per_piece("150")}
    answer = ask([bangle, {"metals": [BAR]}], pack="SA", currency="SAR")
    assert (tax(answer)["base"], tax(answer)["amount"]) == ("3150.00", "472.50")
    zero = tax(answer, "investment_metal")
    assert (zero["percent"], zero["base"], zero["amount"]) == ("0", "40000.00", "0.00")
    assert answer["total"] == "43622.50"


def test_sa_five_percent_before_july_2020():
    bangle = {"metals": [gold("10.000", "300", fineness="875")]}
    assert ask([bangle], pack="SA", currency="SAR", date="2020-06-30")["tax"] == "150.00"
    assert ask([bangle], pack="SA", currency="SAR", date="2020-07-01")["tax"] == "450.00"


def test_ae_the_limit_of_investment_metal_is_990_and_no_stones():
    def of(fineness, **more):
        line = {"metals": [gold("10.000", "300", fineness=fineness)], **more}
        return ask([line], pack="AE", currency="AED")["tax"]

    assert of("990") == "0.00"
    assert of("989.9") == "150.00"
    assert of("999", stones=[{"kind": "zircon", "carats": "0.10"}]) == "150.00"
    assert of("999", tax_category="jewellery") == "150.00"


def test_ae_reverse_charge_on_the_metal_and_tax_on_the_making():
    """100,000 of metal to a registered buyer and 6,000 of making: 300 is due at once."""
    metal = {"metal": "gold", "amount": "100000", "tax_category": "reverse_charge"}
    answer = ask([{"metals": [metal], "making": per_piece("6000")}], pack="AE", currency="AED")
    assert tax(answer, "reverse_charge")["amount"] == "0.00"
    assert tax(answer)["base"] == "6000.00"
    assert (answer["tax"], answer["total"]) == ("300.00", "106300.00")


def test_jp_no_decimals_tax_inside_and_cut():
    answer = ask([{"fixed_price": "98765"}], pack="JP", currency="JPY")
    # 98765 x 10 / 110 = 8978.63…
    assert (answer["tax"], answer["subtotal"], answer["total"]) == ("8978", "89787", "98765")


def test_jp_tax_is_cut_once_for_the_bill_and_shared_out():
    lines = [{"fixed_price": "999"}, {"fixed_price": "999"}, {"fixed_price": "500"}]
    answer = ask(lines, pack="JP", currency="JPY")
    # 2498 / 11 = 227.09; line by line it would be 90 + 90 + 45 = 225
    assert answer["tax"] == "227"
    assert [line["tax"] for line in answer["lines"]] == ["91", "91", "45"]


def test_us_ct_like_kind_trade_in_lowers_the_base():
    old = {"amount": "3000", "like_kind": True}
    rate = {"jewellery": "6.35"}
    line = {"fixed_price": "10000"}
    answer = ask([line], pack="US-CT", currency="USD", trade_ins=[old], tax_rates=rate)
    assert (tax(answer)["base"], answer["tax"], answer["due"]) == ("7000.00", "444.50", "7444.50")
    other = ask(
        [line],
        pack="US-CT",
        currency="USD",
        trade_ins=[{**old, "like_kind": False}],
        tax_rates=rate,
    )
    assert (other["tax"], other["due"]) == ("635.00", "7635.00")


def test_us_ct_luxury_rate_above_five_thousand():
    def percent_of(price, **more):
        answer = ask([{"fixed_price": price}], pack="US-CT", currency="USD", **more)
        return tax(answer)["percent"], answer["tax"]

    assert percent_of("5000") == ("6.35", "317.50")
    assert percent_of("5000.01") == ("7.75", "387.50")
    old = {"amount": "1000", "like_kind": True}
    assert percent_of("6000", trade_ins=[old]) == ("6.35", "317.50")


def test_us_the_rate_of_the_place_is_an_input():
    answer = ask(
        [{"fixed_price": "199.99"}], pack="US", currency="USD", tax_rates={"jewellery": "8.875"}
    )
    assert answer["tax"] == "17.75"  # 17.749…
    assert ask([{"fixed_price": "199.99"}], pack="US", currency="USD")["taxes"] == []


def test_in_fine_weight_is_rounded_to_the_milligram_before_it_is_priced():
    metal = gold("7.333", "0", fineness="916")
    metal["rate"] = {"amount": "6500", "unit": "g", "fineness": "1000"}
    answer = ask([{"metals": [metal]}])
    # 7.333 x 0.916 = 6.717028 -> 6.717 g; 6.717 x 6500 = 43660.50 (unrounded: 43660.68)
    assert answer["fine_grams"] == {"gold": "6.717"}
    assert amount(answer, "metal") == "43660.50"


def test_in_five_and_eighteen_percent_are_categories():
    line = {
        "metals": [gold("10.000", "6000")],
        "making": {**percent("10"), "tax_category": "job_work"},
        "extras": [{"label": "Certificate", "amount": "500", "tax_category": "service"}],
    }
    answer = ask([line])
    assert tax(answer)["amount"] == "1800.00"
    assert tax(answer, "job_work")["amount"] == "300.00"
    assert tax(answer, "service")["amount"] == "90.00"
    assert answer["total"] == "68690.00"


def test_in_another_state_pays_one_integrated_tax():
    line = {"metals": [gold("10.000", "6000")], "tax_category": "jewellery_interstate"}
    found = tax(ask([line]), "jewellery_interstate")
    assert (found["label"], found["amount"], found["parts"]) == ("IGST", "1800.00", [])


def test_an_odd_paisa_goes_to_the_first_part():
    answer = ask([{"fixed_price": "1001.50"}])  # 3 % = 30.045 -> 30.05
    assert [part["amount"] for part in tax(answer)["parts"]] == ["15.03", "15.02"]


def test_in_making_on_metal_and_wastage():
    line = {
        "metals": [gold("10.000", "6000")],
        "wastage": {"mode": "percent_of_value", "value": "5"},
        "making": {**percent("10"), "basis": "metal_and_wastage"},
    }
    assert amount(ask([line]), "making") == "6300.00"
    line["making"] = percent("10")
    assert amount(ask([line]), "making") == "6000.00"


def test_wastage_in_weight_is_outside_making_on_metal():
    line = {
        "metals": [gold("10.000", "6000")],
        "wastage": {"mode": "grams", "value": "0.5"},
        "making": percent("10"),
    }
    answer = ask([line])
    assert (amount(answer, "metal"), amount(answer, "making")) == ("63000.00", "6000.00")
    # The customer pays for 10.5 g and carries 10 g home: the ledger posts what the piece holds.
    assert answer["fine_grams"] == {"gold": "9.160"}


def test_uk_a_margin_loss_is_nil_and_helps_no_other_line():
    loss = {"fixed_price": "900", "scheme": "margin", "purchase_price": "1000"}
    gain = {"fixed_price": "2000", "scheme": "margin", "purchase_price": "1500"}
    alone = ask([loss], pack="GB", currency="GBP")
    assert (tax(alone)["base"], tax(alone)["amount"]) == ("0.00", "0.00")
    both = ask([loss, gain], pack="GB", currency="GBP")
    assert (tax(both)["amount"], both["total"], both["tax"]) == ("83.33", "2900.00", "0.00")


def test_ir_is_ten_percent_from_nowruz_1403():
    line = {"metals": [gold("1.000", "1000000", fineness="750")], "making": percent("20")}

    def vat(day):
        return ask([line], pack="IR", currency="IRT", date=day)["tax"]

    assert vat("2024-03-19") == "18000"
    assert vat("2024-03-20") == "20000"


def test_ir_rials_are_ten_times_the_tomans():
    def total(rate, currency):
        line = {"metals": [gold("1.050", rate, fineness="750")], "making": percent("22")}
        return ask([line], pack="IR", currency=currency)["total"]

    assert total("3431800", "IRT") == "4475000"
    assert total("34318000", "IRR") == "44750000"


def test_tr_the_rate_may_be_quoted_for_the_mark_itself():
    metal = gold("20.000", "3664", fineness="916")  # 4000 of pure
    answer = ask([{"metals": [metal], "making": per_piece("4720")}], pack="TR", currency="TRY")
    assert (tax(answer)["base"], answer["total"]) == ("4720.00", "78944.00")


def test_ch_the_tax_inside_is_dated():
    line = {"fixed_price": "1081.00"}
    assert ask([line], pack="CH", currency="CHF")["tax"] == "81.00"
    before = ask([line], pack="CH", currency="CHF", date="2023-12-31")
    assert before["tax"] == "77.29"  # 1081 x 7.7 / 107.7 = 77.2859…


def test_a_discount_on_the_bill_is_shared_by_largest_remainder():
    lines = [{"fixed_price": "100"}, {"fixed_price": "100"}, {"fixed_price": "100"}]
    answer = ask(lines, discount={"amount": "100"}, rounding={"document": {"step": "0.01"}})
    assert [line["discount"] for line in answer["lines"]] == ["-33.34", "-33.33", "-33.33"]
    assert (answer["discount"], answer["subtotal"], answer["tax"]) == ("-100.00", "200.00", "6.00")


def test_discounts_on_one_line_follow_one_another():
    line = {
        "metals": [gold("10.000", "6000")],
        "making": per_gram("500"),
        "discounts": [{"percent": "20", "on": "making"}, {"percent": "10"}],
    }
    answer = ask([line])
    assert amounts(answer, "discount") == ["-1000.00", "-6400.00"]
    assert answer["subtotal"] == "57600.00"


def test_old_gold_by_its_weight_at_the_buying_rate_less_a_cut():
    old = {
        "metal": "gold",
        "net_weight_g": "8.000",
        "fineness": "875",
        "rate": {"amount": "6200", "fineness": "1000"},
        "cut_percent": "2",
    }
    answer = ask([{"fixed_price": "100000"}], trade_ins=[old])
    (taken,) = answer["trade_ins"]
    assert (taken["fine_g"], taken["amount"]) == ("7.000", "42532.00")
    assert answer["due"] == "60468.00"


def test_a_gram_deposit_reaches_the_heaviest_piece_first_in_any_order():
    light, heavy = (
        {"metals": [gold("2.000", "7400")]},
        {"metals": [gold("12.000", "7400")]},
    )
    deposit = {"kind": "grams", "amount": "91000", "metal": "gold", "rate": {"amount": "7000"}}
    first, second = (
        ask([light, heavy], deposit=deposit),
        ask([heavy, light], deposit=deposit),
    )
    assert first["deposit_use"] == second["deposit_use"]
    # 91000 / 7000 = 13 g: the 12 g piece, then 1 g of the other
    assert first["deposit_use"]["grams_locked"] == "13.000"
    assert first["deposit_use"]["open_value"] == "7400.00"
    assert first["subtotal"] == "98400.00"
