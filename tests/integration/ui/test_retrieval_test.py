"""The page of the retrieval test."""

from __future__ import annotations

from kbchat.access.principal import Role
from kbchat.services.expected_passage import ExpectedPassage
from tests.integration.ui.page_contents import cells, said, tables

QUESTION = "华法林能和阿司匹林一起吃吗"


def searched(show):
    page = show("retrieval_test")
    page.text_input(key="retrieval_test_question").input(QUESTION).run()
    assert not page.exception
    return page


def test_passages_come_with_their_reasons(show):
    page = searched(show)

    assert "**1. 华法林钠片**" in said(page)
    bodies = [one.proto.body for one in page.get("html")]
    assert any("words of the question in the text" in body and "kb-score" in body for body in bodies)
    assert any("增加出血风险" in body for body in bodies)


def test_two_settings_stand_side_by_side(show):
    page = searched(show)
    page.toggle(key="retrieval_test_compare").set_value(True).run()
    page.number_input(key="retrieval_test_number_lexical").set_value(0.2).run()

    assert "**As set**" in said(page)
    assert "**Words of the question 0&#46;2**" in said(page)


def test_what_is_out_of_range_is_a_message(show):
    page = searched(show)
    page.toggle(key="retrieval_test_compare").set_value(True).run()
    page.number_input(key="retrieval_test_number_coverage").set_value(99.0).run()

    assert "from -10 to 10" in page.error[0].value.replace("&#45;", "-")
    assert not page.exception


def test_cases_are_run_and_kept_over_time(show, services):
    found = services.retrieval.search(QUESTION, ["demo"]).passages[0]
    services.retrieval.save_case("demo", QUESTION, ExpectedPassage.of(found))
    services.retrieval.save_case("demo", "阿司匹林怎么吃", ExpectedPassage(1, text="文中没有的一段话"))
    page = show("retrieval_test")
    page.session_state["retrieval_test_tabs"] = "Saved cases"
    page.run()
    assert [row[2] for row in cells(tables(page)[0])] == ["not run", "not run"]

    page.button(key="retrieval_test_run").click().run()
    page.button(key="retrieval_test_run").click().run()

    assert [row[2] for row in cells(tables(page)[0])] == ["1", "not found"]
    assert [one.value for one in page.metric] == ["50 %"] * 3
    assert [row[1] for row in cells(tables(page)[1])] == ["50 %", "50 %"]
    assert len(page.get("vega_lite_chart")) == 1


def test_without_cases_or_rights_the_page_says_so(show):
    page = show("retrieval_test")
    page.session_state["retrieval_test_tabs"] = "Saved cases"
    assert "No test cases yet" in said(page.run())
    assert "Nothing to search yet" in said(show("retrieval_test", Role.READER))
