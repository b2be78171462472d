"""The keeper of the bundle, against an API server of the test's own."""

import base64
import importlib.util
import json
import threading
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer
from urllib.error import HTTPError

import pytest
from cryptography.hazmat.primitives.serialization import Encoding

from local.place import CHECKOUT
from ops.certs.issue import AUTHORITY_LIFE, make_authority
from tests.k8s.rendered import named, of_kind, render

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
TOKEN = "the-account's-token"


@pytest.fixture(scope="module")
def keeper():
    spec = importlib.util.spec_from_file_location("ca_bundle", CHECKOUT / "k8s/base/ca_bundle.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def authority(name, *, now=NOW):
    return make_authority(name=name, now=now).certificate.public_bytes(Encoding.PEM).decode()


class Cluster:
    """What the keeper's account may do, and what it did."""

    def __init__(self):
        self.objects, self.asked, self.may = {}, [], True

    def answer(self, verb, path, body):
        assert path.startswith("/api/v1/namespaces/jewelry-shop/")
        kind, _, name = path.removeprefix("/api/v1/namespaces/jewelry-shop/").partition("/")
        self.asked.append((verb, kind, name))
        if not self.may:
            return 403, {}
        if verb == "POST":
            self.objects[kind, body["metadata"]["name"]] = body
        elif (kind, name) not in self.objects:
            return 404, {}
        elif verb == "PATCH":
            self.objects[kind, name]["data"] |= body["data"]
        return 200, self.objects[kind, name or body["metadata"]["name"]]


@pytest.fixture
def cluster():
    made = Cluster()

    class Handler(BaseHTTPRequestHandler):
        def answer(self):
            assert self.headers["Authorization"] == f"Bearer {TOKEN}"
            length = int(self.headers.get("Content-Length", 0))
            body = json.loads(self.rfile.read(length)) if length else None
            if self.command == "PATCH":
                assert self.headers["Content-Type"] == "application/merge-patch+json"
            status, content = made.answer(self.command, self.path, body)
            self.send_response(status)
            self.end_headers()
            self.wfile.write(json.dumps(content).encode())

        do_GET = do_POST = do_PATCH = answer  # noqa: N815  # the names that the library calls

        def log_message(self, *args):
            pass

    server = HTTPServer(("127.0.0.1", 0), Handler)
    made.address = f"http://127.0.0.1:{server.server_port}"
    threading.Thread(
        target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True
    ).start()
    yield made
    server.shutdown()
    server.server_close()


@pytest.fixture
def api(keeper, cluster, tmp_path):
    (tmp_path / "namespace").write_text("jewelry-shop")
    (tmp_path / "token").write_text(TOKEN)
    (tmp_path / "ca.crt").write_text(authority("the API server"))
    return keeper.Api(address=cluster.address, account=tmp_path)


def bundle(cluster):
    text = cluster.objects["configmaps", "jewelry-shop-db-ca"]["data"]["ca.crt"]
    secret = cluster.objects["secrets", "jewelry-shop-db-ca-bundle"]["data"]["ca.crt"]
    assert base64.b64decode(secret).decode() == text
    return text


def test_the_first_run_makes_both(keeper, api, cluster):
    first = authority("the first")
    assert keeper.keep(api, first, now=NOW) == ["configmap", "secret"]
    assert bundle(cluster) == first


def test_nothing_new_writes_nothing(keeper, api, cluster):
    first = authority("the first")
    keeper.keep(api, first, now=NOW)
    cluster.asked.clear()
    assert keeper.keep(api, first, now=NOW) == []
    assert {verb for verb, _, _ in cluster.asked} == {"GET"}


def test_an_exchange_keeps_the_old_one_beside_the_new(keeper, api, cluster):
    first, second = authority("the first"), authority("the second")
    keeper.keep(api, first, now=NOW)
    assert keeper.keep(api, second, now=NOW) == ["configmap", "secret"]
    assert bundle(cluster) == second + first


def test_what_a_person_took_out_stays_out(keeper, api, cluster):
    first, second = authority("the first"), authority("the second")
    keeper.keep(api, first, now=NOW)
    keeper.keep(api, second, now=NOW)
    cluster.objects["configmaps", "jewelry-shop-db-ca"]["data"]["ca.crt"] = second
    assert keeper.keep(api, second, now=NOW) == ["secret"]
    assert bundle(cluster) == second


def test_an_authority_that_has_ended_is_forgotten(keeper, api, cluster):
    old = authority("the old one", now=NOW - AUTHORITY_LIFE - timedelta(days=1))
    first = authority("the first")
    keeper.keep(api, first, now=NOW)
    cluster.objects["configmaps", "jewelry-shop-db-ca"]["data"]["ca.crt"] = first + old
    keeper.keep(api, first, now=NOW)
    assert bundle(cluster) == first


def test_what_is_no_certificate_is_refused_and_nothing_is_written(keeper, api, cluster):
    first = authority("the first")
    keeper.keep(api, first, now=NOW)
    cluster.asked.clear()
    with pytest.raises(ValueError):  # noqa: PT011  # the words are of a library
        keeper.keep(api, "-----BEGIN CERTIFICATE-----\nnone\n-----END CERTIFICATE-----\n", now=NOW)
    assert {verb for verb, _, _ in cluster.asked} <= {"GET"}
    assert bundle(cluster) == first


def test_what_it_may_not_do_is_loud(keeper, api, cluster):
    cluster.may = False
    with pytest.raises(HTTPError, match="403"):
        keeper.keep(api, authority("the first"), now=NOW)


def test_its_account_may_do_what_it_does_and_no_more(keeper, api, cluster):
    """The verbs it uses against the Role of the manifests."""
    keeper.keep(api, authority("the first"), now=NOW)
    keeper.keep(api, authority("the second"), now=NOW)
    verbs = {"GET": "get", "POST": "create", "PATCH": "patch"}
    used = {(verbs[verb], kind, name) for verb, kind, name in cluster.asked}
    allowed = {
        (verb, kind, name)
        for rule in named(render("k3d"), "Role", "ca-bundle")["rules"]
        for verb in rule["verbs"]
        for kind in rule["resources"]
        for name in rule.get("resourceNames", [""])
    }
    assert used == allowed


def test_it_reads_no_key():
    objects = render("k3d")
    pod = named(objects, "CronJob", "ca-bundle")["spec"]["jobTemplate"]["spec"]["template"]["spec"]
    (volume,) = (one["secret"] for one in pod["volumes"] if "secret" in one)
    assert volume["items"] == [{"key": "tls.crt", "path": "tls.crt"}]
    assert len(of_kind(objects, "Role")) == 1
