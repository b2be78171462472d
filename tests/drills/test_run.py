"""A drill is held against its claim and its books, and always mends."""

import json
import xml.etree.ElementTree as ElementTree
from datetime import UTC, datetime

import pytest

from ops.drills import load as loads
from ops.drills import report
from ops.drills import run as runs
from ops.drills.failures import ALL, SHORT
from ops.drills.run import Drill, chosen, perform
from tests.drills.scripted import Scripted
from tests.drills.test_load import Shop

pytestmark = pytest.mark.enable_socket


@pytest.fixture
def cluster(monkeypatch):
    monkeypatch.setattr(loads, "PAUSE_S", 0.01)
    monkeypatch.setattr(runs, "STEADY_SALES", 3)
    shop = Shop()
    yield Scripted(shop)
    shop.shutdown()
    shop.server_close()


def drill(body, *, needs=()):
    return Drill(
        name="made-up", claim="It holds.", page="A page.", needs=needs, body=body,
        mend="mend_members",
    )  # fmt: skip


def nothing(cluster, run):
    run.did("nothing")


def quietly(drill, cluster):
    return perform(drill, cluster, say=lambda what: None)


def test_a_drill_that_breaks_nothing_passes(cluster):
    result = quietly(drill(nothing), cluster)

    assert result.outcome == "passed", result.why
    assert result.books.clean
    assert result.books.acknowledged >= 6
    assert cluster.mended == 1


def test_one_lost_sale_is_a_missed_claim(cluster):
    cluster.loses = 1

    result = quietly(drill(nothing), cluster)

    assert result.outcome == "missed"
    assert result.books.lost == 1
    assert [check.what for check in result.checks if not check.holds] == ["sales lost"]


def test_one_doubled_sale_is_a_missed_claim(cluster):
    cluster.doubles = 1

    result = quietly(drill(nothing), cluster)

    assert result.outcome == "missed"
    assert [check.what for check in result.checks if not check.holds] == ["sales doubled"]


def test_a_number_above_its_limit_is_a_missed_claim(cluster):
    result = quietly(drill(lambda c, run: run.at_most("it takes", 1, 2)), cluster)

    assert result.outcome == "missed"


def test_what_never_happened_is_not_below_a_limit(cluster):
    result = quietly(drill(lambda c, run: run.at_most("it takes", 1, None)), cluster)

    assert result.outcome == "missed"
    assert result.checks[0].measured == "never"


def test_a_drill_that_fails_in_the_middle_mends_and_is_no_success(cluster):
    def fails(cluster, run):
        raise RuntimeError("the saw is blunt")

    result = quietly(drill(fails), cluster)

    assert (result.outcome, cluster.mended) == ("broken", 1)
    assert "the saw is blunt" in result.why


def test_what_a_cluster_cannot_do_is_named_and_nothing_is_touched(cluster):
    result = quietly(drill(nothing, needs=("freeze_primary",)), cluster)

    assert result.outcome == "not here"
    assert "freeze primary" in result.why
    assert cluster.mended == 0


def test_failed_requests_are_counted_by_what_came_instead(cluster):
    def busy(cluster, run):
        cluster.shop.answers += [503, 503, "cut"]
        run.load.wait_sales(5, after=run.now(), within_s=20)

    result = quietly(drill(busy), cluster)

    assert result.failed["503"] == 2
    assert sum(result.failed.values()) == 3


def test_a_report_is_json_and_a_picture(cluster, tmp_path):
    result = quietly(drill(nothing), cluster)

    report.write(result, tmp_path)

    told = json.loads((tmp_path / "made-up.json").read_text())
    assert told["books"]["lost"] == 0
    assert told["outcome"] == "passed"
    picture = ElementTree.parse(tmp_path / "made-up.svg").getroot()  # noqa: S314  # our own
    assert picture.tag.endswith("svg")
    assert "nothing" in "".join(picture.itertext())


def test_the_page_names_bad_numbers_too(cluster):
    cluster.loses = 1
    made = drill(nothing)
    result = quietly(made, cluster)

    page = report.page(
        [result],
        {made.name: made},
        at=datetime(2026, 11, 23, tzinfo=UTC),
        where="here",
        versions={"PostgreSQL": "15"},
        pictures="drills",
    )

    assert "**0 of 1 claims hold.**" in page
    assert "**does not hold**" in page
    assert "| sales lost | 0 | 1 | **no** |" in page


def test_each_drill_has_a_name_a_claim_a_page_and_verbs_that_exist():
    assert len({one.name for one in ALL}) == len(ALL)
    for one in ALL:
        assert one.claim.endswith("."), one.name
        assert len(one.page.split()) > 15, one.name
        for verb in (*one.needs, *([one.mend] if one.mend else [])):
            assert callable(getattr(Scripted, verb)), verb
    assert [one.name for one in chosen(SHORT, ALL)] == list(SHORT)
