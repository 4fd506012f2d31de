"""The dashboard: figures of questions that were really asked."""

from __future__ import annotations

import pytest

from kbchat.services.chat import ChatRequest
from tests.integration.ui.page_contents import PROBE, cells, said, tables


@pytest.fixture
def asked(services):
    """Three questions, two of them without an answer in the documents; feedback on the first answer."""
    for question in ("阿司匹林肠溶片的用法用量", "利伐沙班的用法用量是什么", "利伐沙班的用法用量是什么？"):
        *_, done = services.chat.ask(ChatRequest(question, bases=("demo",), language="zh"))
        if question.startswith("阿司匹林"):
            services.feedback.give(done.conversation_id, done.message_number, "down", "incomplete", PROBE)


def opened(page, tab):
    page.session_state["dashboard_tabs"] = tab
    page.run()
    assert not page.exception
    return page


def test_without_questions_it_says_so(show):
    assert "No questions in this time" in said(show("dashboard"))


def test_figures_and_plots(show, asked):
    page = show("dashboard")

    values = {one.label: one.value for one in page.metric}
    assert values["Questions"] == "3"
    assert values["Answered"] == "33 %"
    assert values["No evidence"] == "67 %"
    assert values["Feedback"] == "1"
    assert len(page.get("vega_lite_chart")) == 3
    assert len(page.download_button) == 3


def test_questions_without_an_answer_are_grouped(show, asked):
    page = opened(show("dashboard"), "What to add next")

    rows = cells(tables(page)[0])
    assert len(rows) == 1
    assert rows[0][1] == "2"
    assert "利伐沙班" in rows[0][0]


def test_feedback_is_shown_letter_by_letter_and_worked_through(show, asked, services):
    page = opened(show("dashboard"), "Feedback")
    assert "&#60;img" in said(page)
    assert "<img" not in said(page)

    item = services.feedback.open_items().items[0]
    page.button(key=f"dashboard_handle_{item.id}").click().run()
    assert services.feedback.open_items().total == 0
    assert "nothing to work through" in said(page)


def test_documents_used_and_flagged(show, asked):
    page = opened(show("dashboard"), "Documents used")
    assert cells(tables(page)[0]) == [["阿司匹林肠溶片说明书", "demo", "1"]]
    assert not tables(page)[0]["follows"]  # the session goes on there
    assert "No answer had anything flagged" in said(opened(show("dashboard"), "Flagged"))
