"""Conversations of one person: order, search, undo, and files that carry every source and nothing that acts."""

from __future__ import annotations

import io
import json
import re
import zipfile
from datetime import UTC, date, datetime, timedelta

import docx
import pytest
from markdown_it import MarkdownIt

from kbchat.errors import InvalidInputError, NotFoundError
from kbchat.services.conversations import grouped
from kbchat.services.export.markdown import escaped
from kbchat.store import NewMessage, StoredConversation

HOSTILE = (
    "<img src=x onerror=alert(1)> [click](https://evil.example) ![p](http://evil.example/p.png) <https://evil.example> "
    "https://evil.example www.evil.example a@evil.example `code` $\\frac{1}{2}$ **bold** _it_ | a | &#60;script&#62; \u202eevil\x07"
)


def conversation(store, owner, text, *, answer=None):
    made = store.create_conversation(owner, text, bases=("default",))
    store.add_messages(
        owner, made.id, [NewMessage("user", text), NewMessage("assistant", answer or "回答", "answered")]
    )
    return made.id


def test_pinned_ones_come_first_then_by_date(app, services_of):
    services = services_of(app)
    numbers = [conversation(app.store, services.principal.user, f"question {n}") for n in range(4)]
    services.conversations.pin(numbers[1])
    listed = services.conversations.list()

    assert [group.label.en for group in listed.groups] == ["Pinned", "Today"]
    assert [one.id for one in listed.items] == [numbers[1], numbers[3], numbers[2], numbers[0]]
    services.conversations.pin(numbers[1], pinned=False)
    assert [group.label.zh for group in services.conversations.list().groups] == ["今天"]


def test_groups_by_date():
    now = datetime(2026, 5, 20, 12, tzinfo=UTC)

    def used(ago):
        at = now - timedelta(days=ago)
        return StoredConversation(ago, "ann", "", (), "t", at, at, 2)

    groups = grouped([used(ago) for ago in (0, 1, 3, 20, 60, 61, 400)], date(2026, 5, 20))
    assert [(group.label.en, [one.id for one in group.items]) for group in groups] == [
        ("Today", [0]),
        ("Yesterday", [1]),
        ("Last 7 days", [3]),
        ("Last 30 days", [20]),
        ("March 2026", [60, 61]),
        ("April 2025", [400]),
    ]


def test_search_looks_into_titles_and_messages_and_takes_no_pattern(app, services_of):
    services = services_of(app)
    user = services.principal.user
    one = conversation(app.store, user, "Metformin 100% dose", answer="二甲双胍 an_swer")
    two = conversation(app.store, user, "华法林")
    find = services.conversations.list

    assert [row.id for row in find("METFORMIN").items] == [one]
    assert [row.id for row in find("二甲双胍").items] == [one]
    assert [row.id for row in find("0% d").items] == [one]
    assert [row.id for row in find("n_s").items] == [one]
    assert find("1_0").total == find("a%x").total == find("\\").total == 0
    assert [row.id for row in find("华法林").items] == [two]


def test_five_hundred_conversations_are_listed_in_pages(app, services_of):
    services = services_of(app)
    for number in range(500):
        app.store.create_conversation(services.principal.user, f"question {number}")
    first, second = services.conversations.list(limit=100), services.conversations.list(limit=100, offset=100)
    found = services.conversations.list("question 499")

    assert (first.total, len(first.items), len(second.items)) == (500, 100, 100)
    assert not {one.id for one in first.items} & {one.id for one in second.items}
    assert found.total == 1


def test_deleting_can_be_undone_for_a_while(app, services_of):
    services = services_of(app)
    user = services.principal.user
    number = conversation(app.store, user, "华法林")
    services.conversations.delete(number)

    assert services.conversations.list().total == 0
    with pytest.raises(NotFoundError):
        services.conversations.get(number)
    with pytest.raises(NotFoundError):
        app.store.add_messages(user, number, [NewMessage("user", "x")])
    services.conversations.undo_delete(number)
    assert len(services.conversations.get(number).messages) == 2

    services.conversations.delete(number)
    assert app.store.remove_conversations_aside(datetime.now(UTC) + timedelta(seconds=1), "somebody else") == 0
    assert app.store.remove_conversations_aside(datetime.now(UTC) + timedelta(seconds=1), user) == 1
    with pytest.raises(NotFoundError):
        services.conversations.undo_delete(number)


@pytest.mark.parametrize("title", ["", "   ", "x" * 201, "a\u0000b"])
def test_titles_that_are_none(app, services_of, title):
    services = services_of(app)
    number = conversation(app.store, services.principal.user, "华法林")

    with pytest.raises(InvalidInputError):
        services.conversations.rename(number, title)
    assert services.conversations.rename(number, "  我的\n华法林 ").title == "我的 华法林"


def test_every_form_of_export_has_the_references_in_full(app, services_of, ask):
    services = services_of(app)
    done, _ = ask(services, "华法林钠片怎么吃？")
    (citation, *_) = done.answer.citations
    file = {
        form: services.conversations.export(done.conversation_id, form, language="zh")
        for form in ("md", "docx", "json")
    }

    markdown = file["md"].data.decode()
    word = "\n".join(paragraph.text for paragraph in docx.Document(io.BytesIO(file["docx"].data)).paragraphs)
    for text in (markdown.replace("\\", ""), word):
        assert "华法林钠片怎么吃？" in text
        assert citation.document_title in text
        assert " › ".join(citation.section_path) in text
        assert f"第 {citation.page} 页" in text
        assert " ".join(citation.quote.split()) in text
        assert f"[{citation.number}]" in text
    exported = json.loads(file["json"].data)
    assert exported["messages"][1]["answer"]["citations"][0]["quote"] == citation.quote
    assert {name: one.name.rpartition(".")[2] for name, one in file.items()} == {n: n for n in ("md", "docx", "json")}
    with pytest.raises(InvalidInputError):
        services.conversations.export(done.conversation_id, "exe")


def hostile_record():
    citation = {
        "number": 1, "document": HOSTILE, "document_title": HOSTILE, "revision": 1, "revision_date": HOSTILE,
        "section_path": [HOSTILE], "page": 1, "start": 0, "end": 1, "quote": f"# {HOSTILE}\n\n---\n1. x",
    }  # fmt: skip
    checks = {
        "unsupported_quantities": ["25mg"], "unsupported_sentences": [HOSTILE, "replaced"],
        "replaced_sentences": ["replaced"], "conflicts": [[1, 2]],
    }  # fmt: skip
    return {"citations": [citation], "checks": checks, "footer": HOSTILE}


def test_texts_of_documents_and_people_do_nothing_in_an_export(app, services_of):
    services = services_of(app)
    user = services.principal.user
    made = app.store.create_conversation(user, HOSTILE, bases=(HOSTILE,))
    text = (
        f"**{HOSTILE}** {HOSTILE}\n- {HOSTILE}\n    {HOSTILE}\n---\n===\n# h\n1. x\n> q\n```\n<script>alert(1)</script>"
    )
    added = [NewMessage("user", text), NewMessage("assistant", text, "answered", hostile_record())]
    app.store.add_messages(user, made.id, added)
    markdown = services.conversations.export(made.id, "md").data.decode()

    for flavour in ("commonmark", "gfm-like"):
        html = MarkdownIt(flavour, {"html": True, "linkify": False}).render(markdown)
        tags = set(re.findall(r"<(\w+)", html))
        assert tags <= {"h1", "h2", "h3", "p", "strong", "em", "ul", "li", "blockquote"}, tags
        assert "evil.example" in html  # as text
    for mark in ("\u202e", "\x07"):
        assert mark not in markdown
    assert "25mg" in markdown
    assert markdown.count("no support found") == 1
    assert "replaced by the document" in markdown

    word = services.conversations.export(made.id, "docx").data
    with zipfile.ZipFile(io.BytesIO(word)) as archive:
        relations = archive.read("word/_rels/document.xml.rels").decode()
    assert "evil.example" not in relations
    flagged = [
        run.text for p in docx.Document(io.BytesIO(word)).paragraphs for run in p.runs if run.font.highlight_color
    ]
    assert "“25mg”" in flagged


@pytest.mark.parametrize(
    ("address", "made"),
    [
        ("https://a.example/x", "https\\://a.example/x"),
        ("HTTP://a.example", "HTTP\\://a.example"),
        ("www.a.example", "www\\.a.example"),
        ("mailto:a@b.example", "mailto\\:a\\@b.example"),
        ("a@b.example", "a\\@b.example"),
    ],
)
def test_addresses_do_not_become_links_where_readers_make_them(address, made):
    assert escaped(f"see {address} now") == f"see {made} now"
    assert MarkdownIt("commonmark").render(escaped(address)) == f"<p>{address}</p>\n"


def test_names_of_files_are_safe_everywhere(app, services_of):
    services = services_of(app)
    for title, expected in {
        "../../etc/passwd": "etc passwd.md",
        "a:b*c?": "a b c.md",
        "con": "kbchat con.md",
        "\u202e.": "kbchat.md",
    }.items():
        made = app.store.create_conversation(services.principal.user, title)
        assert services.conversations.export(made.id, "md").name == expected
