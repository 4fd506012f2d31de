"""The page of assistants."""

from __future__ import annotations

from kbchat.access.principal import Role
from tests.integration.ui.page_contents import PROBE, cells, said, tables


def field(page, kind, name):
    """The form's field, whatever round its key is of."""
    return next(one for one in page.get(kind) if one.key and one.key.endswith(f"_{name}"))


def test_assistants_are_listed(show):
    table = tables(show("assistants"))[0]

    assert cells(table)[0][:2] == ["Medication", "Patients"]
    assert {row[4] for row in cells(table)} == {"built in"}


def test_one_is_edited_and_tried_before_it_is_saved(show, services):
    page = show("assistants", assistant="medication")
    field(page, "text_input", "name_en").input(f"Leaflets {PROBE}").run()
    assert "Not saved yet" in said(page)

    page.text_area(key="assistants_try_question").input("阿司匹林肠溶片的用法用量")
    next(one for one in page.button if one.label == "Ask").click().run()
    answer = [one.proto.json for one in page.get("bidi_component") if one.proto.component_name == "kbchat_answer"]
    assert "0.1g" in answer[0]
    assert services.assistants.get("medication").name.en == "Medication"

    page.button(key="assistants_save").click().run()
    assert services.assistants.get("medication").name.en == f"Leaflets {PROBE}"
    assert "&#60;img" in page.title[0].value
    assert "<img" not in said(page)


def test_wrong_values_are_named(show):
    page = show("assistants", assistant="+")
    field(page, "text_input", "id").input("Not An Id")
    field(page, "text_input", "name_en").input("Mine").run()
    page.button(key="assistants_save").click().run()

    assert "id" in page.error[0].value
    assert not page.exception


def test_a_new_one_is_made_and_duplicated(show, services):
    page = show("assistants", assistant="+")
    field(page, "text_input", "id").input("ward-three")
    field(page, "text_input", "name_zh").input("三病区")
    field(page, "text_input", "description_zh").input("本科室用药").run()
    page.button(key="assistants_save").click().run()
    made = services.assistants.get("ward-three")
    assert (made.name.en, made.name.zh) == ("三病区", "三病区")

    page.button(key="assistants_duplicate").click().run()
    assert page.query_params["assistant"] == "ward-three-2"
    assert services.assistants.get("ward-three-2").description.zh == "本科室用药"


def test_a_changed_built_in_one_can_be_reset_and_is_told_apart(show, services):
    page = show("assistants", assistant="general")
    assert not any(one.key == "assistants_delete" for one in page.button)
    field(page, "text_input", "name_en").input("Our general one").run()
    page.button(key="assistants_save").click().run()

    assert page.button(key="assistants_delete").label == "Reset …"
    listed = {row[0]: row[4] for row in cells(tables(show("assistants"))[0])}
    assert listed["Our general one"] == "built in, changed"


def test_a_curator_sees_but_does_not_change(show):
    page = show("assistants", Role.CURATOR, assistant="medication")

    assert page.button(key="assistants_save").disabled
    assert "administrator" in page.button(key="assistants_save").help
    assert field(page, "text_input", "name_en").disabled


def test_an_unknown_assistant_is_a_message(show):
    assert "no assistant" in show("assistants", assistant="nobody").error[0].value.lower()
