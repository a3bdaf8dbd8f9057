"""The shared parts of pages, rendered alone."""

import json
import re
from datetime import UTC, datetime
from typing import Any

import pytest
from django import forms
from django.core.paginator import Paginator
from django.template.loader import render_to_string
from django.test import RequestFactory


class BloodForm(forms.Form):
    albumin = forms.DecimalField(label="Albumin", help_text="Serum, before the first dose")
    specimen = forms.ChoiceField(choices=[("t", "Tumour"), ("p", "Peritumour")], widget=forms.RadioSelect)
    fasting = forms.BooleanField(required=False)
    note = forms.CharField(required=False)
    version = forms.IntegerField(widget=forms.HiddenInput)


def _freshness(**changes: Any) -> str:
    given = {"state": "fresh", "as_of": datetime(2026, 11, 25, 9, 14, 3, tzinfo=UTC), "run_id": 412, "url": "/f/7/"}
    return render_to_string("components/freshness.html", {"freshness": given | changes})


@pytest.mark.parametrize(
    ("state", "word"),
    [("fresh", "Fresh"), ("stale", "Stale"), ("running", "Running"), ("failed", "Failed"), ("waiting", "Waiting")],
)
def test_freshness_is_a_word_and_not_only_a_colour(state: str, word: str) -> None:
    badge = _freshness(state=state)
    assert f">{word}</span>" in badge
    assert f'data-state="{state}"' in badge


def test_freshness_names_run_and_time() -> None:
    badge = _freshness()
    assert "412" in badge
    assert '<time datetime="2026-11-25T09:14:03+00:00">' in badge


def test_a_badge_that_follows_says_what_it_shows_and_that_nobody_clicked() -> None:
    badge = _freshness()
    assert 'hx-get="/f/7/"' in badge
    assert 'name="seen" value="fresh:412"' in badge
    assert json.loads(re.findall(r"hx-headers='([^']+)'", badge)[0]) == {"X-Poll": "1"}


def test_a_badge_without_an_address_does_not_ask() -> None:
    badge = _freshness(url="", run_id=None, as_of=None, state="waiting")
    assert "hx-" not in badge
    assert "None" not in badge


def _fields(form: BloodForm) -> str:
    return render_to_string("components/form_fields.html", {"form": form})


def test_help_and_errors_are_tied_to_their_field() -> None:
    page = _fields(BloodForm({"albumin": "much", "specimen": "x", "version": "1"}))
    described = " ".join(re.findall(r'aria-describedby="([^"]+)"', page)).split()
    assert {"id_albumin_helptext", "id_albumin_error", "id_specimen_error"} <= set(described)
    assert all(f'id="{name}"' in page for name in described)


def test_optional_fields_say_so_and_required_ones_do_not() -> None:
    page = _fields(BloodForm())
    assert re.search(r'for="id_note">Note <span class="optional">', page)
    assert re.search(r'for="id_albumin">Albumin</label>', page)


def test_choices_stand_in_a_named_group() -> None:
    assert re.search(r"<fieldset[^>]*>\s*<legend>Specimen", _fields(BloodForm()))


def test_hidden_fields_have_no_label() -> None:
    page = _fields(BloodForm(initial={"version": 3}))
    assert 'name="version" value="3"' in page
    assert "Version" not in page


def test_a_unit_stands_beside_its_field() -> None:
    page = render_to_string("components/field.html", {"field": BloodForm()["albumin"], "unit": "g/L"})
    assert '<span class="unit">g/L</span>' in page


def test_the_summary_of_errors_links_to_fields_that_exist() -> None:
    form = BloodForm({"albumin": "", "specimen": "t", "version": "1"})
    form.add_error(None, "The draw lies after the first dose.")
    summary = render_to_string("components/form_errors.html", {"form": form})
    assert "The draw lies after the first dose." in summary
    targets = re.findall(r'href="#([^"]+)"', summary)
    assert targets == ["id_albumin"]
    assert f'id="{targets[0]}"' in _fields(form)


def test_a_valid_form_has_no_summary() -> None:
    form = BloodForm({"albumin": "41", "specimen": "t", "version": "1"})
    assert render_to_string("components/form_errors.html", {"form": form}).strip() == ""


def test_pages_keep_the_search_that_led_to_them() -> None:
    request = RequestFactory().get("/patients/", {"q": "RES", "page": "2"})
    page_obj = Paginator(range(60), 25).get_page(2)
    page = render_to_string("components/pagination.html", {"page_obj": page_obj}, request)
    assert '<a href="?q=RES&amp;page=3"' in page
    assert "26–50 of 60" in page
    assert '<span aria-current="page">2</span>' in page


def test_one_page_needs_no_pagination() -> None:
    page_obj = Paginator(range(3), 25).get_page(1)
    assert render_to_string("components/pagination.html", {"page_obj": page_obj}).strip() == ""


def test_a_chart_carries_its_specification_without_breaking_out_of_it() -> None:
    spec = {"description": "Two curves.", "title": "</script><b>"}
    page = render_to_string("components/chart.html", {"id": "km", "spec": spec})
    stored = re.findall(r'<script id="km" type="application/json">(.*?)</script>', page)
    assert json.loads(stored[0]) == spec
    assert 'role="img" aria-label="Two curves."' in page


def test_simulated_data_and_a_silent_scheduler_are_said_on_top() -> None:
    assert "Simulated data" in render_to_string("components/banners.html", {"simulated": True})
    warned = render_to_string("components/banners.html", {"system_warnings": ["The scheduler is silent."]})
    assert "The scheduler is silent." in warned
    assert render_to_string("components/banners.html", {"simulated": False}).strip() == ""
