"""Two hands and a scanner: every key is pressed, nothing is clicked, and axe looks at each page."""

import re
import time

from axe_playwright_python.sync_playwright import Axe

from tests.journeys.conftest import Till

RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
PERSON_GAP_S = 0.12  # people type slower than 100 ms a key
MOST_TABS = 250
PERSIAN_DIGITS = str.maketrans("0123456789.,", "۰۱۲۳۴۵۶۷۸۹٫٬")
LATIN_DIGITS = str.maketrans("۰۱۲۳۴۵۶۷۸۹٫", "0123456789.", "٬")

# Trusted events of a pointer alone: Enter on a button makes a click without one.
WATCH_THE_MOUSE = """
    for (const kind of ["mousedown", "pointerdown", "touchstart", "dblclick", "wheel"])
        addEventListener(kind, (event) => { if (event.isTrusted) mouseWasUsed(kind); }, true);
"""
# Tab goes to what can be seen alone, so what is looked for may stand there twice.
HAS_FOCUS = "(what) => document.activeElement.matches(what)"


class Hands(Till):
    """A person at the keyboard, who reads `language` and types its digits."""

    def __init__(self, page, url, *, language="en"):
        super().__init__(page, url)
        self.language = language
        self.axe, self.seen, self.found, self.mouse = Axe(), set(), [], []
        page.context.expose_binding("mouseWasUsed", lambda _source, kind: self.mouse.append(kind))
        page.context.add_init_script(WATCH_THE_MOUSE)

    # -- keys --------------------------------------------------------------------------------

    def press(self, key):
        self.page.keyboard.press(key)

    def type(self, text):
        """Key by key, as slowly as a person does by the keys' own clock."""
        self.clock = max(self.clock + 1, time.time())
        for sign in text:
            code = f"Digit{sign}" if sign.isascii() and sign.isdigit() else f"Key{sign.upper()}"
            self.clock += PERSON_GAP_S
            key = {"code": code, "key": sign, "timestamp": self.clock}
            self.keys.send("Input.dispatchKeyEvent", {"type": "keyDown", "text": sign, **key})
            self.keys.send("Input.dispatchKeyEvent", {"type": "keyUp", **key})

    def reach(self, selector):
        """Press Tab until something that matches has the focus."""
        for _ in range(MOST_TABS):
            if self.page.evaluate(HAS_FOCUS, selector):
                return
            self.press("Tab")
        raise AssertionError(f"No Tab leads to {selector} on {self.page.url}")

    def fill(self, **fields):
        """Write into the page's fields, by their names."""
        for name, text in fields.items():
            self.reach(f"main [name='{name}']")
            self.press("Control+A")
            self.type(self.digits(text))

    def choose(self, selector, value):
        """Go down a list until `value` is chosen."""
        self.reach(selector)
        self.press("Home")
        for _ in range(40):
            if self.page.evaluate("document.activeElement.value") == value:
                return
            self.press("ArrowDown")
        raise AssertionError(f"{value} is not in the list {selector}")

    def tick(self, selector):
        self.reach(selector)
        self.press("Space")

    def go(self, selector):
        """Press Enter on a link or a button, and look at the page it leads to."""
        self.reach(selector)
        with self.page.expect_navigation():
            self.press("Enter")
        self.look()

    def menu(self, inside):
        """Open the menu that holds it, and press Enter on it there."""
        self.reach(f"details.menu:has({inside}) > summary")
        self.press("Enter")
        self.go(inside)

    def to(self, part):
        """Go to a part of the shop: through the rail, or More under it on a phone."""
        link = f"a[href='{part}']"
        if self.page.locator(f".rail__nav > {link}").is_visible():
            self.go(f".rail {link}")
        else:
            self.menu(link)

    # -- words and numbers -------------------------------------------------------------------

    def digits(self, text):
        return text.translate(PERSIAN_DIGITS) if self.language == "fa" else text

    def said(self):
        return self.page.locator("main").inner_text()

    # -- eyes --------------------------------------------------------------------------------

    def look(self):
        """Let axe look at this page, once for each kind of page."""
        path = self.page.url.removeprefix(self.url).partition("?")[0]
        kind = re.sub(r"\d+", "0", path)
        if kind in self.seen:
            return
        self.seen.add(kind)
        answer = self.axe.run(self.page, options={"runOnly": RULES, "resultTypes": ["violations"]})
        assert answer.response["passes"], "axe looked at nothing"
        self.found += [
            f"{path}: {rule['id']}: {node['html'][:200]}"
            for rule in answer.response["violations"]
            for node in rule["nodes"]
        ]

    def rest(self):
        """The day is over: nothing was clicked, and axe found nothing."""
        assert not self.mouse, self.mouse
        assert not self.found, "\n".join(self.found)
