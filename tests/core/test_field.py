"""The component of one field: what it says about being left empty."""

import pytest
from django import forms
from django.template.loader import render_to_string


class OneForm(forms.Form):
    name = forms.CharField(label="Approved by", required=False)


class NeededForm(OneForm):
    def __init__(self):
        super().__init__()
        self.fields["name"].needed = True


@pytest.mark.parametrize(("context", "said"), [({}, True), ({"unmarked": True}, False)])
def test_says_optional_unless_the_page_needs_it(context, said):
    html = render_to_string("components/field.html", {"field": OneForm()["name"], **context})

    assert "Approved by" in html
    assert ("(optional)" in html) is said


def test_says_nothing_of_a_field_that_its_form_needs():
    html = render_to_string("components/field.html", {"field": NeededForm()["name"]})

    assert "Approved by" in html
    assert "(optional)" not in html
