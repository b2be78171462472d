"""Is the program whole? Addresses, templates and the files that pages name, once at the start.

What is missing here would be a 500 for the first clerk who opens that page.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Final

from django.apps import apps
from django.contrib.staticfiles.storage import staticfiles_storage
from django.template import TemplateDoesNotExist, TemplateSyntaxError, engines
from django.template.backends.django import Template
from django.template.loader import get_template
from django.templatetags.static import StaticNode
from django.urls import URLResolver, get_resolver
from django.utils.translation import gettext_lazy as _

from apps.core.sampling.check import Check, Observation, Reading, State

_OURS: Final = "apps."


def build() -> Check:
    """Needs a processor for a moment, so it is given time; then never again."""
    return Check(
        name="program",
        look=look,
        every_s=10.0,
        within_s=60.0,
        gates=True,
        latch=True,
        component_type="component",
        meaning=_("This version is loaded as a whole"),
    )


def look() -> Reading:
    """One look; the first part that is not whole is told. Observes how much was loaded."""
    try:
        addresses = _load_addresses(get_resolver())
    except Exception as failure:  # whatever a module of ours does when it is imported
        return _broken("the addresses do not load", failure)
    names, files = list(template_names()), 0
    for name in names:
        try:
            files += _load_template(name)
        except (TemplateDoesNotExist, TemplateSyntaxError, ValueError, OSError) as failure:
            return _broken(f"the template {name} does not load", failure)
    return Reading(
        observed=(
            Observation(measurement="program:addresses", value=addresses, unit="addresses"),
            Observation(measurement="program:templates", value=len(names), unit="templates"),
            Observation(measurement="program:files", value=files, unit="files"),
        )
    )


def template_names() -> Iterator[str]:
    """Every template of ours, by the name pages use."""
    for folder in _template_folders():
        for path in sorted(folder.rglob("*")):
            if path.is_file() and not path.name.startswith("."):
                yield path.relative_to(folder).as_posix()


def _template_folders() -> list[Path]:
    given = [Path(one) for engine in engines.templates.values() for one in engine["DIRS"]]
    own = [
        Path(app.path) / "templates" for app in apps.get_app_configs() if app.name.startswith(_OURS)
    ]
    return [folder for folder in (*given, *own) if folder.is_dir()]


def _load_addresses(resolver: URLResolver) -> int:
    """Import every view and every page for errors; how many addresses there are."""
    for status in (400, 403, 404, 500):
        resolver.resolve_error_handler(status)
    return _count(resolver)


def _count(resolver: URLResolver) -> int:
    return sum(
        _count(pattern) if isinstance(pattern, URLResolver) else 1
        for pattern in resolver.url_patterns
    )


def _load_template(name: str) -> int:
    """Parse it, and find each file that it names; how many those are.

    Raises ValueError for one that is not there.
    """
    template = get_template(name)
    # Without a manifest a file's address does not depend on there being one.
    if not isinstance(template, Template) or not hasattr(staticfiles_storage, "hashed_files"):
        return 0
    named = [
        node.path.var
        for node in template.template.nodelist.get_nodes_by_type(StaticNode)
        # A variable is known only when the page is made.
        if isinstance(node, StaticNode) and isinstance(node.path.var, str)
    ]
    for path in named:
        staticfiles_storage.url(path)
    return len(named)


def _broken(what: str, failure: Exception) -> Reading:
    said = f"{what}: {type(failure).__name__}: {failure}"
    return Reading(state=State.FAIL, word="error", said=said[:500])
