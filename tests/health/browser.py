"""As much of a browser as signing in needs, behind an ingress that ended TLS."""

import http.client
import re
from http.cookies import SimpleCookie
from urllib.parse import urlencode

SIGN_IN = "/accounts/login/"


class Browser:
    """Keeps cookies, the secure ones too: to a browser the site is https://shop.example."""

    def __init__(self, web):
        self._port = web.port
        self.cookies = {}

    def ask(self, method, path, form=None):
        """The status and the body of one answer."""
        link = http.client.HTTPConnection("127.0.0.1", self._port, timeout=20)
        headers = {
            "Host": "shop.example",
            "X-Forwarded-Proto": "https",
            "Referer": f"https://shop.example{path}",
            "Cookie": "; ".join(f"{name}={value}" for name, value in self.cookies.items()),
            "Content-Type": "application/x-www-form-urlencoded",
        }
        try:
            link.request(method, path, urlencode(form) if form else None, headers)
            answer = link.getresponse()
            for cookie in answer.headers.get_all("Set-Cookie", []):
                for name, morsel in SimpleCookie(cookie).items():
                    self.cookies[name] = morsel.value
            return answer.status, answer.read().decode()
        finally:
            link.close()

    def sign_in(self, name, password):
        _, page = self.ask("GET", SIGN_IN)
        (token,) = set(re.findall(r'name="csrfmiddlewaretoken" value="(\w+)"', page))
        form = {"login": name, "password": password, "csrfmiddlewaretoken": token}
        status, said = self.ask("POST", SIGN_IN, form)
        assert status == 302, said
