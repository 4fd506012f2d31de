"""Programs written for OpenAI's interface, unchanged: the openai package and LangChain."""

from __future__ import annotations

import openai
import pytest
from langchain_core.messages import AIMessage, HumanMessage
from langchain_openai import ChatOpenAI

from kbchat.services.keys import KeyService

QUESTION = "二甲双胍的禁忌症有哪些？"


@pytest.fixture
def client(service):
    with openai.OpenAI(base_url=f"{service.url}/v1", api_key="any", max_retries=0) as found:
        yield found


def asked(text=QUESTION):
    return [{"role": "user", "content": text}]


def test_assistants_are_models(client):
    listed = client.models.list().data

    assert {"medication", "health-education"} <= {model.id for model in listed}
    assert client.models.retrieve("medication").kbchat["name"]["zh"] == "用药助手"


def test_an_answer_with_its_citations(client):
    found = client.chat.completions.create(model="medication", messages=asked())

    choice = found.choices[0]
    own = choice.message.model_extra["kbchat"]
    assert choice.finish_reason == "stop"
    assert own["outcome"] == "answered"
    assert "二甲双胍" in own["citations"][0]["document_title"]
    for citation in own["citations"]:
        assert f"[{citation['number']}]" in choice.message.content
        assert citation["quote"]
    assert own["checks"]["removed_markers"] == 0
    assert own["footer"]
    assert own["conversation_id"] is None, "nothing is kept unless it is asked for"
    assert found.usage.total_tokens == found.usage.prompt_tokens + found.usage.completion_tokens > 20


def test_a_stream_gives_the_same(client):
    whole = client.chat.completions.create(model="medication", messages=asked())
    stream = client.chat.completions.create(
        model="medication", messages=asked(), stream=True, stream_options={"include_usage": True}
    )
    chunks = list(stream)

    text = "".join(chunk.choices[0].delta.content or "" for chunk in chunks if chunk.choices)
    finish = [chunk for chunk in chunks if chunk.choices and chunk.choices[0].finish_reason]
    assert text == whole.choices[0].message.content
    assert chunks[0].choices[0].delta.role == "assistant"
    assert len(finish) == 1
    own, same = finish[0].model_extra["kbchat"], whole.choices[0].message.model_extra["kbchat"]
    for name in ("outcome", "citations", "checks", "footer", "category", "generator"):
        assert own[name] == same[name]
    assert chunks[-1].usage.total_tokens == whole.usage.total_tokens


def test_follow_ups_are_understood_from_the_messages(client):
    first = client.chat.completions.create(model="medication", messages=asked())
    talk = [*asked(), {"role": "assistant", "content": first.choices[0].message.content}]
    found = client.chat.completions.create(
        model="medication", messages=[*talk, {"role": "user", "content": "那它的不良反应呢？"}]
    )

    citations = found.choices[0].message.model_extra["kbchat"]["citations"]
    assert citations
    assert all("二甲双胍" in citation["document_title"] for citation in citations)
    assert any("不良反应" in " ".join(citation["section_path"]) for citation in citations)


def test_knowledge_bases_in_the_name_of_the_model(client):
    found = client.chat.completions.create(model="medication@drugs", messages=asked())
    assert found.choices[0].message.model_extra["kbchat"]["outcome"] == "answered"

    with pytest.raises(openai.NotFoundError, match="nowhere"):
        client.chat.completions.create(model="medication@nowhere", messages=asked())


def test_sources_in_the_text_for_clients_that_show_only_that(client):
    found = client.chat.completions.create(
        model="medication", messages=asked(), extra_body={"kbchat": {"references": True, "language": "zh"}}
    )
    text = found.choices[0].message.content
    assert "参考来源" in text
    assert "第 1 页" in text
    assert found.choices[0].message.model_extra["kbchat"]["footer"] in text

    stream = client.chat.completions.create(
        model="medication", messages=asked(), stream=True, extra_body={"kbchat": {"references": True, "language": "zh"}}
    )
    assert "".join(chunk.choices[0].delta.content or "" for chunk in stream) == text


@pytest.mark.parametrize(
    ("body", "kind", "said"),
    [
        ({"model": "gpt-4o", "messages": asked()}, openai.NotFoundError, "gpt-4o"),
        ({"model": "medication", "messages": []}, openai.BadRequestError, "messages"),
        ({"model": "medication", "messages": asked("")}, openai.BadRequestError, ""),
        ({"model": "medication", "messages": [{"role": "assistant", "content": "x"}]}, openai.BadRequestError, "user"),
        ({"model": "medication", "messages": asked(), "n": 3}, openai.BadRequestError, "n"),
        (
            {
                "model": "medication",
                "messages": [
                    {
                        "role": "user",
                        "content": [{"type": "image_url", "image_url": {"url": "https://e.example/a.png"}}],
                    }
                ],
            },
            openai.BadRequestError,
            "image_url",
        ),
    ],
)
@pytest.mark.parametrize("stream", [False, True])
def test_errors_have_the_shape_that_clients_know(client, body, kind, said, stream):
    with pytest.raises(kind) as raised:
        client.chat.completions.create(**body, stream=stream, extra_headers={"Accept-Language": "en"})
    assert said in raised.value.body["message"]
    assert raised.value.body["type"] == "invalid_request_error"


def test_parts_of_text_are_read(client):
    parts = [{"type": "text", "text": "二甲双胍的"}, {"type": "text", "text": "禁忌症有哪些？"}]
    found = client.chat.completions.create(model="medication", messages=[{"role": "user", "content": parts}])
    assert found.choices[0].message.model_extra["kbchat"]["outcome"] == "answered"


def test_a_kept_conversation_goes_on(serve):
    service = serve()
    with openai.OpenAI(base_url=f"{service.url}/v1", api_key="any") as client:
        first = client.chat.completions.create(
            model="medication", messages=asked(), extra_body={"kbchat": {"save": True}}
        )
        key = first.choices[0].message.model_extra["kbchat"]["conversation_id"]
        second = client.chat.completions.create(
            model="medication", messages=asked("那它的不良反应呢？"), extra_body={"kbchat": {"conversation_id": key}}
        )

    own = second.choices[0].message.model_extra["kbchat"]
    assert own["conversation_id"] == key
    assert own["message_number"] > first.choices[0].message.model_extra["kbchat"]["message_number"]
    assert all("二甲双胍" in citation["document_title"] for citation in own["citations"])


def test_with_keys_only_keys_open(serve):
    service = serve(access={"single_user": False})
    made = KeyService(service.app.store).create("his", bases=["drugs"])

    with openai.OpenAI(base_url=f"{service.url}/v1", api_key=made.text) as client:
        assert client.chat.completions.create(model="medication", messages=asked()).choices
        KeyService(service.app.store).revoke(made.key.prefix)
        with pytest.raises(openai.AuthenticationError, match="密钥无效"):
            client.models.list()
    with (
        openai.OpenAI(base_url=f"{service.url}/v1", api_key="sk-wrong", max_retries=0) as client,
        pytest.raises(openai.AuthenticationError),
    ):
        client.models.list()


def test_langchain_asks_and_streams(service):
    model = ChatOpenAI(model="medication", base_url=f"{service.url}/v1", api_key="any")

    found = model.invoke(QUESTION)
    streamed = "".join(str(chunk.content) for chunk in model.stream(QUESTION))
    followed = model.invoke([HumanMessage(QUESTION), AIMessage(str(found.content)), HumanMessage("孕妇能用吗？")])

    assert "[1]" in str(found.content)
    assert streamed == found.content
    assert found.usage_metadata["total_tokens"] > 20
    assert "二甲双胍" in str(followed.content) or "妊娠" in str(followed.content)


async def _both(url):
    async with openai.AsyncOpenAI(base_url=f"{url}/v1", api_key="any") as client:
        whole = await client.chat.completions.create(model="medication", messages=asked())
        stream = await client.chat.completions.create(model="medication", messages=asked(), stream=True)
        text = "".join([chunk.choices[0].delta.content or "" async for chunk in stream])
    return whole.choices[0].message.content, text


def test_the_asynchronous_client_too(service):
    import asyncio
    from concurrent.futures import ThreadPoolExecutor

    with ThreadPoolExecutor(1) as alone:  # the browser tests' Playwright may keep a loop running in this thread
        whole, streamed = alone.submit(lambda: asyncio.run(_both(service.url))).result()
    assert whole == streamed
