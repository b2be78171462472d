"""What the API says where no endpoint of ours answers."""

import pytest

from tests import make


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [("get", "/api/v1/nowhere", 404), ("get", "/api/v1/pieces/a%0Ab", 404)],
)
def test_is_json_like_every_other_no(db, client, method, path, status):
    answer = getattr(client, method)(path)

    assert answer.status_code == status
    assert set(answer.json()) == {"error", "message", "facts"}


def test_a_bug_is_told_without_its_details(db, client, monkeypatch):
    def fail(*_args, **_kwargs):
        raise RuntimeError("the password is hunter2")

    monkeypatch.setattr("apps.shops.identity.member_by_token", fail)
    client.raise_request_exception = False

    answer = client.get("/api/v1/pieces")

    assert answer.status_code == 500
    assert answer.json()["error"] == "Broken"
    assert b"hunter2" not in answer.content


def test_refuses_a_parameter_it_does_not_know(client, owner):
    answer = client.get(
        "/api/v1/pieces?serach=ring", headers={"Authorization": f"Bearer {make.token(of=owner)}"}
    )

    assert answer.status_code == 422
    assert answer.json()["message"].startswith("serach is no parameter here. There are: search,")


def test_its_documentation_page_loads_nothing_from_elsewhere(client, db):
    page = client.get("/api/v1/docs")

    assert page.status_code == 200
    assert b"http://" not in page.content
    assert b"https://" not in page.content
