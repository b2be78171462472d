"""The colours, measured: WCAG contrast recomputed from the style sheets themselves."""

import re
from itertools import product
from pathlib import Path

import pytest

STATIC = Path(__file__).resolve().parents[2] / "static"
TEXT, GRAPHIC = 4.5, 3.0  # WCAG 2.1, 1.4.3 and 1.4.11
GROUNDS = ("canvas", "surface", "sunken", "hover")
METALS = ("gold", "silver", "platinum", "palladium")
THEMES = ("tokens", "dark")


def tokens(sheet):
    """Every colour token of a sheet, as red, green, blue."""
    css = (STATIC / "css" / f"{sheet}.css").read_text()
    found = re.findall(r"--([\w-]+):\s*#([0-9a-f]{6})\b", css)
    return {name: tuple(bytes.fromhex(colour)) for name, colour in found}


def luminance(colour):
    parts = [value / 255 for value in colour]
    linear = [p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(first, second):
    light, dark = sorted((luminance(first), luminance(second)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


PAIRS = [
    *((text, ground, TEXT) for text, ground in product(("ink", "ink-2", "ink-3"), GROUNDS)),
    *((text, ground, TEXT) for text, ground in product(("accent", "loss", "gain"), GROUNDS)),
    *(("warn", ground, TEXT) for ground in ("canvas", "surface")),
    ("on-accent", "accent", TEXT),
    ("on-accent", "accent-strong", TEXT),
    ("on-loss", "loss", TEXT),
    ("accent", "accent-soft", TEXT),
    *((name, f"{name}-soft", TEXT) for name in ("gain", "loss", "warn")),
    *(("ink", f"{name}-soft", TEXT) for name in ("accent", "gain", "loss", "warn")),
    *((metal, f"{metal}-soft", TEXT) for metal in METALS),
    ("canvas", "ink", TEXT),  # a toast
    *(("edge", ground, GRAPHIC) for ground in ("canvas", "surface")),
    *(("focus", ground, GRAPHIC) for ground in GROUNDS),
]


@pytest.mark.parametrize("sheet", THEMES)
@pytest.mark.parametrize(("front", "ground", "least"), PAIRS)
def test_contrast(sheet, front, ground, least):
    colours = tokens(sheet)
    measured = contrast(colours[front], colours[ground])
    assert measured >= least, f"--{front} on --{ground} in {sheet}.css: {measured:.2f}"


def test_the_measure_is_right():
    assert contrast((0, 0, 0), (255, 255, 255)) == pytest.approx(21)
    assert contrast((0x77, 0x77, 0x77), (255, 255, 255)) == pytest.approx(4.48, abs=0.01)


def test_dark_repeats_every_colour_and_adds_none():
    assert tokens("dark").keys() == tokens("tokens").keys()


def sheets():
    return sorted((STATIC / "css").glob("*.css"))


def test_every_token_that_is_used_exists():
    known = set(re.findall(r"(--[\w-]+):", "".join(sheet.read_text() for sheet in sheets())))
    for sheet in sheets():
        used = set(re.findall(r"var\((--[\w-]+)", sheet.read_text()))
        assert used <= known, f"{sheet.name}: {sorted(used - known)}"


def test_every_file_a_sheet_names_is_there():
    for sheet in sheets():
        for name in re.findall(r"url\(([^)]+)\)", sheet.read_text()):
            assert (sheet.parent / name).is_file(), f"{sheet.name}: {name}"


@pytest.mark.parametrize(
    "newer",
    [r":has\(", r"oklch\(", r"color-mix\(", r"light-dark\(", r"\bsubgrid\b", r"\bpopover\b"],
)
def test_the_last_browsers_of_old_tills_can_paint_it(newer):
    for sheet in sheets():
        css = re.sub(r"/\*.*?\*/", "", sheet.read_text(), flags=re.DOTALL)
        assert not re.search(newer, css), f"{sheet.name}: {newer}"


def test_pages_are_laid_out_without_left_and_right():
    """Right-to-left needs no second sheet; only `text-align: right` of numbers is physical."""
    physical = re.compile(
        r"[\s;{](?:(?:margin|padding|border)-(?:left|right)|left|right|float)\s*:"
    )
    for sheet in sheets():
        if sheet.name != "receipt.css":  # paper has its own rules
            assert not physical.search(sheet.read_text()), sheet.name


def test_icons_that_templates_name_exist():
    sprite = set(re.findall(r'<symbol id="([\w-]+)"', (STATIC / "icons.svg").read_text()))
    root = STATIC.parent
    for template in [*root.glob("templates/**/*.html"), *root.glob("apps/*/templates/**/*.html")]:
        text = template.read_text()
        named = set(re.findall(r"{% icon \"([\w-]+)\"", text))
        named |= set(re.findall(r"icon_name=\"([\w-]+)\"", text))
        assert named <= sprite, f"{template.name}: {sorted(named - sprite)}"


def test_templates_carry_no_inline_style_or_script():
    """The content policy refuses both, in silence."""
    root = STATIC.parent
    for template in [*root.glob("templates/**/*.html"), *root.glob("apps/*/templates/**/*.html")]:
        text = template.read_text()
        assert not re.search(
            r"\sstyle=|\son\w+=|<style|javascript:|hx-vals=[\"']js:|\bhx-on", text
        ), template.name
        assert not re.search(r"<script(?![^>]*\bsrc=)", text), template.name


def test_no_comment_of_one_line_is_left_open():
    """Django shows a {# comment #} that runs over a line's end as text."""
    root = STATIC.parent
    for template in [*root.glob("templates/**/*.html"), *root.glob("apps/*/templates/**/*.html")]:
        for line in template.read_text().splitlines():
            assert line.count("{#") == line.count("#}"), f"{template.name}: {line}"
