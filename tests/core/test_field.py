"""The component of one field: what it says about being left empty."""

import pytest
from django import forms
from django.template.loader import render_to_string


class OneForm(forms.Form):
    name = forms.CharField(label="Approved by", required=False)


@pytest.mark.parametrize(("context", "said"), [({}, True), ({"unmarked": True}, False)])
def test_says_optional_unless_the_page_needs_it(context, said):
    html = render_to_string("components/field.html", {"field": OneForm()["name"], **context})

    assert "Approved by" in html
    assert ("(optional)" in html) is said
