"""Whether a caller would rather read text than JSON (RFC 9110, 12.5.1)."""

import pytest

from apps.core.sampling.accept import prefers_text


@pytest.mark.parametrize(
    "accept",
    [
        "text/plain",
        "TEXT/PLAIN",
        "text/plain; charset=utf-8",
        "text/plain, */*;q=0.1",
        "text/*",
        "application/json;q=0.5, text/plain",
        "application/health+json;q=0, */*",
    ],
)
def test_text(accept):
    assert prefers_text(accept, otherwise=False)


@pytest.mark.parametrize(
    "accept",
    [
        "application/json",
        "application/health+json",
        "application/*",
        "application/health+json, text/plain;q=0.9",
        "text/plain;q=0, */*;q=0.1",
        "application/json;q=0.4, text/plain;q=0.3",
    ],
)
def test_json(accept):
    assert not prefers_text(accept, otherwise=True)


@pytest.mark.parametrize(
    "accept",
    [
        "",
        "*/*",
        "text/html",
        "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8",
        "application/json, text/plain",
        "image/png;q=0.3, */*;q=0.3",
        "nonsense",
        ";;,,;q=",
        "text/plain;q=x",
        "text/plain;q=nan",
        "a" * 100_000,
        "\0\udcff",
    ],
)
@pytest.mark.parametrize("otherwise", [True, False])
def test_neither(accept, otherwise):
    assert prefers_text(accept, otherwise=otherwise) is otherwise
