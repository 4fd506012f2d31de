"""Loading a causal language model with transformers: number format, devices, quantisation, LoRA adapter.

The only place, with :mod:`kbchat.generation.local_model`, that imports torch; nothing does so before a model is used.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from kbchat.errors import ConfigurationError, GeneratorError
from kbchat.messages import Bilingual
from kbchat.settings import GenerationSettings

_LONGEST_CAUSE = 300


@dataclass(frozen=True, slots=True)
class LoadedModel:
    """A tokenizer and a model in evaluation mode."""

    tokenizer: Any
    model: Any


def load_model(path_or_name: str, settings: GenerationSettings) -> LoadedModel:
    """Load tokenizer, weights and adapter. Raises GeneratorError, ConfigurationError."""
    try:
        from transformers import AutoModelForCausalLM, AutoTokenizer  # noqa: PLC0415 - torch takes seconds to import
    except ImportError as error:
        raise _not_installed("transformers") from error
    place = str(Path(path_or_name).expanduser()) if Path(path_or_name).expanduser().is_dir() else path_or_name
    common = {
        "local_files_only": not settings.allow_download,
        "trust_remote_code": settings.trust_remote_code,
    }
    options = _weights_options(place, settings)
    try:
        with quiet():
            tokenizer = AutoTokenizer.from_pretrained(place, **common)
            model: Any = AutoModelForCausalLM.from_pretrained(place, **common, **options)
            if settings.adapter:
                model = _with_adapter(model, settings, merge="quantization_config" not in options)
    except ImportError as error:
        raise _not_installed(str(error)) from error
    except Exception as error:  # a model folder may bring its own code, which can raise anything
        raise _unusable(path_or_name, error) from error
    model.eval()
    return LoadedModel(tokenizer, model)


def _weights_options(place: str, settings: GenerationSettings) -> dict[str, Any]:
    options: dict[str, Any] = {"dtype": settings.dtype, "device_map": settings.device_map}
    stored = _stored_quantization(Path(place))
    if settings.quantization == "none":
        if stored is not None:
            options["quantization_config"] = stored
        return options
    if stored is not None or _says_quantized(Path(place)):
        raise ConfigurationError(
            Bilingual(
                f"The model in {place} is quantised already; generation.quantization asks for {settings.quantization}.",
                f"{place} 中的模型已经量化，而 generation.quantization 设为 {settings.quantization}。",
            ),
            Bilingual("Set generation.quantization to 'none'.", "请将 generation.quantization 设为 'none'。"),
        )
    from transformers import BitsAndBytesConfig  # noqa: PLC0415

    configuration: Any = BitsAndBytesConfig
    if settings.quantization == "8bit":
        options["quantization_config"] = configuration(load_in_8bit=True)
    else:
        compute = {} if settings.dtype == "auto" else {"bnb_4bit_compute_dtype": settings.dtype}
        options["quantization_config"] = configuration(
            load_in_4bit=True, bnb_4bit_quant_type="nf4", bnb_4bit_use_double_quant=True, **compute
        )
    return options


def _stored_quantization(folder: Path) -> Any:
    """A GPTQ configuration for folders that tell it only in AutoGPTQ's ``quantize_config.json``; else None."""
    values = _json(folder / "quantize_config.json")
    if not values or _says_quantized(folder):
        return None
    from transformers import GPTQConfig  # noqa: PLC0415

    return GPTQConfig(
        bits=int(values.get("bits", 4)),
        group_size=int(values.get("group_size", 128)),
        desc_act=bool(values.get("desc_act", False)),
        sym=bool(values.get("sym", True)),
    )


def _says_quantized(folder: Path) -> bool:
    return "quantization_config" in _json(folder / "config.json")


def _json(path: Path) -> dict[str, Any]:
    try:
        values = json.loads(path.read_text("utf-8"))
    except (OSError, ValueError):  # absent, or a name instead of a folder; a broken one is reported by the loader
        return {}
    return values if isinstance(values, dict) else {}


def _with_adapter(model: Any, settings: GenerationSettings, *, merge: bool) -> Any:
    """The model with its LoRA adapter; merged into weights that are not quantised, which makes it as fast as before."""
    from peft import PeftModel  # noqa: PLC0415

    place = Path(settings.adapter).expanduser()
    if not place.is_dir() and not settings.allow_download:
        raise FileNotFoundError(f"there is no adapter folder {settings.adapter}")
    adapted = PeftModel.from_pretrained(
        model, str(place) if place.is_dir() else settings.adapter, local_files_only=not settings.allow_download
    )
    return adapted.merge_and_unload() if merge else adapted


@contextmanager
def quiet() -> Iterator[None]:
    """No progress bars of transformers on the terminal."""
    from transformers.utils import logging as transformers_logging  # noqa: PLC0415

    logging: Any = transformers_logging
    shown = logging.is_progress_bar_enabled()
    logging.disable_progress_bar()
    try:
        yield
    finally:
        if shown:
            logging.enable_progress_bar()


def _not_installed(what: str) -> GeneratorError:
    return GeneratorError(
        Bilingual(
            f"A package for local language models is missing: {_first_line(what)}.",
            f"缺少运行本地语言模型所需的软件包：{_first_line(what)}。",
        ),
        Bilingual(
            "Install them with `pip install 'kbchat[local]'`; GPTQ folders need `pip install gptqmodel optimum` as well.",
            "请运行 `pip install 'kbchat[local]'` 安装；GPTQ 模型还需 `pip install gptqmodel optimum`。",
        ),
    )


def _unusable(path_or_name: str, error: Exception) -> GeneratorError:
    cause = _first_line(str(error) or type(error).__name__)
    return GeneratorError(
        Bilingual(
            f"The language model {path_or_name!r} cannot be loaded: {cause}.",
            f"无法加载语言模型 {path_or_name!r}：{cause}。",
        ),
        Bilingual(
            "Give the folder of a transformers model in generation.model (and of a peft adapter in generation.adapter). "
            "A model that brings its own code needs generation.trust_remote_code, a download generation.allow_download.",
            "请在 generation.model 中指定 transformers 模型目录（generation.adapter 中指定 peft 适配器目录）。"
            "自带代码的模型需开启 generation.trust_remote_code，联网下载需开启 generation.allow_download。",
        ),
    )


def _first_line(text: str) -> str:
    line = next((line.strip() for line in text.splitlines() if line.strip()), text)
    return line[:_LONGEST_CAUSE].rstrip(".")
