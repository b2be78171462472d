"""What the Content-Security-Policy forbids stands in no template, and every word is marked."""

import re

import pytest
from django.template import Engine
from django.template.loader import get_template
from django.urls import URLResolver, get_resolver

from tests.architecture.sources import ROOT, place, templates
from tests.architecture.test_doors import doors

_COMMENT = re.compile(r"\{#.*?#\}|\{%\s*comment\b.*?endcomment\s*%\}|<!--.*?-->", re.DOTALL)
_TRANSLATED = re.compile(
    r"\{%\s*blocktrans(?:late)?\b.*?%\}.*?\{%\s*endblocktrans(?:late)?\s*%\}", re.DOTALL
)
# A block that a page fills with a class, not with words.
_CLASSES = re.compile(r"\{%\s*block \w*class\w*\s*%\}.*?\{%\s*endblock\b.*?%\}", re.DOTALL)
_TAG_OR_VALUE = re.compile(r"\{%.*?%\}|\{\{.*?\}\}", re.DOTALL)
_VERBATIM = re.compile(r"<(script|style|svg|code)\b[^>]*>.*?</\1>", re.DOTALL | re.IGNORECASE)
_ELEMENT = re.compile(r"</?[a-zA-Z!\x01][^<>]*>", re.DOTALL)
_CODE = re.compile(r"\b[a-z-]+=\"[^\"]*\"|\b[a-z]+(?:__|--)[\w-]+")  # parts of elements, classes
_LETTERS = re.compile(r"[^\W\d_]{2,}")
_SHOWN = re.compile(
    r"\s(?:aria-label|aria-description|title|placeholder|alt|label|data-words|data-busy|data-confirm)"
    r"\s*=\s*(\"[^\"]*\"|'[^']*')",
    re.DOTALL,
)

# What is no word of a language: signs of the trade and of computing.
NOT_WORDS = {"kg", "mg", "ct", "pt", "ozt", "CSV", "XLSX", "PDF", "QR", "mm", "nbsp"}

# A form's help text is written by its programmer, and Django's own holds a list.
BELIEVED = {"templates/components/_field_notes.html"}

# Pages for the people who build, shown in development only.
FOR_BUILDERS = ("design/",)

FORBIDDEN = {
    "an inline style: write a class": re.compile(r"<[^>]*\sstyle\s*=", re.DOTALL | re.IGNORECASE),
    "a style element: write a file in static/css": re.compile(r"<style\b", re.IGNORECASE),
    "an inline script: write a file in static/js": re.compile(
        r"<script\b(?![^>]*\bsrc\s*=)", re.DOTALL | re.IGNORECASE
    ),
    "an inline handler: listen in static/js": re.compile(
        r"<[^>]*\s(?:on[a-z]+|hx-on[:a-z-]*)\s*=", re.DOTALL | re.IGNORECASE
    ),
    "a javascript: address": re.compile(r"=\s*[\"']?\s*javascript:", re.IGNORECASE),
    "a js: value, which allowEval=false drops without a word": re.compile(
        r"hx-[a-z-]+\s*=\s*[\"']\s*(?:js|javascript):", re.IGNORECASE
    ),
    "a trigger filter, which is evaluated": re.compile(
        r"hx-trigger\s*=\s*(?:\"[^\"]*\[|'[^']*\[)", re.IGNORECASE
    ),
    "something from another site": re.compile(
        r"<(?:script|link|img|iframe|source)\b[^>]*(?:src|href)\s*=\s*[\"'](?:https?:)?//",
        re.DOTALL | re.IGNORECASE,
    ),
    "|safe, which believes the text: build it with format_html": re.compile(
        r"\|\s*safe\b|\{%\s*autoescape\s+off"
    ),
}


def _blank(match: re.Match[str]) -> str:
    """Line breaks stay, so that a line can still be named."""
    return re.sub(r"[^\n]", " ", match.group())


def _filled(match: re.Match[str]) -> str:
    """As _blank, where an element's own name may come from a value: <{{ kind }} class=…>."""
    return re.sub(r"[^\n]", "\x01", match.group())


def _line(text: str, at: int) -> int:
    return text.count("\n", 0, at) + 1


def forbidden_in(text: str) -> list[tuple[int, str]]:
    # Values may hold > themselves; they are not what these patterns look for.
    plain = _TAG_OR_VALUE.sub(_blank, _COMMENT.sub(_blank, text))
    found = [
        (_line(plain, match.start()), what)
        for what, pattern in FORBIDDEN.items()
        if "|safe" not in what
        for match in pattern.finditer(plain)
    ]
    believing = FORBIDDEN["|safe, which believes the text: build it with format_html"]
    without_comments = _COMMENT.sub(_blank, text)
    return found + [
        (_line(text, match.start()), "|safe or autoescape off")
        for match in believing.finditer(without_comments)
    ]


def unmarked_in(text: str) -> list[tuple[int, str]]:
    """Words that a reader would see and no translator would."""
    text = _COMMENT.sub(_blank, text)
    text = _CLASSES.sub(_blank, _TRANSLATED.sub(_blank, text))
    # Inside a tag's quotes the words are an argument: {% translate "…" %}, {% include … with … %}.
    text = _TAG_OR_VALUE.sub(_filled, text)
    shown = [
        (match.start(), match.group(1)[1:-1])
        for element in _ELEMENT.finditer(text)
        for match in _SHOWN.finditer(text, element.start(), element.end())
    ]
    body = _ELEMENT.sub(_blank, _VERBATIM.sub(_blank, text))
    shown += [(match.start(), match.group()) for match in re.finditer(r"[^\n]+", body)]
    return [
        (_line(text, at), " ".join(words.replace("\x01", " ").split()))
        for at, words in shown
        if set(_LETTERS.findall(_CODE.sub(" ", re.sub(r"&[a-z]+;", " ", words)))) - NOT_WORDS
    ]


def _ids(path):
    return str(path.relative_to(ROOT))


@pytest.mark.parametrize("path", templates(), ids=_ids)
def test_no_template_holds_what_the_policy_forbids(path):
    wrong = [
        f"{place(path, line)}: {what}"
        for line, what in forbidden_in(path.read_text())
        if not ("|safe" in what and str(path.relative_to(ROOT)) in BELIEVED)
    ]
    assert not wrong, wrong


@pytest.mark.parametrize("path", templates(), ids=_ids)
def test_every_word_a_reader_sees_is_marked(path):
    if any(folder in str(path) for folder in FOR_BUILDERS):
        pytest.skip("a page for those who build")
    wrong = [
        f'{place(path, line)}: {{% translate "{words[:60]}" %}}'
        for line, words in unmarked_in(path.read_text())
    ]
    assert not wrong, wrong


@pytest.mark.parametrize("path", templates(), ids=_ids)
def test_every_template_can_be_read(path):
    """Unknown tags and filters are found here, not by the first who opens the page."""
    Engine.get_default().from_string(path.read_text())


@pytest.mark.parametrize("path", templates(), ids=_ids)
def test_what_a_template_names_exists(path):
    """Addresses by name, and templates by path; `{% url … as x %}` may name what is not there."""
    text = _COMMENT.sub("", path.read_text())
    addresses = {name for _, name, _ in doors()} | {
        f"{resolver.namespace}:{name}"
        for resolver in get_resolver().url_patterns
        if isinstance(resolver, URLResolver) and resolver.namespace
        for name in resolver.reverse_dict
        if isinstance(name, str)
    }
    named = set(re.findall(r"\{%\s*url\s+[\"']([^\"']+)[\"'](?![^%]*\sas\s)", text))
    assert not named - addresses, f"add to urls.py: {sorted(named - addresses)}"
    for template in re.findall(r"\{%\s*(?:include|extends)\s+[\"']([^\"']+)[\"']", text):
        get_template(template)


@pytest.mark.parametrize(
    "html",
    [
        '<p style="color: red">',
        "<style>p {}</style>",
        "<script>go()</script>",
        '<button type="button"\n onclick="go()">',
        '<form hx-on:submit="go()">',
        '<a href="javascript:go()">',
        "<form hx-vals='js:{now: Date.now()}'>",
        "<input hx-trigger=\"keyup[key == 'Enter']\">",
        '<script src="https://cdn.example/x.js"></script>',
        "{{ note|safe }}",
    ],
)
def test_the_search_finds_what_it_looks_for(html):
    assert forbidden_in(html), html


@pytest.mark.parametrize(
    "html",
    ["<p>Sold</p>", '<input placeholder="Tag or name">', "<td>{{ sum }} total</td>", "\nSold\n"],
)
def test_the_search_finds_words_nobody_marked(html):
    assert unmarked_in(html), html


@pytest.mark.parametrize(
    "html",
    [
        '<p>{% translate "Sold" %}</p>',
        "<input placeholder=\"{% translate 'Tag or name' %}\">",
        "{% blocktranslate %}<b>Sold</b> today{% endblocktranslate %}",
        "{# Sold #}<td>{{ weight }} g × 3</td>",
    ],
)
def test_the_search_leaves_marked_words_alone(html):
    assert not unmarked_in(html), html
