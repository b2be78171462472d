"""A paper as dots, and the dots as a receipt printer is told them."""

import pytest
from PIL import Image, ImageChops

from apps.core.paper import escpos


def printed(job):
    """What a printer makes of the bytes: written from the commands' description."""
    rows, width, said, at = [], 0, [], 0
    while at < len(job):
        if job[at : at + 2] == b"\x1b@":
            said.append("reset")
            at += 2
        elif job[at : at + 2] == b"\x1bp":
            said.append("kick")
            at += 5
        elif job[at : at + 2] == b"\x1ba":
            at += 3
        elif job[at : at + 2] == b"\x1bd":
            said.append("feed")
            at += 3
        elif job[at : at + 3] == b"\x1dVB":
            said.append("cut")
            at += 4
        elif job[at : at + 4] == b"\x1dv0\x00":
            across = int.from_bytes(job[at + 4 : at + 6], "little")
            down = int.from_bytes(job[at + 6 : at + 8], "little")
            at += 8
            rows.append(job[at : at + across * down])
            width = across * 8
            at += across * down
        else:
            raise AssertionError(job[at : at + 8])
    ink = b"".join(rows)
    paper = Image.frombytes("1", (width, len(ink) * 8 // width), ink) if rows else None
    return (ImageChops.invert(paper) if paper else None), said


@pytest.mark.parametrize("height", [1, 255, 256, 257, 900])
def test_the_printer_makes_the_same_picture(height):
    noise = Image.effect_noise((576, height), 90).point(lambda v: 255 * (v > 128)).convert("1")

    paper, said = printed(escpos.job([noise], cut=True))

    assert paper.tobytes() == noise.tobytes()
    assert said == ["reset", "feed", "cut"]


def test_a_band_is_never_longer_than_a_small_printer_holds():
    job = escpos.job([Image.new("1", (384, 1000), 0)], cut=False)
    assert job.count(b"\x1dv0\x00") == 4
    assert b"\x1dV" not in job


def test_the_drawer_opens_before_the_paper_comes():
    job = escpos.job([Image.new("1", (576, 8), 1)], cut=True, kick=True)
    assert job.index(b"\x1bp") < job.index(b"\x1dv0")


def test_opening_the_drawer_alone_prints_nothing():
    assert printed(escpos.kick()) == (None, ["reset", "kick"])
