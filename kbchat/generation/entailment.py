"""Does a passage bear a sentence out? Answered by a cross-encoder trained on natural language inference.

Any sequence-classification checkpoint of transformers whose labels name entailment. It reads premise and hypothesis
together, unlike an embedding, which sees them apart. Nothing is imported or loaded before the first pair is judged.
"""

from __future__ import annotations

import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from kbchat.errors import GeneratorError
from kbchat.generation.loading import quiet
from kbchat.messages import Bilingual
from kbchat.settings import GenerationSettings

_LONGEST_PAIR = 512
"""Tokens of a pair; the longer of the two is cut."""
_BATCH = 16
_LONGEST_CAUSE = 300
_OFFSET_POSITIONS = ("roberta", "camembert")
"""Families of models whose positions start behind the padding id, which takes two of those they declare."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """Probabilities (0 to 1) that a premise entails a hypothesis and that it contradicts it."""

    entailment: float
    contradiction: float

    @property
    def contradicts(self) -> bool:
        """Whether contradiction is the likeliest of all."""
        return self.contradiction > max(self.entailment, 1 - self.entailment - self.contradiction)


class EntailmentModel(Protocol):
    """Judges pairs of premise and hypothesis."""

    def judge(self, pairs: Sequence[tuple[str, str]]) -> list[Verdict]:
        """One verdict for each (premise, hypothesis). Raises GeneratorError."""


@dataclass(frozen=True, slots=True)
class _Loaded:
    tokenizer: Any
    model: Any
    entailment: int
    contradiction: int | None
    longest: int


class CrossEncoder:
    """A sequence-classification model of transformers. May be shared by threads, which take turns."""

    def __init__(self, path_or_name: str, settings: GenerationSettings) -> None:
        """``settings`` tell where it lies and whether a name may be downloaded (``device_map``, ``allow_download``)."""
        self._place = path_or_name.strip()
        self._settings = settings
        self._lock = threading.Lock()
        self._loaded: _Loaded | None = None

    @property
    def name(self) -> str:
        """As in the setting."""
        return self._place

    def load(self) -> None:
        """Load the model unless it is loaded. Raises GeneratorError when it is missing or no entailment model."""
        with self._lock:
            self._ready()

    def judge(self, pairs: Sequence[tuple[str, str]]) -> list[Verdict]:
        """One verdict for each (premise, hypothesis). Raises GeneratorError."""
        with self._lock:
            loaded = self._ready()
            verdicts: list[Verdict] = []
            for start in range(0, len(pairs), _BATCH):
                verdicts += self._judged(loaded, pairs[start : start + _BATCH])
            return verdicts

    def _judged(self, loaded: _Loaded, pairs: Sequence[tuple[str, str]]) -> list[Verdict]:
        import torch  # noqa: PLC0415 - seconds to import

        premises, hypotheses = [pair[0] for pair in pairs], [pair[1] for pair in pairs]
        try:
            with torch.inference_mode():
                encoded = loaded.tokenizer(
                    premises,
                    hypotheses,
                    truncation="longest_first",
                    max_length=loaded.longest,
                    padding=True,
                    return_tensors="pt",
                ).to(loaded.model.device)
                shares = torch.softmax(loaded.model(**encoded).logits.float(), dim=-1).tolist()
        except (RuntimeError, IndexError, ValueError) as error:  # out of memory, tokens the model has no weights for
            raise self._unusable(str(error) or type(error).__name__) from error
        return [
            Verdict(row[loaded.entailment], 0.0 if loaded.contradiction is None else row[loaded.contradiction])
            for row in shares
        ]

    def _ready(self) -> _Loaded:
        if self._loaded is None:
            self._loaded = self._load()
        return self._loaded

    def _load(self) -> _Loaded:
        try:
            from transformers import AutoModelForSequenceClassification, AutoTokenizer  # noqa: PLC0415
        except ImportError as error:
            raise _not_installed() from error
        folder = Path(self._place).expanduser()
        place = str(folder) if folder.is_dir() else self._place
        offline = not self._settings.allow_download
        if offline and not folder.is_dir() and (folder.is_absolute() or self._place.startswith((".", "~"))):
            raise self._unusable("there is no such folder")
        try:
            with quiet():
                tokenizer = AutoTokenizer.from_pretrained(place, local_files_only=offline)
                model, report = AutoModelForSequenceClassification.from_pretrained(
                    place, local_files_only=offline, output_loading_info=True
                )
        except ImportError as error:
            raise _not_installed() from error
        except Exception as error:  # what transformers raises for a folder of something else is of many kinds
            raise self._unusable(str(error) or type(error).__name__) from error
        if report["missing_keys"]:  # transformers fills them with random numbers and goes on
            raise self._unusable("it is no classification model: its weights lack " + sorted(report["missing_keys"])[0])
        entailment, contradiction = self._labels(model.config.id2label)
        model.eval()
        return _Loaded(
            tokenizer, _placed(model, self._settings.device_map), entailment, contradiction, _longest(tokenizer, model)
        )

    def _labels(self, id2label: Mapping[int, str]) -> tuple[int, int | None]:
        """Where entailment and contradiction stand among the model's labels; not every model has the latter."""
        places = {_kind(label): int(number) for number, label in id2label.items()}
        if "entailment" not in places:
            shown = ", ".join(str(label) for label in id2label.values())
            raise self._unusable(f"none of its labels ({shown}) names entailment")
        return places["entailment"], places.get("contradiction")

    def _unusable(self, cause: str) -> GeneratorError:
        line = next((line.strip() for line in cause.splitlines() if line.strip()), cause)[:_LONGEST_CAUSE].rstrip(".")
        return GeneratorError(
            Bilingual(
                f"The entailment model {self._place!r} cannot be used: {line}.",
                f"无法使用蕴含判断模型 {self._place!r}：{line}。",
            ),
            Bilingual(
                "Give the folder of a sequence-classification model trained on NLI in answer.support_model, or leave it "
                "empty. A model given by name is fetched only with generation.allow_download.",
                "请在 answer.support_model 中指定 NLI 序列分类模型的目录，或将其留空。"
                "按名称指定的模型仅在开启 generation.allow_download 时下载。",
            ),
        )


def _kind(label: str) -> str:
    """``entailment``, ``contradiction`` or the label itself, folded: "not_entailment" is neither."""
    folded = label.strip().lower()
    if folded.startswith(("entail", "蕴含")):
        return "entailment"
    return "contradiction" if folded.startswith(("contradict", "矛盾")) else folded


def _placed(model: Any, device_map: str) -> Any:
    """The model on its device: a graphics card where there is one, unless the setting names another."""
    import torch  # noqa: PLC0415

    if device_map == "cpu" or device_map.startswith("cuda"):
        return model.to(device_map)
    return model.to("cuda") if torch.cuda.is_available() else model


def _longest(tokenizer: Any, model: Any) -> int:
    """Tokens of a pair that tokenizer and model both take."""
    positions = getattr(model.config, "max_position_embeddings", None) or _LONGEST_PAIR
    if any(name in model.config.model_type for name in _OFFSET_POSITIONS):
        positions -= 2
    return int(min(_LONGEST_PAIR, tokenizer.model_max_length, positions))


def _not_installed() -> GeneratorError:
    return GeneratorError(
        Bilingual(
            "answer.support_model needs packages that are not installed (transformers, torch).",
            "answer.support_model 所需的软件包（transformers、torch）未安装。",
        ),
        Bilingual(
            "Install them with `pip install 'kbchat[local]'`, or leave answer.support_model empty.",
            "请运行 `pip install 'kbchat[local]'` 安装，或将 answer.support_model 留空。",
        ),
    )
