"""The documented API and the real one are the same, whatever is sent."""

from collections import Counter

import pytest
import schemathesis
from django.core.wsgi import get_wsgi_application
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from ninja import Schema
from schemathesis import GenerationMode
from schemathesis.specs.openapi.checks import positive_data_acceptance

from apps.shops.scope import shop_scope
from config.api import api
from tests import make

OPERATIONS = [
    (method.upper(), path)
    for path, operations in api.get_openapi_schema()["paths"].items()
    for method in operations
]


# A body of the right shape may still be no bill: a discount above the price, no rate, a tag
# nobody has. The trade's rules are not in the schema, and 422 with a sentence is their answer.
beyond_the_shape = positive_data_acceptance


@pytest.fixture
def described(transactional_db):
    """The published description, asked of the application itself; calls carry an owner's key."""
    shop = make.shop()
    owner = make.member(of=shop)
    with shop_scope(shop.pk):
        make.rate(of=shop, at=timezone.now())
        make.piece(by=owner, tag="R-1")
    schema = schemathesis.openapi.from_wsgi(
        "/api/v1/openapi.json", get_wsgi_application(), headers={"Host": "testserver"}
    )
    return schema, {"Authorization": f"Bearer {make.token(of=owner)}", "Host": "testserver"}


def shapes(of=Schema):
    for shape in of.__subclasses__():
        if shape.__module__.startswith("apps."):
            yield shape
        yield from shapes(shape)


def test_each_shape_has_a_name_of_its_own():
    """Two of one name are one in the published description, and one of them is then wrong."""
    names = Counter(shape.__name__ for shape in set(shapes()))

    assert [name for name, times in names.items() if times > 1] == []


@pytest.mark.slow
@pytest.mark.parametrize("mode", [GenerationMode.POSITIVE, GenerationMode.NEGATIVE])
@pytest.mark.parametrize(("method", "path"), OPERATIONS)
def test_answers_as_documented(described, method, path, mode):
    schema, headers = described
    operation = schema[path][method]

    @settings(
        max_examples=30, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck)
    )
    @given(case=operation.as_strategy(generation_mode=mode))
    def check(case):
        case.call_and_validate(headers=headers, excluded_checks=[beyond_the_shape])

    check()
