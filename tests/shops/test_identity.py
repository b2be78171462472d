"""Who is asking: a session's user for pages, a token's member for the API, nobody who left."""

import json

import pytest

from apps.shops.scope import shop_scope
from tests import make

pytestmark = [pytest.mark.django_db, pytest.mark.urls("tests.shops.doors")]


def leave(member):
    """Let a member go; their row stays."""
    member.let_go_at = make.NOON
    member.save(update_fields=["let_go_at"])


class TestWhoIsLocked:
    def test_a_deactivated_user_is_a_stranger_at_once(self, client, owner):
        client.force_login(owner.user)
        assert client.get("/t/whose/").status_code == 200

        owner.user.is_active = False
        owner.user.save()

        answer = client.get("/t/whose/")
        assert answer.status_code == 302
        assert answer["Location"].startswith("/accounts/login/")

    def test_a_member_who_left_is_out_at_once(self, client, owner):
        client.force_login(owner.user)
        make.member(of=owner.shop, username="next")  # a shop keeps an owner
        leave(owner)

        assert client.get("/t/whose/").status_code == 403


class TestTokens:
    def call(self, client, token):
        return client.get("/api/v1/pieces", headers={"Authorization": f"Bearer {token}"})

    @pytest.fixture
    def token(self, owner):
        return make.token(of=owner)

    def test_it_opens(self, client, token):
        assert self.call(client, token).status_code == 200

    def test_the_scheme_may_be_written_small(self, client, token):
        answer = client.get("/api/v1/pieces", headers={"Authorization": f"bearer {token}"})
        assert answer.status_code == 200

    def test_only_its_digest_is_kept(self, owner, token):
        kept = owner.tokens.get()
        assert token not in json.dumps(
            {field.name: str(getattr(kept, field.name)) for field in kept._meta.concrete_fields}
        )
        assert len(kept.digest) == 64

    def test_a_revoked_one(self, client, owner, token):
        owner.tokens.update(revoked_at=make.NOON)
        assert self.call(client, token).status_code == 401

    def test_of_a_deactivated_user(self, client, owner, token):
        owner.user.is_active = False
        owner.user.save()
        assert self.call(client, token).status_code == 401

    def test_of_a_member_who_was_removed(self, client, owner, token):
        make.member(of=owner.shop, username="next")  # a shop keeps an owner
        leave(owner)
        assert self.call(client, token).status_code == 401

    @pytest.mark.parametrize("wrong", ["", "x", "é", "x" * 5000, "' OR ''='", "a\u0000b"])
    def test_a_wrong_one(self, client, owner, token, wrong):
        assert self.call(client, wrong).status_code == 401

    def test_its_digest_is_no_token(self, client, owner, token):
        assert self.call(client, owner.tokens.get().digest).status_code == 401

    def test_it_sees_its_shop_only(self, client, owner, token):
        other = make.shop(name="Other")
        with shop_scope(other.pk):
            make.piece(by=make.member(of=other), tag="THEIRS")

        assert "THEIRS" not in self.call(client, token).text

    def test_it_opens_no_page(self, client, token):
        answer = client.get("/t/whose/", headers={"Authorization": f"Bearer {token}"})
        assert answer.status_code == 302
