"""Where things stand on a tag, and what is refused there."""

from decimal import Decimal

import pytest
import zxingcpp
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image, ImageChops

from apps.labels import letters
from apps.labels.layout import SymbolDoesNotFit, dots_of, picture_of, placed
from apps.labels.sheet import (
    FieldOutside,
    FieldUnknown,
    NothingOnTag,
    PadsImpossible,
    TooMuchOnTag,
    demand_possible,
)
from tests.labels.sheets import field, sheet

PERSIAN = "انگشتر یاقوت کبود با دو برلیان و نگین زمرد"


def ink(picture):
    return ImageChops.invert(picture.convert("L")).getbbox()


def drawn(text, **box):
    made = sheet()
    (item,) = placed(made, [field("name", **box)], {"tag": "R1", "name": text})
    return item, dots_of(item)


class TestPlaces:
    def test_a_field_counts_from_its_pad(self):
        made = sheet()
        front, back = placed(
            made, [field("name"), field("name", side="back")], {"tag": "R1", "name": "Ring"}
        )
        assert (front.x, front.y) == (8, 8)
        assert (back.x, back.y) == (46 * 8, 8)

    def test_a_millimetre_of_the_finer_head_is_nearly_twelve_dots(self):
        (item,) = placed(sheet(dpi=300), [field("name", x="10")], {"tag": "R1", "name": "Ring"})
        assert item.x == 118

    @pytest.mark.parametrize(
        ("wrong", "dead", "by"),
        [
            ({"x": "10", "width": "20"}, True, "3"),
            ({"x": "-1"}, False, "1"),
            ({"y": "10"}, False, "1"),
            ({"side": "back", "x": "10", "width": "20"}, False, "3"),
        ],
    )
    def test_what_leaves_its_pad_is_refused_with_how_far(self, wrong, dead, by):
        with pytest.raises(FieldOutside) as refused:
            demand_possible(sheet(), [field(**wrong)])
        assert refused.value.dead is dead
        assert refused.value.too_far_mm == Decimal(by)
        assert ("dead zone" in str(refused.value)) is dead

    def test_pads_that_overlap_or_leave_the_sheet_are_refused(self):
        for wrong in ({"front": "50"}, {"back": "28"}, {"front": "0"}):
            with pytest.raises(PadsImpossible):
                demand_possible(sheet(**wrong), [field()])

    def test_an_empty_tag_and_one_with_too_much_are_refused(self):
        with pytest.raises(NothingOnTag):
            demand_possible(sheet(), [])
        with pytest.raises(TooMuchOnTag):
            demand_possible(sheet(), [field()] * 21)

    def test_cost_is_nothing_that_a_tag_can_show(self):
        with pytest.raises(FieldUnknown):
            demand_possible(sheet(), [field("cost")])


class TestWords:
    @pytest.mark.parametrize("text", ["W" * 300, PERSIAN * 8, "Ring " + PERSIAN * 4, "g" * 300])
    @pytest.mark.parametrize("height", ["1.2", "2.4", "3", "8"])
    @pytest.mark.parametrize("bold", [True, False])
    def test_three_hundred_letters_end_with_an_ellipsis_inside_their_box(self, text, height, bold):
        item, picture = drawn(text, height=height, bold=bold)
        assert item.fitted.text.endswith("…")
        assert len(item.fitted.text) < 300
        assert picture.size == (item.width, item.height)
        assert item.fitted.width <= item.width

    @given(st.text(max_size=60), st.integers(8, 200), st.integers(8, 40))
    def test_no_text_ever_leaves_its_box(self, text, width, height):
        fitted = letters.fit(text, width=width, height=height, bold=False)
        assert fitted.width <= width

    def test_a_short_text_is_not_made_smaller(self):
        long, _ = drawn("Ring with a sapphire", width="20")
        short, _ = drawn("Ring", width="20")
        assert short.fitted.text == "Ring"
        assert short.fitted.size > long.fitted.size

    def test_right_and_left_are_those_of_the_box_in_both_directions(self):
        for text in ("Ring", "حلقه"):
            _item, left = drawn(text, align="left")
            _item, right = drawn(text, align="right")
            assert ink(left)[0] <= 2
            assert ink(right)[2] >= right.width - 2

    def test_persian_letters_are_joined(self):
        """Kept apart, the letters of a word stand wider than joined."""
        joined = letters.fit("حلقه", width=500, height=24, bold=False)
        apart = letters.fit("\u200c".join("حلقه"), width=500, height=24, bold=False)
        assert joined.width < apart.width * 0.9

    def test_the_ellipsis_of_a_persian_name_is_at_its_left(self):
        item, picture = drawn(PERSIAN, width="12", align="right")
        assert item.fitted.text.endswith("…")
        left = picture.width - item.fitted.width
        edge = picture.crop((left, 0, left + 8, picture.height))
        assert ink(edge)[3] - ink(edge)[1] <= 4  # dots, and no letter

    def test_signs_that_turn_letters_round_are_taken_out(self):
        assert letters.clean("Ring\u202egnir\u2066\x00\n 2") == "Ringgnir 2"

    def test_a_joiner_inside_a_persian_word_stays(self):
        assert "\u200c" in letters.clean("می\u200cشود")

    @pytest.mark.parametrize("digits", ["0123456789", "۰۱۲۳۴۵۶۷۸۹", "٠١٢٣٤٥٦٧٨٩"])
    def test_digits_of_three_scripts_have_a_shape_each(self, digits):
        shapes = {drawn(digit, width="4")[1].tobytes() for digit in digits}
        assert len(shapes) == 10


class TestSymbols:
    @pytest.mark.parametrize("kind", ["datamatrix", "qr", "code128"])
    @pytest.mark.parametrize("tag", ["R10482", "1-00042", "a_b^c~d>e\\f", "B " + "7" * 6])
    @pytest.mark.parametrize("dpi", [203, 300])
    def test_a_scanner_reads_the_tag_off_the_picture(self, kind, tag, dpi):
        made = sheet(dpi=dpi, width="120", front="60", back_x="60", back="60")
        items = placed(made, [field(kind, x="0", y="0", width="60", height="12")], {"tag": tag})
        seen = read(picture_of(made, items))
        assert seen == [tag]

    def test_a_persian_tag_is_read_from_its_square(self):
        for kind in ("datamatrix", "qr"):
            items = placed(sheet(), [field(kind, y="0", height="12")], {"tag": "ط-۱۲"})
            assert read(picture_of(sheet(), items)) == ["ط-۱۲"]

    def test_turned_bars_are_read_too(self):
        made = sheet(height="60")
        items = placed(
            made,
            [field("code128", x="0", y="0", width="10", height="60", turned=True)],
            {"tag": "R10482"},
        )
        assert read(picture_of(made, items)) == ["R10482"]

    def test_what_would_be_too_fine_is_refused(self):
        with pytest.raises(SymbolDoesNotFit) as refused:
            placed(sheet(), [field("code128", width="14")], {"tag": "R10482"})
        assert "R10482" in str(refused.value)

    def test_bars_cannot_say_persian(self):
        with pytest.raises(SymbolDoesNotFit):
            placed(sheet(), [field("code128", width="26")], {"tag": "ط"})

    def test_thirty_letters_still_fit_the_square_of_the_usual_template(self):
        items = placed(
            sheet(), [field("datamatrix", width="8.5", height="8.5")], {"tag": "A1" * 15}
        )
        assert read(picture_of(sheet(), items)) == ["A1" * 15]


def read(picture):
    """What a scanner sees on white paper around the tag."""
    paper = Image.new("L", (picture.width * 4 + 80, picture.height * 4 + 80), 255)
    large = picture.convert("L").resize((picture.width * 4, picture.height * 4), 0)
    paper.paste(large, (40, 40))
    return [found.text for found in zxingcpp.read_barcodes(paper)]
