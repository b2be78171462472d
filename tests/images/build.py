"""A Dockerfile and a .dockerignore as a builder reads them, as far as ours go."""

import json
import re
import shlex
import shutil
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath

from local.place import CHECKOUT


@dataclass(slots=True)
class Stage:
    """One FROM and what follows it."""

    name: str
    base: str
    steps: list[tuple[str, str]] = field(default_factory=list)

    def all(self, instruction: str) -> list[str]:
        return [given for name, given in self.steps if name == instruction]

    def last(self, instruction: str) -> str:
        return self.all(instruction)[-1]

    def command(self, instruction: str) -> list[str]:
        """The words of a CMD, ENTRYPOINT or HEALTHCHECK … CMD in its JSON form."""
        given = self.last(instruction)
        return list(json.loads(given[given.index("[") :]))

    def environment(self) -> dict[str, str]:
        pairs = (pair.split("=", 1) for given in self.all("ENV") for pair in shlex.split(given))
        return dict(pairs)

    def copied(self) -> list[tuple[list[str], str]]:
        """(sources, target) of each COPY from the build's context."""
        found = []
        for given in self.all("COPY"):
            words = [word for word in shlex.split(given) if not word.startswith("--chmod")]
            if not words[0].startswith("--from="):
                found.append((words[:-1], words[-1]))
        return found


def stages(dockerfile: Path) -> list[Stage]:
    text = re.sub(r"^\s*#.*\n", "", dockerfile.read_text(), flags=re.MULTILINE)
    text = re.sub(r"\\\n\s*", " ", text)
    found: list[Stage] = []
    for line in filter(str.strip, text.splitlines()):
        instruction, _, given = line.partition(" ")
        if instruction == "FROM":
            base, _, name = given.partition(" AS ")
            found.append(Stage(name=name, base=base))
        elif found:
            found[-1].steps.append((instruction, given.strip()))
    return found


def in_context(path: str, *, context: Path = CHECKOUT) -> bool:
    """Whether the builder sees this path: the last pattern that fits it or a folder above."""
    seen = True
    for line in (context / ".dockerignore").read_text().splitlines():
        pattern = line.strip()
        if not pattern or pattern.startswith("#"):
            continue
        shown = pattern.startswith("!")
        if _fits(pattern.removeprefix("!").strip("/"), path):
            seen = shown
    return seen


def _fits(pattern: str, path: str) -> bool:
    whole = PurePosixPath(path)
    return any(
        re.fullmatch(_expression(pattern), str(part))
        for part in (whole, *whole.parents)
        if str(part) != "."
    )


def _expression(pattern: str) -> str:
    """Source: Docker, ".dockerignore files"; `**` is any number of folders, `*` stays in one."""
    made = ""
    for part in re.split(r"(\*\*/|\*\*|\*|\?)", pattern):
        wild = {"**/": "(?:.*/)?", "**": ".*", "*": "[^/]*", "?": "[^/]"}
        made += wild.get(part, re.escape(part))
    return made


def lay_out(stage: Stage, target: Path, *, context: Path = CHECKOUT) -> None:
    """Copy what the stage copies from the context to `target`, as its working folder."""
    for sources, to in stage.copied():
        for source in sources:
            place = target / to / source if to in {".", "./"} else target / to
            _copy(context, source, place)


def _copy(context: Path, source: str, place: Path) -> None:
    path = context / source
    if path.is_dir():
        for one in sorted(path.rglob("*")):
            relative = one.relative_to(context).as_posix()
            if one.is_file() and in_context(relative, context=context):
                goal = place / one.relative_to(path)
                goal.parent.mkdir(parents=True, exist_ok=True)
                shutil.copy(one, goal)
    else:
        assert in_context(source, context=context), f"{source} is not in the build's context"
        place.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(path, place)
