"""Weights of the small models that ship with kbchat: read, and believed only as they were shipped.

A model has two files in one folder: the tensors (safetensors), and a JSON manifest that names their SHA-256 and the features
they belong to beside whatever the model needs.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from importlib import resources
from pathlib import Path
from typing import TYPE_CHECKING, Any

from kbchat.errors import ConfigurationError
from kbchat.messages import Bilingual

if TYPE_CHECKING:
    from numpy.typing import NDArray


@dataclass(frozen=True, slots=True)
class ShippedWeights:
    """The two files of one model, and the words to say that they are damaged.

    Attributes:
        tensors: name of the safetensors file.
        manifest: name of the JSON file.
        what: which weights they are, as "The weights … in FOLDER" and "FOLDER 中…的权重" go on.
        made_from: after a change of what they are fitted again.
        script: with which script.
    """

    tensors: str
    manifest: str
    what: Bilingual
    made_from: Bilingual
    script: str

    def read(
        self, folder: Path, features: str, *, keep_bytes: bool = False
    ) -> tuple[Mapping[str, Any], dict[str, NDArray[Any]]]:
        """The manifest and the tensors in ``folder``, for a model over ``features``.

        Args:
            folder: where both files lie.
            features: the mark of the features that the model is to read.
            keep_bytes: leave tensors of 8-bit numbers as they are; all others become float32.

        Raises:
            ConfigurationError: a file is missing, torn or changed, or belongs to other features than these.
        """
        # numpy and safetensors take a moment to load, which reading the callers' modules need not pay.
        import numpy as np  # noqa: PLC0415
        from safetensors import SafetensorError  # noqa: PLC0415
        from safetensors.numpy import load  # noqa: PLC0415

        try:
            manifest = json.loads((folder / self.manifest).read_text(encoding="utf-8"))
            content = (folder / self.tensors).read_bytes()
            expected, mark = str(manifest["sha256"]), str(manifest["features"])
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise self.damaged(folder, str(error)) from error
        found = hashlib.sha256(content).hexdigest()
        if found != expected:
            raise self.damaged(folder, f"{self.tensors} has SHA-256 {found[:12]}…, {expected[:12]}… was expected")
        if mark != features:
            raise self.damaged(folder, f"the weights belong to features {mark}, these are {features}")
        try:
            tensors = load(content)
        except SafetensorError as error:
            raise self.damaged(folder, str(error)) from error
        kept = np.int8 if keep_bytes else None
        return manifest, {
            name: one if kept is not None and one.dtype == kept else one.astype(np.float32)
            for name, one in tensors.items()
        }

    def damaged(self, folder: Path, cause: str) -> ConfigurationError:
        """The error that says so, with what to do."""
        again = "`pip install --force-reinstall --no-deps kbchat`"
        return ConfigurationError(
            Bilingual(
                f"The weights {self.what.en} in {folder} are not as they were shipped: {cause}.",
                f"{folder} 中{self.what.zh}的权重与发布时不一致：{cause}。",
            ),
            Bilingual(
                f"Install kbchat again ({again}); after a change of the {self.made_from.en}, run {self.script}.",
                f"请重新安装 kbchat（{again}）；若修改过{self.made_from.zh}，请运行 {self.script}。",
            ),
        )


def shipped_folder() -> Path:
    """Where the weights lie that ship with kbchat."""
    return Path(str(resources.files("kbchat.medical").joinpath("data")))
