"""What the printer is told: golden files, and the picture back from the bytes."""

import re

import pytest
from PIL import Image

from apps.labels import zpl
from apps.labels.layout import dots_of, picture_of, placed
from tests.labels.sheets import field, sheet, unpacked

GRAPHIC = re.compile(r"\^FO(\d+),(\d+)\^GFA,(\d+),(\d+),(\d+),([^\^]*)\^FS")
FACTS = {"tag": "R10482", "name": "Ring", "huid": "AB12CD", "net": "۹٫۸۷۶ گرم"}


def told(fields, facts=FACTS, made=None, **said):
    made = made or sheet()
    items = placed(made, fields, facts)
    options = {"darkness": 20, "printers_letters": True, **said}
    return zpl.zpl_of(made, [items], **options).decode("ascii")


def painted(text):
    """The tag from the pictures of a file alone."""
    paper = Image.new("1", (576, 96), 1)
    for x, y, total, again, across, data in GRAPHIC.findall(text):
        assert total == again
        dots = unpacked(data, int(across))
        assert len(dots) == int(total)
        ink = Image.frombytes("1", (int(across) * 8, int(total) // int(across)), dots)
        paper.paste(0, (int(x), int(y)), ink)
    return paper


class TestGolden:
    def test_latin_words_and_bars_go_as_commands(self):
        text = told(
            [
                field("tag", bold=True),
                field("huid", side="back", align="right"),
                field("code128", x="0", y="5", width="32", height="6"),
            ],
            made=sheet(front="32"),
        )
        assert text == (
            "~SD20\n"
            "^XA\n^CI28\n^LH0,0\n^PW576\n^LL96\n"
            "^FO8,10^A0N,20^FB160,1,0,L^FH_^FDR10482^FS\n"
            "^FO368,10^A0N,20^FB160,1,0,R^FH_^FDAB12CD^FS\n"
            "^FO20,40^BY2^BCN,48,N,N,N^FH_^FD>:R10482^FS\n"
            "^PQ1\n^XZ\n"
        )

    def test_persian_goes_as_a_picture(self):
        text = told([field("net")])
        assert "^A0" not in text
        assert len(GRAPHIC.findall(text)) == 1
        assert text.isascii()

    def test_several_tags_are_one_file(self):
        made = sheet()
        tags = [placed(made, [field()], {"tag": tag}) for tag in ("R1", "R2")]
        text = zpl.zpl_of(made, tags, darkness=5, printers_letters=True, copies=2).decode()
        assert text.startswith("~SD05\n")
        assert text.count("^XA") == text.count("^XZ") == text.count("^PQ2") == 2
        assert text.index("^FDR1^") < text.index("^FDR2^")


class TestWhatACommandWouldBe:
    @pytest.mark.parametrize("bad", ["^XZ", "~JR", "a_5E", "^FS^XA~DG"])
    def test_a_name_is_never_a_command(self, bad):
        text = told([field("name")], {"tag": "R1", "name": bad})
        (data,) = re.findall(r"\^FD(.*?)\^FS", text)
        assert "^" not in data
        assert "~" not in data
        assert decoded(data) == bad

    def test_a_backslash_goes_as_a_picture(self):
        assert "^A0" not in told([field("name")], {"tag": "R1", "name": "a\\&b"})

    def test_letters_beyond_ascii_are_their_utf_8(self):
        text = told([field("name")], {"tag": "R1", "name": "Bague née"})
        assert "^FDBague n_C3_A9e^FS" in text

    def test_an_arrow_in_a_tag_is_no_command_of_the_bars(self):
        text = told([field("code128", width="26")], {"tag": "A>B"})
        assert "^FD>:A>0B^FS" in text


def decoded(data):
    return re.sub(
        r"(?:_[0-9A-F]{2})+", lambda m: bytes.fromhex(m[0].replace("_", "")).decode(), data
    )


class TestPictures:
    @pytest.mark.parametrize(
        "name",
        ["Ring with a sapphire", "انگشتر یاقوت", "Ring یاقوت 18K", "حلقه ABC ۱۲۳", "٣ g 3 ۳"],
    )
    def test_the_printer_burns_the_preview_dot_by_dot(self, name):
        made = sheet()
        items = placed(
            made,
            [field("name"), field("datamatrix", side="back", height="10"), field("tag", y="6")],
            {"tag": "R10482", "name": name},
        )
        text = zpl.zpl_of(made, [items], darkness=20, printers_letters=False).decode()
        assert painted(text).tobytes() == picture_of(made, items).tobytes()

    @pytest.mark.parametrize("width", [1, 7, 8, 9, 64, 500, 3400])
    def test_packing_is_undone_by_the_guide(self, width):
        picture = Image.effect_noise((width, 9), 90).point(lambda v: 255 * (v > 128)).convert("1")
        picture.paste(1, (0, 2, width, 4))
        picture.paste(0, (0, 5, width, 8))
        across = (width + 7) // 8
        ink = picture.point(lambda v: 255 - v)
        assert unpacked(zpl.packed(picture), across) == ink.tobytes()

    def test_an_empty_fact_prints_nothing(self):
        assert "^FO" not in told([field("name")], {"tag": "R1", "name": ""})

    def test_turned_words_are_pictures(self):
        made = sheet()
        (item,) = placed(
            made, [field("name", width="3", height="10", turned=True)], {"tag": "R", "name": "Ring"}
        )
        upright = placed(
            made, [field("name", width="10", height="3")], {"tag": "R", "name": "Ring"}
        )
        turned_back = dots_of(item).transpose(Image.Transpose.ROTATE_90)
        assert turned_back.tobytes() == dots_of(upright[0]).tobytes()
