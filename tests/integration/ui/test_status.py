"""The status page."""

from __future__ import annotations

import io
import logging

from ingest.jobs import JobService
from kbchat.access.principal import Role
from kbchat.logs import configure_logging
from tests.integration.ui.page_contents import cells, said, tables
from ui import bootstrap


def opened(page, tab):
    page.session_state["status_tabs"] = tab
    page.run()
    assert not page.exception
    return page


def test_models_data_and_disk(show):
    page = show("status")

    assert "**extractive**" in said(page)
    values = {one.label: one.value for one in page.metric}
    assert values["Knowledge bases"] == "1"
    assert values["Documents"] == "2"
    assert {row[0] for row in cells(tables(page)[0])} >= {"Database", "Originals", "Indexes"}


def test_the_generator_is_tried(show):
    page = show("status")
    page.button(key="status_try").click().run()

    assert "It works" in page.success[0].value


def test_settings_are_found_by_name_and_hide_secrets(show, monkeypatch):
    page = opened(show("status"), "Settings")
    page.text_input(key="status_setting").input("retrieval__").run()

    variables = [row[0] for table in tables(page) for row in cells(table)]
    assert "KBCHAT_RETRIEVAL__PASSAGES" in variables
    assert all("RETRIEVAL__" in name for name in variables)
    page.text_input(key="status_setting").input("no such setting").run()
    assert "No setting has this" in said(page)


def test_versions_and_log(show, services):
    page = opened(show("status"), "Versions")
    assert {"kbchat", "python"} <= {row[0] for row in cells(tables(page)[0])}

    assert "The log is empty." in said(opened(show("status"), "Log"))
    configure_logging(services.app.settings)
    logging.getLogger("kbchat.test").warning("index of base %d is behind", 7)
    page = opened(show("status"), "Log")
    assert cells(tables(page)[0])[0][:2] == ["index of base 7 is behind", "WARNING"]
    page.selectbox(key="status_level").select("warning").run()
    assert len(tables(page)[0]["rows"]) == 1


def test_a_reader_may_not_look(show):
    assert "may not" in show("status", Role.READER).error[0].value


def test_uploads_at_work_are_listed(show, services):
    bootstrap._process.runner.stop()  # so that the job stays where it is
    jobs = JobService(services.app, services.principal)
    jobs.submit_upload("demo", [("新说明书.md", io.BytesIO("# 新".encode()))])

    page = show("status")

    assert cells(tables(page)[-1]) == [["Upload: 新说明书.md", "demo", "0 of 1 files"]]
    assert {one.label: one.value for one in page.metric}["Uploads at work"] == "1"
