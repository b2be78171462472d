"""Every door has a guard, and nobody comes in through another app's door."""

import grimp
import pytest
from django.urls import URLPattern, URLResolver, get_resolver
from ninja.operation import Operation

from apps.core.api import MemberToken
from apps.shops.models import Role
from config.api import api

# Doors of libraries, which wear no mark of ours, and who may pass them.
# A door that a library's new version brings is listed here before it opens.
THEIRS = {
    "account_login": "strangers: this is where one stops being one",
    "account_logout": "whoever is signed in; by POST",
    "account_inactive": "strangers: says that the account is closed",
    "account_signup": "nobody: the adapter keeps sign-up closed",
    "account_reauthenticate": "whoever is signed in; allauth asks",
    "account_email": "whoever is signed in; allauth asks",
    "account_email_verification_sent": "strangers: a sentence",
    "account_change_password": "whoever is signed in; allauth asks",
    "account_set_password": "whoever is signed in; allauth asks",
    "account_reset_password": "strangers: who forgot the password cannot sign in",
    "account_confirm_login_code": "strangers, in the middle of signing in",
    "account_confirm_email": "who holds the key of the mail",
    "account_reset_password_from_key": "who holds the key of the mail",
    "account_reset_password_from_key_done": "strangers: a sentence",
    "account_reset_password_done": "strangers: a sentence",
    "mfa_index": "whoever is signed in; allauth asks",
    "mfa_authenticate": "strangers who gave the password: the second step",
    "mfa_reauthenticate": "whoever is signed in; allauth asks",
    "mfa_activate_totp": "whoever is signed in; allauth asks",
    "mfa_deactivate_totp": "whoever is signed in; allauth asks",
    "mfa_view_recovery_codes": "whoever is signed in; allauth asks",
    "mfa_generate_recovery_codes": "whoever is signed in; allauth asks",
    "mfa_download_recovery_codes": "whoever is signed in; allauth asks",
    "set_language": "strangers choose their language too",
    "api:openapi-json": "strangers: the schema holds no row",
    "api:openapi-view": "strangers: the schema holds no row",
    "api:api-root": "strangers: a 404 that names the API",
}

# Doors that are not for everybody in the shop: what pieces cost is seen behind them, or what they
# will cost is decided. A new one is listed here; all others are for every member.
FOR_OWNERS_AND_MANAGERS = {
    "lots:new",
    "lots:edit",
    "lots:in",
    "purchasing:report",
    "purchasing:melt",
    "purchasing:assay",
    "purchasing:bars",
    "purchasing:bar",
    "purchasing:send",
    "purchasing:settle",
    "purchasing:positions",
    "purchasing:receive",
    "purchasing:fix",
    "purchasing:fixing",
    "purchasing:metal-pdf",
    "labels:templates",
    "labels:template-new",
    "labels:template",
    "labels:template-remove",
    "inventory:piece-new",
    "inventory:piece-edit",
    "inventory:split",
    "inventory:join",
    "inventory:place-change",
    "inventory:places",
    "inventory:import",
    "inventory:import-preview",
    "inventory:import-columns",
    "inventory:import-bring-in",
    "inventory:import-progress",
    "inventory:import-refused",
    "inventory:export",
    "pricing:rate-decide",
    "credit:policy",
    "pricing:making-tables",
    "pricing:making-new",
    "pricing:making-table",
    "deposits:policy",
    "deposits:plan-new",
    "returns:policy",
    "sales:favourites",
    "sales:favourite-move",
    "sales:favourite-remove",
    "sales:hold-minutes",
    "shops:approvals",
    "shops:changes",
    "shops:people",
    "reports:index",
    "reports:report",
    "reports:csv",
    "reports:xlsx",
    "reports:close",
    "till:x",
    "till:x-pdf",
    "till:z-correct",
    "customers:look",
    "customers:cash-limits",
    "customers:cash-limit",
    "dossiers:export",
}

# The shop's rules: whoever sets them decides for every bill to come.
FOR_OWNERS = {
    "dossiers:erase",
    "shops:permissions",
    "shops:hours",
    "shops:person-new",
    "shops:person-role",
    "shops:person-go",
    "shops:pin-away",
    "shops:token-away",
    "purchasing:policy",
    "pricing:policy",
    "pricing:rounding",
    "pricing:rate-limit",
    "till:policy",
    "till:printers",
}

DOOR_MODULES = {"views", "api", "forms", "admin", "urls"}


def doors(patterns=None, prefix="/", namespace=""):
    """(route, name, view) of every URL, but for the API's operations."""
    for pattern in get_resolver().url_patterns if patterns is None else patterns:
        route = prefix + str(pattern.pattern)
        if isinstance(pattern, URLResolver):
            inner = f"{namespace}{pattern.namespace}:" if pattern.namespace else namespace
            yield from doors(pattern.url_patterns, route, inner)
        else:
            assert isinstance(pattern, URLPattern)
            yield route, f"{namespace}{pattern.name or ''}", pattern.callback


def operations():
    """(path, operation) of every API operation, as it is mounted."""
    for router in api._get_bound_routers():
        for path, view in router.path_operations.items():
            for operation in view.operations:
                yield path, operation


def our_doors():
    return [
        (route, name, view)
        for route, name, view in doors()
        if name not in THEIRS and getattr(view, "__module__", "") != Operation.__module__
    ]


def test_every_page_wears_a_guard():
    bare = [
        f"{route}: decorate {view.__module__}.{getattr(view, '__name__', view)} with"
        f" @members_only(…), or with @anyone and a reason"
        for route, _, view in our_doors()
        if not hasattr(view, "allowed_roles")
    ]
    assert not bare, bare


def test_a_guard_names_roles_that_exist():
    for route, _, view in our_doors():
        roles = view.allowed_roles
        assert roles is None or (roles and set(roles) <= set(Role)), route


def test_doors_that_are_not_for_everybody_are_listed():
    """A role that a guard forgets shows costs to the whole shop, and no page looks different."""
    narrow = {
        name: set(view.allowed_roles)
        for _, name, view in our_doors()
        if view.allowed_roles and set(view.allowed_roles) != set(Role)
    }
    assert narrow == {
        **{name: {Role.OWNER, Role.MANAGER} for name in FOR_OWNERS_AND_MANAGERS},
        **{name: {Role.OWNER} for name in FOR_OWNERS},
    }


def test_library_doors_that_are_listed_exist():
    gone = set(THEIRS) - {name for _, name, _ in doors()}
    assert not gone, f"take out of THEIRS: {sorted(gone)}"


def test_strangers_are_not_let_in(client):
    """By trying: neither a page nor a part of one is seen without signing in."""
    tried = 0
    for route, _, view in our_doors():
        if view.allowed_roles is None or "<" in route or "(" in route:
            continue
        for headers in ({}, {"HX-Request": "true"}):
            answer = client.get(route, headers=headers)
            inside = answer.headers.get("Location", answer.headers.get("HX-Redirect", ""))
            assert answer.status_code == 405 or "/accounts/login/" in inside, (
                route,
                answer.status_code,
            )
            tried += 1
    assert tried >= 4


def test_every_operation_of_the_api_asks_who_calls():
    asked = dict(operations())
    assert {"/pieces", "/sales"} <= set(asked)
    open_ones = [
        f"{'/'.join(operation.methods)} {path}: take out auth=None"
        for path, operation in operations()
        if not any(isinstance(who, MemberToken) for who in operation.auth_callbacks)
    ]
    assert not open_ones, open_ones


# Without a transaction around it, as a stranger's request runs.
@pytest.mark.django_db(transaction=True)
def test_the_api_answers_401_to_strangers(client):
    """By trying, with nothing, with a wrong key, and with a key in the wrong scheme."""
    schema = client.get("/api/v1/openapi.json").json()
    assert schema["paths"]
    for path, verbs in schema["paths"].items():
        for verb in verbs:
            for authorization in ("", "Bearer wrong", "Basic d3Jvbmc6d3Jvbmc=", "Bearer "):
                answer = client.generic(
                    verb.upper(),
                    path.replace("{", "").replace("}", ""),
                    headers={"Authorization": authorization} if authorization else {},
                )
                assert answer.status_code == 401, (verb, path, authorization, answer.content)
                assert answer.json()["error"] == "NotSignedIn"
                assert answer.headers["WWW-Authenticate"] == "Bearer"


def test_doors_are_not_imported_by_other_apps():
    graph = grimp.build_graph("apps")

    def part(module):
        return (*module.split("."), "", "")[2]

    def app(module):
        return (*module.split("."), "")[1]

    wrong = [
        f"{importer} -> {imported}"
        for importer in graph.modules
        for imported in graph.find_modules_directly_imported_by(importer)
        # core's doors are tools that other doors are made of.
        if part(imported) in DOOR_MODULES
        and app(importer) != app(imported)
        and app(imported) != "core"
    ]
    assert not wrong, wrong
