"""The pages of the tags: who may, what they say, what a strange request gets."""

from uuid import uuid4

import pytest
from django.urls import reverse

from apps.inventory.models import Piece
from apps.inventory.services.sell import mark_sold
from apps.labels.models import LabelTemplate, TagPrint
from apps.labels.services.templates import templates_to_choose
from apps.shops.models import Action, Register
from apps.shops.policies import set_policy
from apps.shops.scope import shop_scope
from apps.till.models import Printer
from tests import make
from tests.labels.printers import printer_at

pytestmark = pytest.mark.django_db

PRINT = "/stock/labels/"


@pytest.fixture
def rings(shop, owner):
    with shop_scope(shop.pk):
        for tag, name in (("R-1", "Ring <b>"), ("R-2", "انگشتر"), ("R-3", "W" * 120)):
            make.piece(by=owner, tag=tag, name=name)


@pytest.fixture
def barbell(shop, rings):
    with shop_scope(shop.pk):
        return templates_to_choose(shop)[0]


@pytest.fixture
def boss(client, owner):
    client.force_login(owner.user)
    return client


@pytest.fixture
def seller(client, shop):
    client.force_login(make.member(of=shop, role="salesperson").user)
    return client


def sent(barbell, *tags, way="file", **given):
    return {"tag": tags, "template": barbell.pk, "way": way, "key": str(uuid4()), **given}


class TestPrintPage:
    def test_is_empty_at_first(self, seller, rings):
        page = seller.get(PRINT)
        assert page.status_code == 200
        assert "No piece is on the list" in page.content.decode()

    def test_lists_the_pieces_of_its_address(self, seller, barbell):
        page = seller.get(PRINT, {"tag": ["R-2", "R-1", "R-1"]}).content.decode()
        assert page.count("labels__item") == 2
        assert "Ring &lt;b&gt;" in page
        assert "<b>" not in page.replace("<bdi>", "")

    def test_lists_pieces_without_a_tag(self, seller, barbell):
        page = seller.get(f"{PRINT}?untagged").content.decode()
        assert page.count("labels__item") == 3

    def test_a_tag_nobody_has_is_a_sentence(self, seller, barbell):
        page = seller.get(PRINT, {"tag": ["R-1", "nobody", "\x00"]})
        assert page.status_code == 200
        assert "nobody is no tag of this shop" in page.content.decode()

    def test_names_what_is_not_printed_and_prints_the_rest(self, seller, barbell, shop, owner):
        with shop_scope(shop.pk):
            mark_sold(
                pieces=[Piece.objects.get(tag="R-3")], by=owner, at=make.NOON, reference="1-000001"
            )
        page = seller.get(PRINT, {"tag": ["R-1", "R-9", "R-2", "R-3"]}).content.decode()
        assert "2 of the list are not printed" in page
        assert "R-9 is no tag of this shop" in page
        assert "R-3 is not in the shop any more" in page
        assert f'href="{PRINT}?tag=R-1&amp;tag=R-2"' in page  # all of them off at once
        assert f'href="{PRINT}?tag=R-1&amp;tag=R-2&amp;tag=R-3"' in page  # R-9 alone
        printing = page.split('id="print-title"')[1]
        assert [part.split('"')[0] for part in printing.split('name="tag" value="')[1:]] == [
            "R-1",
            "R-2",
        ]
        assert printing.count('name="left"') == 2
        assert seller.post(PRINT, {"tag": ["R-1", "R-9"], "add": "R-2"})["Location"] == (
            f"{PRINT}?tag=R-1&tag=R-9&tag=R-2"
        )

        answer = seller.post(PRINT, sent(barbell, "R-1", "R-2", left=["R-9", "R-3"]))

        assert answer.content.count(b"^XA") == 2
        with shop_scope(shop.pk):
            assert set(TagPrint.objects.values_list("piece__tag", flat=True)) == {"R-1", "R-2"}

    def test_what_went_since_the_page_was_shown_stops_the_printing_and_is_named(
        self, seller, barbell, shop
    ):
        answer = seller.post(PRINT, sent(barbell, "R-1", "R-9"))
        page = answer.content.decode()
        assert answer.status_code == 404
        assert "R-9 is no tag of this shop" in page.split('id="print-title"')[1]
        assert "1 of the list is not printed" in page
        with shop_scope(shop.pk):
            assert not TagPrint.objects.exists()

    def test_what_was_left_out_stays_in_sight_after_printing(self, seller, barbell, shop):
        with printer_at() as printer:
            with shop_scope(shop.pk):
                Printer.objects.create(
                    register=Register.objects.get(), use="label", host=printer.host
                )
            answer = seller.post(PRINT, sent(barbell, "R-1", way="printer", left=["R-9"]))
        assert answer["Location"] == f"{PRINT}?tag=R-9"
        assert "R-9 is no tag of this shop" in seller.get(answer["Location"]).content.decode()

    def test_adding_keeps_the_list(self, seller, barbell):
        answer = seller.post(PRINT, {"tag": ["R-1"], "add": "R-2"})
        assert answer["Location"] == f"{PRINT}?tag=R-1&tag=R-2"
        answer = seller.post(PRINT, {"tag": ["R-1"], "add": "R-9"})
        assert answer["Location"] == f"{PRINT}?tag=R-1"

    def test_digits_of_three_scripts_are_one_tag(self, seller, barbell):
        for typed in ("R-2", "R-۲", "R-٢"):
            answer = seller.post(PRINT, {"add": typed})
            assert answer["Location"] == f"{PRINT}?tag=R-2"

    def test_gives_the_file_and_remembers_it(self, seller, barbell, shop):
        answer = seller.post(PRINT, sent(barbell, "R-1", "R-2", "R-3"))
        assert answer["Content-Disposition"].endswith('.zpl"')
        assert answer.content.count(b"^XA") == 3
        with shop_scope(shop.pk):
            assert TagPrint.objects.count() == 3

    def test_sends_to_the_printer_of_the_till(self, seller, barbell, shop):
        with printer_at() as printer:
            with shop_scope(shop.pk):
                Printer.objects.create(
                    register=Register.objects.get(), use="label", host=printer.host
                )
            answer = seller.post(PRINT, sent(barbell, "R-1", way="printer"))
            assert answer.status_code == 302
            assert printer.received().startswith(b"~SD20")

    def test_sent_twice_is_one_tag_and_a_question(self, seller, barbell, shop):
        assert seller.post(PRINT, sent(barbell, "R-1")).status_code == 200
        again = seller.post(PRINT, sent(barbell, "R-1"))
        assert again.status_code == 422
        assert "Write why" in again.content.decode()
        with shop_scope(shop.pk):
            assert TagPrint.objects.count() == 1

    def test_a_seller_needs_a_second_person_where_the_shop_says_so(
        self, seller, barbell, shop, owner
    ):
        with shop_scope(shop.pk):
            always = {Action.REPRINT.value: {"limit": "0"}}
            set_policy("approvals", always, by=owner, at=make.NOON)
        seller.post(PRINT, sent(barbell, "R-1"))
        answer = seller.post(PRINT, sent(barbell, "R-1", reason="torn"))
        assert answer.status_code == 409
        assert "PIN" in answer.content.decode()
        with shop_scope(shop.pk):
            assert TagPrint.objects.count() == 1

    def test_the_owner_gives_a_reason_alone(self, boss, barbell, shop):
        boss.post(PRINT, sent(barbell, "R-1"))
        assert boss.post(PRINT, sent(barbell, "R-1", reason="torn")).status_code == 200
        page = boss.get(PRINT, {"tag": "R-1"}).content.decode()
        assert "torn" in page
        assert "2 tags printed" in page

    def test_a_template_of_another_shop_is_no_choice(self, seller, barbell):
        other = make.shop(name="Zar")
        with shop_scope(other.pk):
            theirs = templates_to_choose(other)[0]
        assert seller.post(PRINT, sent(theirs, "R-1")).status_code == 422
        assert seller.get(f"{PRINT}picture.png", {"template": theirs.pk}).status_code == 404


class TestPicture:
    def test_is_a_png_without_the_cost(self, seller, barbell, shop):
        answer = seller.get(f"{PRINT}picture.png", {"template": barbell.pk, "tag": "R-2"})
        assert answer["Content-Type"] == "image/png"
        assert answer.content.startswith(b"\x89PNG")
        with shop_scope(shop.pk):
            Piece.objects.update(cost=1)
        again = seller.get(f"{PRINT}picture.png", {"template": barbell.pk, "tag": "R-2"})
        assert again.content == answer.content

    @pytest.mark.parametrize("given", ["", "x", "-1", "9" * 40, "٣", "1 OR 1"])
    def test_a_strange_template_is_none(self, seller, barbell, given):
        answer = seller.get(f"{PRINT}picture.png", {"template": given})
        assert answer.status_code == 404


class TestTemplates:
    def form(self, client, pk):
        """What the page of a template would send."""
        page = client.get(reverse("labels:template", args=[pk]))
        form = page.context["form"]
        return {
            name: form[name].value()
            for name in form.fields
            if form[name].value() not in (None, False)
        }

    def test_a_seller_does_not_change_them(self, seller, barbell):
        assert seller.get(reverse("labels:templates")).status_code == 403
        assert seller.get(reverse("labels:template", args=[barbell.pk])).status_code == 403

    def test_is_saved_as_typed(self, boss, barbell, shop):
        given = self.form(boss, barbell.pk)
        given |= {"name": "Our barbell", "f0-x_mm": "۱٫۵", "darkness": "١٢"}
        answer = boss.post(reverse("labels:template", args=[barbell.pk]), given)
        assert answer.status_code == 302, answer.context["form"].errors
        with shop_scope(shop.pk):
            saved = LabelTemplate.objects.get(pk=barbell.pk)
        assert (saved.name, saved.darkness) == ("Our barbell", 12)
        assert saved.fields[0]["x_mm"] == "1.5"
        assert len(saved.fields) == len(barbell.fields)

    @pytest.mark.parametrize(
        ("wrong", "said"),
        [
            ({"f1-x_mm": "20"}, "dead zone"),
            ({"f1-y_mm": "11"}, "over the edge"),
            ({"back_x_mm": "10"}, "pads do not fit"),
            ({"width_mm": "900"}, "200 mm"),
            ({"height_mm": "1"}, "smaller than"),
            ({"f1-width_mm": ""}, "how many millimetres"),
            ({"f0-what": "cost"}, "valid choice"),
            ({"darkness": "31"}, "30"),
        ],
    )
    def test_what_cannot_be_is_a_sentence_and_changes_nothing(
        self, boss, barbell, shop, wrong, said
    ):
        given = self.form(boss, barbell.pk) | wrong
        answer = boss.post(reverse("labels:template", args=[barbell.pk]), given)
        assert answer.status_code == 422
        assert said in answer.content.decode()
        with shop_scope(shop.pk):
            assert LabelTemplate.objects.get(pk=barbell.pk).fields == barbell.fields

    def test_shows_without_saving(self, boss, barbell, shop):
        given = self.form(boss, barbell.pk) | {"name": "Other", "show": "1"}
        answer = boss.post(reverse("labels:template", args=[barbell.pk]), given)
        assert "data:image/png;base64," in answer.content.decode()
        part = boss.post(
            reverse("labels:template", args=[barbell.pk]), given, headers={"HX-Request": "true"}
        ).content.decode()
        assert "data:image/png" in part
        assert "<html" not in part
        with shop_scope(shop.pk):
            assert LabelTemplate.objects.get(pk=barbell.pk).name == barbell.name

    def test_a_new_one_and_its_end(self, boss, barbell, shop):
        page = boss.get(reverse("labels:template-new", args=["rat_tail"]))
        form = page.context["form"]
        given = {n: form[n].value() for n in form.fields if form[n].value() not in (None, False)}
        boss.post(reverse("labels:template-new", args=["rat_tail"]), given | {"name": "Mine"})
        with shop_scope(shop.pk):
            made = LabelTemplate.objects.get(name="Mine")
        boss.post(reverse("labels:template-remove", args=[made.pk]))
        with shop_scope(shop.pk):
            assert not LabelTemplate.objects.filter(name="Mine").exists()

    def test_two_of_one_name_are_refused(self, boss, barbell, shop):
        given = self.form(boss, barbell.pk)
        answer = boss.post(reverse("labels:template-new", args=["barbell"]), given)
        assert answer.status_code == 409
        assert "already" in answer.content.decode()

    def test_another_stock_is_none(self, boss, barbell):
        assert boss.get("/stock/labels/templates/new/scroll/").status_code == 404
