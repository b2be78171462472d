"""The clients of a drill: one key until it is acknowledged, whatever comes in between."""

import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from ops.drills import load as loads
from ops.drills.cluster import Goods
from ops.drills.load import Load

pytestmark = pytest.mark.enable_socket


class Shop(ThreadingHTTPServer):
    """Answers as it is told: `answers` of the first requests, then 201."""

    daemon_threads = True

    def __init__(self, *answers):
        super().__init__(("127.0.0.1", 0), Door)
        self.answers = list(answers)
        self.asked: list[tuple[str, str]] = []
        self.lock = threading.Lock()
        threading.Thread(target=self.serve_forever, daemon=True).start()


class Door(BaseHTTPRequestHandler):
    server: Shop
    protocol_version = "HTTP/1.1"

    def do_POST(self):
        order = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        if self.path.endswith("/quotes"):
            self.say(200, {"total": "1057.98"})
            return
        with self.server.lock:
            self.server.asked.append((self.headers["Idempotency-Key"], order["lines"][0]["tag"]))
            answer = self.server.answers.pop(0) if self.server.answers else 201
        if answer == "cut":
            self.close_connection = True
            return
        self.say(answer, {"number": "1-000001"} if answer == 201 else {})

    def say(self, status, body):
        content = json.dumps(body).encode()
        self.send_response(status)
        self.send_header("Content-Length", str(len(content)))
        if status == 503:
            self.send_header("Retry-After", "1")
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, *words):
        return


@pytest.fixture
def selling(monkeypatch):
    monkeypatch.setattr(loads, "AGAIN_AFTER_S", 0.01)
    made = []

    def start(*answers):
        shop = Shop(*answers)
        tags = iter(range(1000))
        goods = Goods("127.0.0.1", shop.server_address[1], False, "token", ("1",))
        load = Load(goods, lambda: f"D-{next(tags)}")
        made.append(shop)
        return shop, load

    yield start
    for shop in made:
        shop.shutdown()
        shop.server_close()


def test_a_request_is_sent_again_with_its_key_until_it_is_acknowledged(selling):
    shop, load = selling(503, "cut", 500)
    load.price = "1"

    number = load.sell_one(email="customer@example.org")

    assert number == "1-000001"
    assert len(shop.asked) == 4
    assert len(set(shop.asked)) == 1
    assert [a.outcome for a in load.attempts] == ["503", "cut (RemoteDisconnected)", "500", "201"]
    assert [a.retry_after for a in load.attempts] == [True, False, False, False]


def test_a_no_is_final(selling):
    shop, load = selling(409)
    load.price = "1"

    with pytest.raises(RuntimeError, match="409"):
        load.sell_one(email="customer@example.org")

    assert len(shop.asked) == 1
    assert load.orders[0].refused is not None


def test_a_server_that_is_not_there_is_named(selling):
    shop, _load = selling()
    goods = Goods("127.0.0.1", shop.server_address[1], False, "token", ("1",))
    shop.shutdown()
    shop.server_close()

    outcome, _answer, _again = loads.Link(goods).post("/api/v1/sales", {}, key="k")

    assert outcome == "refused"


def test_several_clients_sell_pieces_of_their_own_and_end_when_told(selling):
    shop, load = selling()

    load.start()
    load.wait_sales(10, after=0, within_s=20)
    load.finish()

    tags = [tag for _key, tag in shop.asked]
    assert len(tags) == len(set(tags)) >= 10
    assert all(order.number for order in load.orders)


def test_waiting_for_sales_in_vain_says_how_many_came(selling):
    _shop, load = selling()

    with pytest.raises(TimeoutError, match="0 of 1"):
        load.wait_sales(1, after=0, within_s=0.01)
