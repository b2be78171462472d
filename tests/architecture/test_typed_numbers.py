"""Every number and every day that a form asks for is read in three alphabets."""

import pkgutil
import re
from importlib import import_module

import pytest
from django import forms

import apps
from apps.core.fields import DayField, TypedField, WholeField
from tests.architecture.sources import ROOT

PERSIAN = str.maketrans("0123456789", "۰۱۲۳۴۵۶۷۸۹")
ARABIC = str.maketrans("0123456789", "٠١٢٣٤٥٦٧٨٩")
MIXED = str.maketrans("02468", "۰٢۴٦۸")
# Fields of Django's own that read one alphabet, or that browsers show as a wheel.
READS_ONE = (forms.IntegerField, forms.DecimalField, forms.FloatField, forms.DateField)


def _forms():
    """Every form class of every app."""
    for found in pkgutil.walk_packages(apps.__path__, "apps."):
        name = found.name.rpartition(".")[2]
        if "form" in found.name.removeprefix("apps.") and "template" not in name:
            import_module(found.name)
    pending, seen = [forms.Form, forms.ModelForm], set()
    while pending:
        for form in pending.pop().__subclasses__():
            if form not in seen:
                seen.add(form)
                pending.append(form)
    return sorted(
        (form for form in seen if form.__module__.startswith("apps.")),
        key=lambda form: f"{form.__module__}.{form.__qualname__}",
    )


FIELDS = [
    pytest.param(field, id=f"{form.__module__}.{form.__qualname__}.{name}")
    for form in _forms()
    for name, field in form.base_fields.items()
    if isinstance(field, (TypedField, *READS_ONE)) and not field.widget.is_hidden
]


def _read(field, text):
    try:
        return field.clean(text)
    except forms.ValidationError as refused:
        # What it says of the text may quote it; that it is refused is the same.
        return type(refused)


@pytest.mark.parametrize("field", FIELDS)
def test_a_field_reads_three_alphabets_alike(field):
    samples = ("2026-07-14",) if isinstance(field, forms.DateField) else ("12", "750", "0.25", "x")
    for sample in samples:
        wanted = _read(field, sample)
        for script in (PERSIAN, ARABIC, MIXED):
            assert _read(field, sample.translate(script)) == wanted, sample


def test_there_are_forms_to_read():
    assert len(FIELDS) > 20


def test_forms_ask_by_fields_that_read_three_alphabets():
    """Fields of Django's own are for what a page hides: keys and marks that nobody types."""
    bare = [
        f"{form.__module__}.{form.__qualname__}.{name}"
        for form in _forms()
        for name, field in form.base_fields.items()
        if isinstance(field, READS_ONE)
        and not isinstance(field, DayField | WholeField)
        and not field.widget.is_hidden
        and name not in {"idempotency_key", "total_seen", "customer"}  # chosen, sent by the page
    ]
    assert not bare, f"use WholeField, AmountField or DayField of apps/core/fields.py: {bare}"


def test_no_page_asks_by_a_control_that_refuses_persian_digits():
    found = [
        f"{path.relative_to(ROOT)}: {match[0]}"
        for folder in ("apps", "templates")
        for suffix in ("*.html", "*.py")
        for path in (ROOT / folder).rglob(suffix)
        for match in re.finditer(
            r'type="(?:number|date)"|"type": "(?:number|date)"|NumberInput', path.read_text()
        )
        if "api" not in path.name and path.name not in {"fields.py", "shop.py"}
    ]
    assert not found, found
