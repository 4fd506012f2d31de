"""Suggested questions: about what is there, not about what was just told, in the language spoken, and answered."""

from __future__ import annotations

import shutil

import pytest

from kbchat.access.principal import local_principal
from kbchat.answering.answerer import Answerer
from kbchat.answering.evidence import EvidenceModel, is_enough, signals
from kbchat.app import App
from kbchat.errors import NotFoundError
from kbchat.generation.sentence_scoring import score_sentences
from kbchat.medical.sections import question_intents
from kbchat.retrieval.retriever import Retriever
from kbchat.services import Services
from kbchat.services.answer_json import answer_json
from kbchat.services.suggestion_wording import FOLLOW_UP_ORDER, FOLLOW_UP_WORDING, guideline_topic
from kbchat.settings import Settings
from kbchat.store.outlines import Outlines
from kbchat.testing import parsed_leaflet
from kbchat.types import Outcome, SectionKind


def test_what_goes_on_from_an_answer(app, services_of, ask):
    services = services_of(app)
    done, _ = ask(services, "二甲双胍怎么吃？")
    suggested = services.chat.suggestions(done.answer, ("default",), question=done.standalone)

    assert 1 <= len(suggested) <= 4
    assert suggested[0] == "二甲双胍和其他药有什么相互作用？"
    assert not any("用法用量" in one for one in suggested)
    for one in suggested:
        answered, _ = ask(services, one)
        assert answered.answer.outcome is Outcome.ANSWERED


def test_what_follows_is_judged_once_until_documents_change(leaflet_data, tmp_path, ask, monkeypatch):
    shutil.copytree(leaflet_data, tmp_path / "data")
    app = App(Settings(data_dir=tmp_path / "data"))
    services = Services(app, local_principal("ann"))
    done, _ = ask(services, "二甲双胍怎么吃？")

    def suggested():
        return services.chat.suggestions(done.answer, ("default",), question=done.standalone)

    first = suggested()
    with monkeypatch.context() as patched:
        patched.setattr(Retriever, "retrieve", lambda *_, **__: pytest.fail("judged again"))
        patched.setattr(Outlines, "section_kinds", lambda *_: pytest.fail("read again"))
        assert suggested() == first
    base = app.store.base("default")
    document = next(one for one in app.store.documents(base.id) if "二甲双胍" in one.name)
    app.store.retire_document(document.id)

    assert first
    assert suggested() == []
    app.close()


@pytest.mark.parametrize(
    "question", ["二甲双胍有哪些禁忌？", "二甲双胍的生产企业电话？", "布洛芬怎么吃？", "华法林和阿司匹林"]
)
@pytest.mark.parametrize("coverage", [0.0, 1.2, 40.0])
@pytest.mark.parametrize("threshold", [0.3, 0.5, 0.9])
def test_whether_it_is_enough_without_reading_all_sentences(app, question, coverage, threshold):
    retriever, model = (
        app.retriever(("default",)),
        EvidenceModel(bias=-18.0 if coverage > 2 else -1.2, coverage=coverage),
    )
    found = retriever.retrieve(question)
    sentences = score_sentences(found.query, found.passages, found.information)
    probability = model.probability(signals(found, sentences, retriever.weights))

    assert is_enough(found, model, retriever.weights, threshold) is (probability >= threshold)


def test_only_sections_that_are_there(app, services_of, ask):
    services = services_of(app)
    done, _ = ask(services, "华法林钠片怎么吃？")
    suggested = services.chat.suggestions(done.answer, ("default",), question=done.standalone)

    assert not any("孕妇" in one or "保存" in one for one in suggested)


def test_the_language_is_the_persons(app, services_of, ask):
    services = services_of(app)
    done, _ = ask(services, "What is the dose of metformin?")
    suggested = services.chat.suggestions(done.answer, ("default",), question=done.standalone)

    assert suggested
    assert all(one.isascii() and "metformin" in one for one in suggested)


@pytest.mark.parametrize("question", ["你好", "我爷爷吃华法林，突然大口吐血止不住", "孕妇能打狂犬疫苗吗？"])
def test_nothing_is_suggested_where_no_drug_is_at_hand(app, services_of, ask, question):
    services = services_of(app)
    done, _ = ask(services, question)

    assert services.chat.suggestions(done.answer, ("default",), question=done.standalone) == []


def test_examples_are_answered_varied_and_always_the_same(app, services_of, ask):
    services = services_of(app)
    examples = services.chat.examples(("default",), "zh")

    assert len(examples) == 2
    assert examples == services_of(app).chat.examples(("default",), "zh")
    assert any("二甲双胍" in one for one in examples)
    assert len({question_intents(one)[0] for one in examples}) == 2
    for one in examples:
        done, _ = ask(services, one)
        assert done.answer.outcome is Outcome.ANSWERED
    with pytest.raises(NotFoundError):
        services_of(app, bases=frozenset({"x"})).chat.examples(("default",), "zh")


def test_examples_forget_retired_documents_and_serve_on_while_others_come(leaflet_data, tmp_path, monkeypatch):
    shutil.copytree(leaflet_data, tmp_path / "data")
    app = App(Settings(data_dir=tmp_path / "data"))
    services = Services(app, local_principal("ann"))
    assert any("二甲双胍" in one for one in services.chat.examples(("default",), "zh"))
    base = app.store.base("default")
    with monkeypatch.context() as patched:
        patched.setattr(Answerer, "holds_answer", lambda *_: pytest.fail("made anew"))
        parsed = parsed_leaflet("丙药片", {SectionKind.DOSAGE: "一次1片，一日2次。"})
        vectors = app.embedder_for(base).embed_documents([chunk.text for chunk in parsed.chunks])
        app.store.commit_document(base.id, source="c", name="c", sha256="0" * 64, parsed=parsed, vectors=vectors)
        assert services.chat.examples(("default",), "zh")
    document = next(one for one in app.store.documents(base.id) if "二甲双胍" in one.name)
    app.store.retire_document(document.id)

    examples = services.chat.examples(("default",), "zh")
    assert examples
    assert not any("二甲双胍" in one for one in examples)
    app.close()


@pytest.mark.parametrize("kind", FOLLOW_UP_ORDER)
def test_each_wording_asks_for_its_section(kind):
    for language, name in (("zh", "二甲双胍"), ("en", "metformin")):
        question = FOLLOW_UP_WORDING[kind].in_language(language).format(name=name)
        intents = question_intents(question)
        assert intents, question
        if kind not in (SectionKind.RENAL_HEPATIC,):
            assert intents[0] is kind, (question, intents)


@pytest.mark.parametrize(
    ("title", "topic"),
    [
        ("中国2型糖尿病防治指南（2020年版）", "2型糖尿病"),
        ("国家基层高血压防治管理指南2020版", "基层高血压"),
        ("成人社区获得性肺炎抗菌治疗", "成人社区获得性肺炎"),
        ("《中国痛风诊疗指南》", "痛风"),
        ("WHO guidelines for malaria", "malaria"),
        ("Hypertension in adults: diagnosis and management", "hypertension in adults"),
        ("指南", ""),
    ],
)
def test_what_a_guideline_is_about(title, topic):
    assert guideline_topic(title) == topic


def test_an_answer_kept_long_ago_leads_to_the_same_questions(app, services_of, ask):
    services = services_of(app)
    done, _ = ask(services, "二甲双胍怎么吃？")
    assert done.conversation_id is not None
    kept = services.conversations.get(done.conversation_id).messages[-1].answer
    assert kept is not None
    assert "passages" not in kept

    fresh = services.chat.suggestions(done.answer, ("default",), question=done.standalone)
    assert services.chat.suggestions_of_kept(kept, ("default",)) == fresh


def test_nothing_follows_a_kept_answer_whose_sources_are_gone(app, services_of, ask):
    services = services_of(app)
    done, _ = ask(services, "二甲双胍怎么吃？")
    record = answer_json("二甲双胍怎么吃？", done.answer)
    record["citations"][0]["revision"] = 10**6

    assert services.chat.suggestions_of_kept(record, ("default",)) == []
    assert services.chat.suggestions_of_kept({"question": "x", "outcome": "emergency"}, ("default",)) == []
