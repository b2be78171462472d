"""The files of the repository that a person wrote, for the tests that read them."""

import ast
from functools import cache
from pathlib import Path

from django.conf import settings

ROOT = Path(settings.BASE_DIR)
_PROGRAM = ("apps", "config", "local", "bench", "ops")
_LEFT_OUT = {"__pycache__", "node_modules", ".venv"}


@cache
def python_files() -> tuple[Path, ...]:
    """Every module of the program; not its tests."""
    return tuple(
        path
        for folder in _PROGRAM
        for path in sorted((ROOT / folder).rglob("*.py"))
        if not _LEFT_OUT & set(path.parts)
    )


@cache
def templates() -> tuple[Path, ...]:
    """Every HTML template of ours."""
    folders = [ROOT / "templates", *sorted((ROOT / "apps").glob("*/templates"))]
    return tuple(path for folder in folders for path in sorted(folder.rglob("*.html")))


def parsed(path: Path) -> ast.Module:
    return ast.parse(path.read_text(), filename=str(path))


def place(path: Path, line: int) -> str:
    return f"{path.relative_to(ROOT)}:{line}"
