"""Wherever a PIN stands in what is sent, guesses wait for one another."""

import json

import pytest
from django.test import RequestFactory

from apps.shops.middleware import _brings_a_pin

FORM = {"reason": "x", "approver": "mona"}


@pytest.mark.parametrize("name", ["pin", "credit-pin", "cash-pin", "off-pin"])
def test_in_a_form_under_any_prefix(name):
    assert _brings_a_pin(RequestFactory().post("/", {**FORM, name: "4821"}))
    assert not _brings_a_pin(RequestFactory().post("/", {**FORM, name: ""}))


@pytest.mark.parametrize("kind", ["application/json", "text/plain", ""])
@pytest.mark.parametrize(
    "body",
    [
        json.dumps({"approver": {"pin": "4821"}}).encode(),
        rb'{"approver": {"\u0070in": "4821"}}',
        rb'{"approver": {"p\u0069\u006E": "4821"}}',
        json.dumps({"approver": {"pin": "4821"}}).encode("utf-16"),
    ],
)
def test_in_json_however_it_is_written(body, kind):
    assert _brings_a_pin(RequestFactory().post("/api/v1/no-sales", body, content_type=kind))


def test_other_requests_do_not_wait():
    assert not _brings_a_pin(RequestFactory().get("/?pin=1"))
    body = json.dumps({"name": "pink", "pins": 3}).encode()
    sent = RequestFactory().post("/api/v1/x", body, content_type="application/json")
    assert not _brings_a_pin(sent)
