"""Programs for operators, by name.

python -m ops drill …       break the system, and measure (docs/howto/drill.md)
python -m ops validate …    claims about a running cluster
"""

import runpy
import sys
from importlib.util import find_spec
from typing import Final

PROGRAMS: Final = {"drill": "ops.drills", "validate": "ops.validate"}


def main(arguments: list[str]) -> int:
    """Hand over to the program that the first argument names."""
    name = arguments[0] if arguments else ""
    package = PROGRAMS.get(name)
    if package is None or find_spec(f"{package}.__main__") is None:
        print(__doc__, file=sys.stderr)
        return 2
    # Only what was asked for is loaded: `validate` needs nothing but Python and kubectl.
    sys.argv = [f"python -m ops {name}", *arguments[1:]]
    runpy.run_module(f"{package}.__main__", run_name="__main__", alter_sys=True)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
