"""A day in the shop, in a real browser, on a live server that serves as jewelry_app.

A run of its own (`pytest tests/journeys`): Playwright's event loop would
otherwise stand in the way of every other test of the process.
"""

import os
import re
import time
from decimal import Decimal

import pytest
from django.conf import settings
from django.db import connection
from django.test import Client
from django.utils import timezone
from playwright.sync_api import expect

from apps.shops.scope import shop_scope
from local.tools import CHROMIUM, browser
from tests import make

os.environ.setdefault("DJANGO_ALLOW_ASYNC_UNSAFE", "true")

PASSWORD = "a long enough one"
DESK = {"width": 1280, "height": 800}
PHONE = {"width": 390, "height": 844}
QUIET_WITHIN_S = 20
AT_WORK = """
    SELECT count(*) FROM pg_stat_activity
    WHERE datname = current_database() AND pid <> pg_backend_pid() AND xact_start IS NOT NULL
"""
SCANNER_GAP_S = 0.01  # a hand scanner types faster than 50 ms a key


@pytest.fixture(scope="session")
def browser_type_launch_args():
    path = browser()
    if path is None:
        pytest.skip(CHROMIUM.why_missing)
    return {"executable_path": path}


@pytest.fixture(scope="session")
def browser_context_args():
    return {"viewport": DESK, "locale": "en-GB", "timezone_id": "UTC"}


@pytest.fixture(autouse=True)
def quiet(transactional_db):
    """Afterwards the server ends what a page still asked of it: it would lock what is emptied."""
    yield
    until = time.monotonic() + QUIET_WITHIN_S
    with connection.cursor() as cursor:
        while time.monotonic() < until:
            cursor.execute(AT_WORK)
            if not cursor.fetchone()[0]:
                return
            time.sleep(0.02)
    raise AssertionError(f"The server is still at work after {QUIET_WITHIN_S} s.")


@pytest.fixture
def shop(transactional_db):
    """Harbour Gold: rates of today, a few pieces, coins of 0.25."""
    shop = make.shop(name="Harbour Gold", cash_step=Decimal("0.25"))
    owner = make.member(of=shop, username="leila", password=PASSWORD)
    now = timezone.now()
    with shop_scope(shop.pk):
        make.rate(of=shop, amount="485.15", at=now)
        make.rate(of=shop, amount="424.50", fineness="875", at=now)
        for tag, name, category, grams, fineness in (
            ("C33150", "Rope chain, 45 cm", "chain", "7.350", "875"),
            ("B20917", "Plain bangle, 60 mm", "bangle", "18.420", "916"),
            ("R10482", "Solitaire ring “Ayla”", "ring", "3.850", "750"),
            ("E30776", "Drop earrings", "earrings", "4.120", "750"),
        ):
            make.piece(
                by=owner,
                at=now,
                tag=tag,
                name=name,
                category=category,
                metals=(make.gold(net_weight_g=grams, fineness=fineness),),
                gross_weight_g=Decimal(grams) + 1,
                making_mode="per_gram",
                making_value=Decimal(28),
            )
    return shop


@pytest.fixture
def cookie(shop):
    """What signs a browser in as the owner."""
    client = Client()
    client.force_login(shop.members.get().user)
    return client.cookies[settings.SESSION_COOKIE_NAME].value


@pytest.fixture
def signed_in(context, live_server, cookie):
    """The browser's context, signed in."""
    context.add_cookies(
        [{"name": settings.SESSION_COOKIE_NAME, "value": cookie, "url": live_server.url}]
    )
    return context


@pytest.fixture
def till(signed_in, page, live_server):
    """The counter's page, open and signed in; what it asks for may be held back."""
    intercept(page)
    return Till(page, live_server.url).open()


def intercept(page):
    """Have the browser ask about each request from the page's beginning.

    Told so in the middle, by a test that holds some back, a renderer on a busy
    machine lets the next request pass unasked.
    """
    page.route("**/nobody-asks-for-this/", lambda route: route.abort())


class Till:
    """What hands and a scanner do at the counter, and what eyes see there."""

    def __init__(self, page, url):
        self.page, self.url = page, url
        self.keys = page.context.new_cdp_session(page)
        self.clock = 0.0

    def open(self):
        self.page.goto(f"{self.url}/counter/")
        return self

    def type_tag(self, tag):
        self.page.get_by_label("Tag of the piece").fill(tag)
        self.page.keyboard.press("Enter")

    def scan(self, tag, *, layout="latin", wait=True):
        """Type the tag as a scanner does: key by key, 10 ms apart by the keys' own clock."""
        self.clock = max(self.clock + 1, time.time())
        for sign in tag:
            code = f"Digit{sign}" if sign.isdigit() else f"Key{sign}"
            self._press(code, PERSIAN.get(sign, sign) if layout == "persian" else sign)
        self._press("Enter", "\r")
        if wait:
            expect(self.page.locator("#lines [data-pending]")).to_have_count(0)

    def _press(self, code, text):
        self.clock += SCANNER_GAP_S
        key = {"code": code, "key": "Enter" if code == "Enter" else text, "timestamp": self.clock}
        if code == "Enter":
            key["windowsVirtualKeyCode"] = 13
        self.keys.send("Input.dispatchKeyEvent", {"type": "keyDown", "text": text, **key})
        self.keys.send("Input.dispatchKeyEvent", {"type": "keyUp", **key})

    @property
    def lines(self):
        return self.page.locator("#lines > .line:not(.line--gone)")

    @property
    def refused(self):
        return self.page.locator("#refused > li")

    @property
    def left(self):
        return self.page.locator("#left")

    def take(self, amount=None):
        if amount is not None:
            self.page.locator("#amount").fill(amount)
        self.page.get_by_role("button", name=TAKE).click()

    def finish(self):
        self.page.keyboard.press("F9")


TAKE = re.compile("^Take (cash|card|transfer)$")

# What the keys of a Latin tag write under the Persian layout of ISIRI 9147.
PERSIAN = dict(zip("CBRE0123456789", "زذقث۰۱۲۳۴۵۶۷۸۹", strict=True))
