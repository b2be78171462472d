"""Every variable the program reads has its heading in docs/reference/settings.md, and back."""

import ast
import re

from apps.core.database import params
from tests.architecture.sources import ROOT, parsed, place, python_files

PAGE = ROOT / "docs" / "reference" / "settings.md"
_READERS = {"text", "number", "flag", "words"}
# Where weaker modes are named in order to be refused.
MAY_NAME_WEAKER_MODES = {"apps/core/database/params.py"}
_WEAKER = re.compile(
    r"sslmode[\"']?\s*[=:,\]]*\s*[\"']?(disable|allow|prefer|require|verify-ca)\b", re.IGNORECASE
)
_CONFIGURATION = ("*.yaml", "*.yml", "*.toml", "*.sh", "*.env", "*.ini", "Makefile", "Dockerfile")


def variables_read():
    """NAME -> where it is read: calls of config.env, os.environ in config, and the link's own."""
    found = {
        **dict.fromkeys(params._VARIABLES.values(), "apps/core/database/params.py"),
        "DATABASE_URL": "apps/core/database/params.py",
    }
    for path in python_files():
        if path.relative_to(ROOT).parts[0] != "config":
            continue
        for node in ast.walk(parsed(path)):
            if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Attribute):
                continue
            reader, name = ast.unparse(node.func), node.args and node.args[0]
            ours = reader.startswith("env.") and node.func.attr in _READERS
            if (ours or reader == "os.environ.get") and isinstance(name, ast.Constant):
                found[name.value] = place(path, node.lineno)
            if reader == "os.environ.setdefault" and name.value == "DJANGO_SETTINGS_MODULE":
                found[name.value] = place(path, node.lineno)
    return found


def headings():
    return set(re.findall(r"^### `?([A-Z][A-Z0-9_]+)`?$", PAGE.read_text(), re.MULTILINE))


def test_every_variable_has_its_heading():
    read = variables_read()
    missing = [f"### {name}   (read in {read[name]})" for name in sorted(set(read) - headings())]
    assert not missing, f"docs/reference/settings.md lacks: {missing}"


def test_every_heading_is_a_variable():
    gone = headings() - set(variables_read())
    assert not gone, f"docs/reference/settings.md speaks of what nobody reads: {sorted(gone)}"


def test_the_search_finds_variables():
    assert {"SECRET_KEY", "DB_SSLMODE", "WEB_WORKERS", "DB_ALLOW_UNVERIFIED_TLS"} <= set(
        variables_read()
    )


def test_only_config_reads_the_environment():
    """What is read elsewhere would be in no page and in no test."""
    wrong = [
        place(path, node.lineno)
        for path in python_files()
        if path.relative_to(ROOT).parts[0] == "apps"
        for node in ast.walk(parsed(path))
        if isinstance(node, ast.Attribute) and ast.unparse(node) in ("os.environ", "os.getenv")
    ]
    assert not wrong, f"read it in config/settings and give it on as a setting: {wrong}"


def test_nobody_weakens_the_link():
    """No program and no configuration names an sslmode below verify-full."""
    files = [
        *python_files(),
        *(path for pattern in _CONFIGURATION for path in ROOT.glob(pattern)),
        *(
            path
            for folder in ("k8s", "ops", "local", ".ci")
            for pattern in _CONFIGURATION
            for path in (ROOT / folder).rglob(pattern)
        ),
    ]
    weak = [
        place(path, text.count("\n", 0, match.start()) + 1)
        for path in files
        if str(path.relative_to(ROOT)) not in MAY_NAME_WEAKER_MODES
        for text in [path.read_text()]
        for match in _WEAKER.finditer(text)
    ]
    assert not weak, f"sslmode=verify-full: {weak}"


def test_the_search_finds_weaker_modes():
    for line in (
        "sslmode=require",
        'sslmode="prefer"',
        '"sslmode": "disable"',
        "DB_SSLMODE: allow",
        "DB_SSLMODE=verify-ca",
    ):
        assert _WEAKER.search(line), line
    assert not _WEAKER.search("sslmode=verify-full")
