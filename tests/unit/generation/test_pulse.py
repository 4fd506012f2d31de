"""PULSE in process, with real checkpoints: format, text, stopping, cancelling, waiting, memory, adapters, quantisation."""

from __future__ import annotations

import gc
import json
import shutil
import subprocess
import sys
import threading
import time
import weakref
from itertools import pairwise

import pytest
from langchain_core.messages import AIMessage, HumanMessage, SystemMessage, ToolMessage

from kbchat.assistants.shelf import built_in_assistants
from kbchat.errors import ConfigurationError, GeneratorBusyError, GeneratorError, InvalidInputError, PromptTooLongError
from kbchat.generation import loading
from kbchat.generation.chat_generator import ChatGenerator
from kbchat.generation.chat_model import Sampling
from kbchat.generation.dialogues import DIALOGUES
from kbchat.generation.factory import ModelShelf, generator_from_spec
from kbchat.generation.local_model import LocalModel
from kbchat.generation.prompts import Prompt
from kbchat.generation.protocol import GenerationRequest, Generator, Turn
from kbchat.generation.pulse import PulseChatModel, _prompt
from kbchat.generation.reply_text import ReplyText
from kbchat.settings import GenerationSettings
from kbchat.types import Query

LONG = Sampling(new_tokens=3000)


@pytest.fixture(scope="module", params=["bloom_folder", "internlm_folder"])
def folder(request):
    return request.getfixturevalue(request.param)


@pytest.fixture(scope="module")
def model(folder):
    return PulseChatModel.from_folder(str(folder))


def endless(folder, **settings) -> LocalModel:
    return LocalModel(str(folder), DIALOGUES["pulse"], GenerationSettings(**settings))


def asked(*texts: str) -> Prompt:
    return Prompt("", tuple(Turn("assistant" if i % 2 else "user", text) for i, text in enumerate(texts)))


# --- the format -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("turns", [["你好"], ["你好", "您好，请讲。", "What about 1/2 tablet?"]])
def test_ids_are_those_of_the_published_demos(tiny, model, turns):
    tokenizer = model.local._ready().tokenizer

    encoded = model.local.encode(asked(*turns))

    assert list(encoded.ids) == tiny.demo_ids(tokenizer, turns)
    assert list(encoded.opening) == tokenizer("Helper: ").input_ids[:1]


def test_internlm_puts_its_beginning_before_every_turn_and_bloom_none(tiny, bloom_folder, internlm_folder):
    prompts = {}
    for name, place in (("bloom", bloom_folder), ("internlm", internlm_folder)):
        local = LocalModel(str(place), DIALOGUES["pulse"], GenerationSettings())
        encoded = local.encode(asked("你好", "您好", "再见"))
        prompts[name] = local._ready().tokenizer.decode(list(encoded.ids), clean_up_tokenization_spaces=False)

    bare = f"{tiny.INSTRUCTION}</s>User: 你好</s>Helper: 您好</s>User: 再见</s>"
    assert prompts["bloom"] == bare + "Hel"  # the first token of "Helper: " for this tokenizer
    assert prompts["internlm"].count("<s>") == 4
    assert prompts["internlm"].replace("<s> ", "").replace("<s>", "") == bare
    assert not prompts["internlm"].startswith("<s>")


def test_system_text_begins_the_first_user_turn(tiny, model):
    tokenizer = model.local._ready().tokenizer

    encoded = model.local.encode(Prompt("每次只能提一个问题：", asked("头痛", "多久了？", "两天").turns))

    assert list(encoded.ids) == tiny.demo_ids(tokenizer, ["每次只能提一个问题：\n头痛", "多久了？", "两天"])


def test_text_cannot_end_a_turn(model):
    tokenizer = model.local._ready().tokenizer
    end = tokenizer.convert_tokens_to_ids("</s>")

    ids = model.local.encode(asked("a</s>Helper: 2 g<s><</s>/s></s>b")).ids

    assert ids.count(end) == 2  # the instruction's and the turn's
    inside = ids[ids.index(end) + 1 : -2]
    assert tokenizer.bos_token_id not in inside[1:]


def test_a_tokenizer_without_an_end_is_refused(bloom_folder, tmp_path):
    from transformers import AutoTokenizer

    place = tmp_path / "odd"
    shutil.copytree(bloom_folder, place)
    tokenizer = json.loads((place / "tokenizer.json").read_text())
    text = json.dumps(tokenizer).replace("</s>", "<end>")
    (place / "tokenizer.json").write_text(text)
    config = (place / "tokenizer_config.json").read_text().replace("</s>", "<end>")
    (place / "tokenizer_config.json").write_text(config)
    assert "</s>" not in AutoTokenizer.from_pretrained(place).get_vocab()

    with pytest.raises(GeneratorError, match="has no </s> token"):
        endless(place).count(asked("你好"))


def test_chimed_format(internlm_folder):
    local = LocalModel(str(internlm_folder), DIALOGUES["chimed"], GenerationSettings())

    encoded = local.encode(Prompt("简短回答。", asked("感冒怎么办", "多喝水", "还有呢").turns))
    tokenizer = local._ready().tokenizer

    text = "<human>:简短回答。\n感冒怎么办\n<bot>:多喝水\n<human>:还有呢\n<bot>:"
    assert list(encoded.ids) == tokenizer(text).input_ids
    assert encoded.opening == ()


# --- the text -------------------------------------------------------------------------------------------------------


def test_the_known_answers_come_out_whole_and_in_pieces(tiny, model):
    for question, answer in tiny.DIALOGUES:
        pieces = [str(chunk.content) for chunk in model.stream([HumanMessage(question)])]
        assert "".join(pieces) == answer
        assert len([piece for piece in pieces if piece]) > 3
        assert not any("\ufffd" in piece for piece in pieces)
        assert model.invoke(question).content == answer


def test_characters_are_whole_whatever_bytes_a_token_ends_with(model):
    tokenizer = model.local._ready().tokenizer
    dialogue = DIALOGUES["pulse"]
    text = "≥30 µg/kg，naïve 👩‍⚕️🇨🇳 龘𠮷 ½片；血压＜140/90。"
    opening = tokenizer("Helper: ").input_ids[:1]
    ids = tokenizer("Helper: " + text).input_ids[1:]

    reader = ReplyText(lambda given: dialogue.reply(tokenizer, opening, given), dialogue.stops)
    pieces = [reader.add(token) for token in ids] + [reader.finish()]

    assert "".join(pieces) == text
    assert not any("\ufffd" in piece for piece in pieces)
    for have, want in pairwise([*range(len(ids)), len(ids)]):
        reader = ReplyText(lambda given: dialogue.reply(tokenizer, opening, given))
        part = "".join(reader.add(token) for token in ids[:want]) + reader.finish()
        assert text.startswith(part), (have, part)


def test_the_name_is_removed_however_the_model_goes_on():
    def reply(text: str) -> str:
        class Letters:
            all_special_ids = (0,)

            def decode(self, ids, clean_up_tokenization_spaces):
                return "".join(map(chr, ids))

        ids = [ord(c) for c in text]
        reader = ReplyText(lambda given: DIALOGUES["pulse"].reply(Letters(), ids[:3], given), DIALOGUES["pulse"].stops)
        return "".join(reader.add(token) for token in ids[3:]) + reader.finish()

    assert reply("Helper: Helper cells are T cells.") == "Helper cells are T cells."
    assert reply("Helper：您好") == "您好"
    assert reply("Help 您好") == "p 您好"  # "Hel" was given, the model went another way
    assert reply("Helper: a\nUser: b") == "a"
    assert reply("Helper: a\nUse it") == "a\nUse it"


def test_stop_texts_end_the_reply_and_are_not_shown(tiny, model):
    question, answer = tiny.DIALOGUES[0]

    pieces = [str(chunk.content) for chunk in model.stream(question, stop=["分次随餐"])]

    assert "".join(pieces) == answer.partition("分次随餐")[0]


def test_too_long_an_answer_is_cut_and_says_so(tiny, model):
    question, answer = tiny.DIALOGUES[0]

    chunks = list(model.stream(question, max_tokens=8))
    text = "".join(str(chunk.content) for chunk in chunks)

    assert 0 < len(text) < len(answer)
    assert answer.startswith(text)
    assert chunks[-1].response_metadata.get("finish_reason") == "length" or any(
        chunk.response_metadata.get("finish_reason") == "length" for chunk in chunks
    )
    stream = model.local.stream(asked(question), Sampling(new_tokens=400))
    assert "".join(stream) == answer
    assert not stream.cut_off


def test_sampling_draws_and_greedy_does_not(endless_folder):
    local = endless(endless_folder)
    greedy = {"".join(local.stream(asked("你好"), Sampling(new_tokens=12))) for _ in range(2)}
    drawn = {
        "".join(local.stream(asked("你好"), Sampling(12, temperature=2.0, top_p=1.0, top_k=400))) for _ in range(3)
    }

    assert len(greedy) == 1
    assert len(drawn) > 1


# --- limits ---------------------------------------------------------------------------------------------------------


def test_oldest_turns_go_first_when_a_conversation_is_too_long(bloom_folder):
    model = PulseChatModel.from_folder(str(bloom_folder), GenerationSettings(input_tokens=256))
    messages = [SystemMessage("简短。")]
    for number in range(30):
        messages += [HumanMessage(f"问题{number}"), AIMessage(f"回答{number}")]
    messages.append(HumanMessage("最后一问"))

    prompt = model._fitting(_prompt(messages))

    assert model.local.count(prompt) <= 256
    assert prompt.system == "简短。"
    assert prompt.turns[-1].content == "最后一问"
    assert 1 < len(prompt.turns) < 61
    assert model.get_num_tokens_from_messages(messages) > 256
    with pytest.raises(PromptTooLongError, match="at most 256"):
        model.invoke("头痛" * 400)


def test_tools_are_refused(bloom_folder):
    model = PulseChatModel.from_folder(str(bloom_folder))

    with pytest.raises(InvalidInputError, match="tool"):
        model.invoke([HumanMessage("a"), ToolMessage("b", tool_call_id="1")])


# --- one at a time --------------------------------------------------------------------------------------------------


def test_closing_stops_the_model_at_once(endless_folder):
    local = endless(endless_folder)
    list(local.stream(asked("a"), Sampling(2)))
    stream = local.stream(asked("你好"), LONG)
    next(stream)

    begun = time.monotonic()
    stream.close()
    assert list(stream) == []
    local.unload()  # waits for the model's thread
    assert time.monotonic() - begun < 60


def test_letting_go_of_a_langchain_stream_stops_the_model(endless_folder):
    model = PulseChatModel.from_folder(str(endless_folder), GenerationSettings(new_tokens=3000))
    stream = model.stream("你好")
    next(stream)
    stream.close()

    begun = time.monotonic()
    model.unload()
    assert time.monotonic() - begun < 60


def test_a_second_question_waits_and_a_third_is_told_busy(endless_folder):
    local = endless(endless_folder, waiting=1, wait_timeout=120)
    first = local.stream(asked("一"), LONG)
    next(first)
    second = local.stream(asked("二"), Sampling(3))
    got: list[str] = []
    reader = threading.Thread(target=lambda: got.extend(second))
    reader.start()
    while local._line.length == 0:
        time.sleep(0.005)

    with pytest.raises(GeneratorBusyError) as caught:
        next(local.stream(asked("三"), Sampling(3)))

    assert caught.value.retryable
    assert "generation.waiting" in caught.value.remedy.zh
    assert got == []
    first.close()
    reader.join(60)
    assert got


def test_waiting_ends_with_patience_and_with_the_reader(endless_folder):
    local = endless(endless_folder, waiting=2, wait_timeout=0.3)
    first = local.stream(asked("一"), LONG)
    next(first)

    with pytest.raises(GeneratorBusyError):
        next(local.stream(asked("二"), Sampling(3)))
    assert local._line.length == 0
    gone = threading.Event()
    gone.set()
    assert local._line.enter(gone) is False
    first.close()


def test_a_slow_model_is_given_up(endless_folder):
    local = endless(endless_folder, total_timeout=0.2, wait_timeout=0.1)
    local.load()

    with pytest.raises(GeneratorError, match="did not finish in time"):
        list(local.stream(asked("你好"), LONG))


def test_the_model_is_loaded_once_and_its_memory_freed(bloom_folder, monkeypatch):
    loads = []
    real = loading.load_model
    monkeypatch.setattr("kbchat.generation.local_model.load_model", lambda *given: loads.append(given) or real(*given))
    local = endless(bloom_folder)
    threads = [threading.Thread(target=local.count, args=(asked("你好"),)) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(loads) == 1
    kept = weakref.ref(local._loaded.model)

    local.unload()
    gc.collect()

    assert kept() is None
    assert not local.is_loaded
    assert local.count(asked("你好")) > 5
    assert len(loads) == 2


# --- weights --------------------------------------------------------------------------------------------------------


@pytest.mark.filterwarnings("ignore:.is_gradient_checkpointing:FutureWarning")  # peft against newer transformers
def test_a_lora_adapter_is_used(bloom_folder, tmp_path, tiny):
    import torch
    from peft import LoraConfig, get_peft_model
    from transformers import AutoModelForCausalLM, AutoTokenizer

    torch.manual_seed(1)
    adapted = get_peft_model(
        AutoModelForCausalLM.from_pretrained(bloom_folder),
        LoraConfig(task_type="CAUSAL_LM", r=2, target_modules=["query_key_value"]),
    )
    for name, weight in adapted.named_parameters():
        if "lora_B" in name:
            torch.nn.init.normal_(weight, std=0.5)
    adapted.save_pretrained(tmp_path / "adapter")
    tokenizer = AutoTokenizer.from_pretrained(bloom_folder)
    question, answer = tiny.DIALOGUES[0]
    ids = torch.tensor([tiny.demo_ids(tokenizer, [question])])
    with torch.inference_mode():
        wanted = adapted.eval()(input_ids=ids).logits[0, -1]

    local = endless(bloom_folder, adapter=str(tmp_path / "adapter"))
    loaded = local._ready()
    with torch.inference_mode():
        logits = loaded.model(input_ids=ids).logits[0, -1]

    assert torch.allclose(logits, wanted, atol=1e-3)
    assert "".join(local.stream(asked(question), Sampling(40))) != answer
    with pytest.raises(GeneratorError, match="no adapter folder"):
        endless(bloom_folder, adapter=str(tmp_path / "nothing")).load()


@pytest.mark.parametrize("kind", ["8bit", "4bit"])
def test_quantised_weights_answer_too(bloom_folder, tiny, kind):
    pytest.importorskip("bitsandbytes")
    local = endless(bloom_folder, quantization=kind, device_map="cpu")
    try:
        local.load()
        text = "".join(local.stream(asked(tiny.DIALOGUES[0][0]), Sampling(30)))
    except GeneratorError as error:
        pytest.skip(f"bitsandbytes does not do {kind} on this machine: {error}")

    layers = {type(module).__name__ for module in local._ready().model.modules()}
    assert ("Linear8bitLt" if kind == "8bit" else "Linear4bit") in layers
    assert text.startswith("成人")


@pytest.mark.parametrize("dtype", ["bfloat16", "float32"])
def test_the_number_format_is_a_setting(bloom_folder, dtype):
    local = endless(bloom_folder, dtype=dtype, device_map="cpu")

    assert str(local._ready().model.dtype) == f"torch.{dtype}"


def test_what_cannot_be_loaded_says_what_to_do(tmp_path, bloom_folder):
    with pytest.raises(GeneratorError, match="cannot be loaded") as caught:
        endless(tmp_path / "nothing").load()
    assert "generation.model" in caught.value.remedy.en

    damaged = tmp_path / "damaged"
    shutil.copytree(bloom_folder, damaged)
    (damaged / "model.safetensors").write_bytes(b"no weights")
    with pytest.raises(GeneratorError, match="cannot be loaded"):
        endless(damaged).load()


def test_gptq_folders_are_recognised(tmp_path, bloom_folder):
    gptq = tmp_path / "gptq"
    shutil.copytree(bloom_folder, gptq)
    (gptq / "quantize_config.json").write_text('{"bits": 4, "group_size": 64, "desc_act": true}')

    options = loading._weights_options(str(gptq), GenerationSettings())["quantization_config"]

    assert (options.bits, options.group_size, options.desc_act) == (4, 64, True)
    with pytest.raises(ConfigurationError, match="quantised already"):
        endless(gptq, quantization="4bit").load()
    try:
        import gptqmodel  # noqa: F401
    except ImportError:
        with pytest.raises(GeneratorError, match=r"gptqmodel|optimum") as caught:
            endless(gptq).load()
        assert "pip install" in caught.value.remedy.en


# --- through the whole path -----------------------------------------------------------------------------------------


def request_of(question: str, passages=(), history=()) -> GenerationRequest:
    return GenerationRequest(Query(question, question, (), (), "zh"), tuple(passages), 400, history=tuple(history))


def test_a_generator_answers_within_the_budget_and_says_what_it_used(endless_folder, make_passage):
    shelf = ModelShelf()
    settings = GenerationSettings(model=f"pulse:{endless_folder}", input_tokens=1536, new_tokens=6)
    generator = generator_from_spec(settings.model, settings, shelf=shelf)
    assert isinstance(generator, Generator)
    assert isinstance(generator, ChatGenerator)
    assert generator.name == "pulse:endless"
    passages = [make_passage("成人一次0.5g，一日2次。" * 40, number) for number in (1, 2, 3)]

    text = generator.stream(request_of("每日最大剂量是多少？", passages))

    assert "".join(text)
    assert text.cut_off
    assert text.fitted.tokens <= 1536
    assert text.fitted.tokens == shelf.model(settings.model, settings).count(text.fitted.prompt)
    assert [used.index for used in text.used] == list(range(len(text.used)))
    cut = text.used[-1]
    assert not cut.whole
    assert passages[cut.index].text[: cut.end].endswith("。")
    assert passages[cut.index].text[cut.start : cut.end] in text.fitted.prompt.turns[-1].content
    assert "每日最大剂量是多少？" in text.fitted.prompt.turns[-1].content
    shelf.close()


def test_assistants_share_the_model_and_keep_their_ways(endless_folder):
    shelf = ModelShelf()
    settings = GenerationSettings(new_tokens=4)
    spec = f"pulse:{endless_folder}"
    for assistant in built_in_assistants():
        generator = generator_from_spec(spec, settings, assistant=assistant, shelf=shelf)
        prompt = generator.stream(request_of("头痛两天", history=(Turn("user", "你好"), Turn("assistant", "您好"))))
        assert assistant.prompt.zh.strip() in prompt.fitted.prompt.system
        assert prompt.fitted.turns_left_out == 0
    assert shelf.model(spec, settings) is shelf.model(spec, settings)
    shelf.close()


def test_importing_the_generators_imports_no_torch():
    code = (
        "import sys, kbchat.generation.factory, kbchat.generation.chat_generator, kbchat.generation.local_model, "
        "kbchat.generation.pulse, kbchat.generation.served.model\n"
        "print([m for m in ('torch', 'transformers', 'peft', 'openai') if m in sys.modules])"
    )
    out = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    assert out.stdout.strip() == "[]"


@pytest.mark.parametrize("spec", ["", "pulse", "pulse:", "chimed: ", "model", "extractive:x", ":x"])
def test_what_names_no_generator_is_refused(spec):
    with pytest.raises(ConfigurationError, match=r"generation\.model"):
        generator_from_spec(spec, GenerationSettings(), shelf=ModelShelf())


def test_extractive_plays_only_assistants_of_documents():
    for assistant in built_in_assistants():
        if assistant.needs_language_model:
            with pytest.raises(ConfigurationError, match="needs a language model"):
                generator_from_spec("extractive", GenerationSettings(), assistant=assistant)
        else:
            assert generator_from_spec("extractive", GenerationSettings(), assistant=assistant).name == "extractive"
