"""docs/reference/commands.md names every command of ours, and every option of each."""

from pathlib import Path

import pytest
from django.core.management import get_commands, load_command_class

from config import check_health

REFERENCE = Path("docs/reference/commands.md").read_text()
OURS = {name: app for name, app in get_commands().items() if str(app).startswith("apps.")}
# Those that manage.py runs itself, without Django.
BY_THEMSELVES = check_health.COMMANDS


def parser_of(name):
    if name in BY_THEMSELVES:
        return check_health.parser_of(name)
    return load_command_class(OURS[name], name).create_parser("manage.py", name)


@pytest.mark.parametrize("name", sorted({*OURS, *BY_THEMSELVES}))
def test_describes_the_command_and_its_options(name):
    found = [part for part in REFERENCE.split("\n## ") if part.startswith(f"{name}\n")]
    assert found, f"docs/reference/commands.md has no heading '## {name}'"

    parser = parser_of(name)
    own = {
        option
        for action in parser._actions
        for option in action.option_strings
        if option.startswith("--") and option not in _DJANGO
    }
    missing = {option for option in own if f"`{option}`" not in found[0]}
    assert not missing, f"docs/reference/commands.md, {name}: describe {sorted(missing)}"


def test_describes_no_command_that_is_gone():
    named = {part.splitlines()[0] for part in REFERENCE.split("\n## ")[1:]}

    assert named <= {*OURS, *BY_THEMSELVES}


_DJANGO = {
    *("--help", "--version", "--verbosity", "--settings", "--pythonpath", "--traceback"),
    *("--no-color", "--force-color", "--skip-checks"),
}
