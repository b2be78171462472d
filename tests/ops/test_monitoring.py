"""Alerts and dashboard hold on to names: of metrics, of labels, of checks, of pages."""

import json
import re
import subprocess
import time
from itertools import combinations

import pytest
import yaml
from prometheus_client.parser import text_string_to_metric_families

from apps.core import metrics
from apps.core.measurements import MEASUREMENTS
from apps.core.sampling import names
from apps.core.sampling.board import Board, Seat
from apps.core.sampling.station import Options, Station
from local.tools import PROMTOOL
from tests.architecture.sources import ROOT
from tests.architecture.test_docs import anchors
from tests.paths.conftest import needs

MONITORING = ROOT / "ops" / "monitoring"
ALERTS = MONITORING / "alerts.yaml"
SERIES = MONITORING / "alerts.test.yaml"
DASHBOARD = MONITORING / "dashboard.json"
REFERENCE = ROOT / "docs" / "reference" / "metrics.md"
# What Prometheus adds to whatever it scrapes.
OF_PROMETHEUS = {"up": {"job", "instance"}, "ALERTS": {"alertname", "alertstate"}}
OF_THE_SCRAPE = {"job", "instance"}


@pytest.fixture
def promtool():
    needs(PROMTOOL)

    def run(*arguments, text=None):
        ended = subprocess.run(
            ["promtool", *arguments],
            cwd=MONITORING,
            input=text,
            capture_output=True,
            text=True,
            check=False,
        )
        return ended.returncode, ended.stdout + ended.stderr

    return run


def a_full_page():
    """The page of a server on which everything there is was seen."""
    board = Board()
    now_s = time.monotonic()
    seen = [
        {"measurement": one.measured_as, "component": "primary", "value": 1} for one in MEASUREMENTS
    ]
    check = {"gates": True, "finding": "tcp.refused", "age_s": 1, "took_s": 1, "observed": seen}
    board.write(
        board.take_row(1),
        {
            "beat_s": now_s,
            "opened_s": now_s,
            "slots": 1,
            "busy": 0,
            "newest_began_s": None,
            "vitals": {},
            "checks": [check | {"name": "database", "state": "fail", "word": "refused"}],
            "transitions": [["database", "fail", 1]],
            "probes": [["/health/ready/", 503, 1]],
        },
    )
    return metrics.page(Station((), options=Options(), seat=Seat(board=board))).decode()


def exposed():
    """Each name that the page shows, with its labels."""
    families = list(text_string_to_metric_families(a_full_page()))
    empty = [family.name for family in families if not family.samples]
    assert not empty, f"the page of this test lacks {empty}"
    return {
        sample.name: set(sample.labels) for family in families for sample in family.samples
    } | OF_PROMETHEUS


def rules():
    groups = yaml.safe_load(ALERTS.read_text())["groups"]
    return [rule for group in groups for rule in group["rules"]]


def panels():
    return json.loads(DASHBOARD.read_text())["panels"]


def queries():
    """Each expression of the dashboard, by where it stands."""
    board = json.loads(DASHBOARD.read_text())
    found = {
        f"{panel['title']} {target['refId']}": target["expr"]
        for panel in board["panels"]
        for target in panel["targets"]
    }
    found |= {one["name"]: one["expr"] for one in board["annotations"]["list"]}
    for variable in board["templating"]["list"]:
        if variable["type"] == "query":
            inside = re.fullmatch(r"label_values\((.+), \w+\)", variable["query"]["query"])
            found[variable["name"]] = inside.group(1)
    return found


def strangers(expression, known):
    """What an expression asks for and nobody tells: metrics, labels, checks, probes."""
    unknown = set()
    for name, matchers in re.findall(r"\b(up|ALERTS|jewelry_shop_\w+)(\{[^}]*\})?", expression):
        if name not in known:
            unknown.add(name)
            continue
        for label, text in re.findall(r'(\w+)\s*(?:=~|!~|!=|=)\s*"([^"]*)"', matchers):
            if label not in known[name] | OF_THE_SCRAPE:
                unknown.add(f"{name}{{{label}}}")
            values = {"check": {*names.WEB, *names.WORKER}, "probe": {"live", "ready", "startup"}}
            unknown |= set(text.split("|")) - values.get(label, set(text.split("|")))
    return unknown


def test_every_metric_of_the_alerts_is_told():
    known = exposed()
    assert len(rules()) >= 20
    wrong = {rule["alert"]: bad for rule in rules() if (bad := strangers(rule["expr"], known))}
    assert not wrong, wrong


def test_every_metric_of_the_dashboard_is_told():
    known = exposed()
    assert len(queries()) > 20
    wrong = {where: bad for where, query in queries().items() if (bad := strangers(query, known))}
    assert not wrong, wrong


@pytest.mark.parametrize("name", sorted(set(exposed()) - set(OF_PROMETHEUS)))
def test_a_metric_that_is_renamed_is_missed(name):
    """Or nobody looks at it: then it is told for nothing."""
    known = exposed()
    known[f"{name}_renamed"] = known.pop(name)
    asked = [rule["expr"] for rule in rules()] + list(queries().values())
    missed = {unknown for expression in asked for unknown in strangers(expression, known)}
    assert name in missed or name in NOT_LOOKED_AT


# For whoever asks by hand.
NOT_LOOKED_AT = {
    "jewelry_shop_uptime_seconds",
    "jewelry_shop_health_check_age_seconds",
    "jewelry_shop_database_followers",
    "jewelry_shop_migrations_pending",
    "jewelry_shop_queue_due_jobs",
    "jewelry_shop_jobs_running",
    "jewelry_shop_jobs_loop_lag_seconds",
    "jewelry_shop_disk_free_bytes",
}


@pytest.mark.parametrize(
    ("expression", "unknown"),
    [
        ('min(jewelry_shop_health_status{probe="ready"}) == 0', set()),
        ('min(jewelry_shop_health_status{probe="raedy"})', {"raedy"}),
        ('jewelry_shop_health_check_status{check=~"disk|dsik"}', {"dsik"}),
        ('jewelry_shop_draining{workre="1"}', {"jewelry_shop_draining{workre}"}),
        ("rate(jewelry_shop_health_probes[5m])", {"jewelry_shop_health_probes"}),
    ],
)
def test_a_slip_is_found(expression, unknown):
    assert strangers(expression, exposed()) == unknown


def test_every_alert_says_what_to_do_and_where_it_is_written():
    for rule in rules():
        assert rule["labels"]["severity"] in ("critical", "warning"), rule["alert"]
        notes = rule["annotations"]
        assert notes.keys() == {"summary", "action", "runbook"}, rule["alert"]
        assert notes["summary"].endswith("."), rule["alert"]
        assert notes["action"].endswith("."), rule["alert"]
        page, _, anchor = notes["runbook"].partition("#")
        assert (ROOT / page).is_file(), notes["runbook"]
        assert anchor in anchors(ROOT / page), notes["runbook"]
        assert anchor == rule["alert"].lower(), notes["runbook"]


def test_every_runbook_is_for_an_alert():
    page = ROOT / "docs" / "howto" / "answer-an-alert.md"
    titles = re.findall(r"^### (\w+)$", page.read_text(), re.MULTILINE)
    assert titles == [rule["alert"] for rule in rules()], "one for each, in the order of the rules"


def test_the_rules_are_rules(promtool):
    status, said = promtool("check", "rules", ALERTS.name)
    assert status == 0, said


def test_each_alert_fires_when_it_should_and_only_then(promtool):
    status, said = promtool("test", "rules", SERIES.name)
    assert status == 0, said


def test_each_alert_is_fired_once_at_least():
    cases = yaml.safe_load(SERIES.read_text())["tests"]
    fired = {
        re.search(r'alertname="(\w+)"', sample["labels"]).group(1)
        for case in cases
        for check in case["promql_expr_test"]
        for sample in check["exp_samples"]
    }
    assert fired == {rule["alert"] for rule in rules()}
    for case in cases:
        quiet = [check for check in case["promql_expr_test"] if not check["exp_samples"]]
        assert quiet, f"{case['name']}: a moment at which nothing fires yet"


def test_the_series_of_the_tests_are_ours():
    known = exposed()
    cases = yaml.safe_load(SERIES.read_text())["tests"]
    series = {one["series"] for case in cases for one in case["input_series"]}
    wrong = {one: bad for one in series if (bad := strangers(one, known))}
    assert not wrong, wrong
    for one in series:
        name, _, labels = one.partition("{")
        given = set(re.findall(r'(\w+)="', labels))
        assert given == known[name] | OF_THE_SCRAPE, one


def test_a_rule_that_never_fires_is_found(promtool, tmp_path):
    """Each by turns; so the case that waits for it does look."""
    cases = yaml.safe_load(SERIES.read_text())
    unnoticed = []
    for alert in [rule["alert"] for rule in rules()]:
        broken = yaml.safe_load(ALERTS.read_text())
        for group in broken["groups"]:
            for rule in group["rules"]:
                if rule["alert"] == alert:
                    rule["expr"] = "vector(1) == 2"
        waiting = [case for case in cases["tests"] if alert in str(case["promql_expr_test"])]
        (tmp_path / ALERTS.name).write_text(yaml.safe_dump(broken))
        (tmp_path / SERIES.name).write_text(yaml.safe_dump(cases | {"tests": waiting}))
        status, _ = promtool("test", "rules", str(tmp_path / SERIES.name))
        if status == 0:
            unnoticed.append(alert)
    assert not unnoticed


def test_the_queries_of_the_dashboard_can_be_asked(promtool, tmp_path):
    filled = [
        re.sub(r"\$(job|instance)", ".+", query).replace("$__rate_interval", "5m")
        for query in queries().values()
    ]
    assert not any("$" in query for query in filled)
    asked = [{"record": f"asked:{number}", "expr": query} for number, query in enumerate(filled)]
    path = tmp_path / "asked.yaml"
    path.write_text(yaml.safe_dump({"groups": [{"name": "asked", "rules": asked}]}))
    status, said = promtool("check", "rules", str(path))
    assert status == 0, said


def test_the_page_follows_the_conventions(promtool):
    """Units, `_total`, help: what promtool knows of them."""
    status, said = promtool("check", "metrics", text=a_full_page())
    assert status == 0, said


def test_the_dashboard_can_be_laid_out():
    """Whole panels side by side, each with a number, a title and words for what it shows."""
    numbers = [panel["id"] for panel in panels()]
    assert len(numbers) == len(set(numbers))
    for panel in panels():
        assert panel["title"]
        assert panel["description"].endswith(".")
        assert panel["gridPos"]["x"] + panel["gridPos"]["w"] <= 24
        assert panel["datasource"] == {"type": "prometheus", "uid": "${datasource}"}
        assert {target["datasource"]["uid"] for target in panel["targets"]} == {"${datasource}"}
    for one, other in combinations([panel["gridPos"] for panel in panels()], 2):
        beside = one["x"] + one["w"] <= other["x"] or other["x"] + other["w"] <= one["x"]
        above = one["y"] + one["h"] <= other["y"] or other["y"] + other["h"] <= one["y"]
        assert beside or above, (one, other)


def test_a_legend_names_labels_that_are_left():
    """`sum by (a) (…)` has no other label; a legend with one would show nothing there."""
    for panel in panels():
        for target in panel["targets"]:
            wanted = set(re.findall(r"\{\{(\w+)\}\}", target["legendFormat"]))
            kept = re.search(r"by \(([^)]*)\)", target["expr"])
            left = set(kept.group(1).split(", ")) if kept else OF_THE_SCRAPE
            assert wanted <= left, panel["title"]


def test_every_metric_is_in_the_reference():
    named = set(re.findall(r"`(jewelry_shop_\w+)`", REFERENCE.read_text()))
    told = set(exposed()) - set(OF_PROMETHEUS)
    assert named == told, (told - named, named - told)
