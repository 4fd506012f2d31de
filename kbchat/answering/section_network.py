"""The small network that reads a question for the section it asks for; numpy alone, about half a millisecond a question.

Three views of the masked question (``X`` a drug, ``Y`` a disease) are put together: hashed features through one hidden layer, and
past it straight to the scores (a wide and deep model, Cheng et al. 2016, arXiv:1606.07792); the vectors of its tokens in the
built-in embedding through a convolution over three tokens with the largest and the mean response (Kim 2014, arXiv:1408.5882); and
the mean of those vectors. A second, short vector of each token is learned along, for what the embedding does not tell. Fitted by
``scripts/train_sections.py``.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

MOST_TOKENS: Final = 40
"""Of a longer question the beginning is read."""
WINDOW: Final = 3
QUANTISED: Final = ("hidden", "straight", "tuned")
"""Tables kept as int8 with one factor a column, ``NAME.scales``."""
TENSORS: Final = (
    *QUANTISED,
    *(f"{name}.scales" for name in QUANTISED),
    "hidden.bias",
    "window",
    "window.bias",
    "out",
    "out.bias",
)


@dataclass(frozen=True, slots=True)
class SectionNetwork:
    """One network; H hidden units, C responses, O outcomes, E the embedding's dimension, T that of the learned token vectors.

    Attributes:
        tensors: ``hidden`` (features, H) and ``straight`` (features, O): a row for each bucket and for each outcome of the turn
            before; ``tuned`` (tokens, T); ``window`` (WINDOW * (E + T), C); ``out`` (H + 2 C + E, O); factors and biases.
    """

    tensors: Mapping[str, NDArray[Any]]

    def scores(
        self, features: Mapping[int, float], tokens: NDArray[np.int32], vectors: NDArray[np.float32]
    ) -> NDArray[np.float32]:
        """Scores of the outcomes, shape (O,).

        Args:
            features: rows of ``hidden`` and ``straight`` with their values.
            tokens: numbers of the question's tokens, shape (n,).
            vectors: their unit vectors, shape (n, E).
        """
        import numpy as np  # noqa: PLC0415 - reading the module need not pay for it

        rows = np.fromiter(features, np.int64, len(features))
        values = np.fromiter(features.values(), np.float32, len(features))
        hidden = np.tanh(values @ self._rows("hidden", rows) + self.tensors["hidden.bias"])
        read = np.concatenate((hidden, *self._responses(tokens, vectors), _unit(vectors.sum(axis=0))))
        found: NDArray[np.float32] = (
            read @ self.tensors["out"] + self.tensors["out.bias"] + values @ self._rows("straight", rows)
        )
        return found

    def _rows(self, name: str, rows: NDArray[np.int64] | NDArray[np.int32]) -> NDArray[np.float32]:
        found: NDArray[np.float32] = self.tensors[name][rows] * self.tensors[f"{name}.scales"]
        return found

    def _responses(
        self, tokens: NDArray[np.int32], vectors: NDArray[np.float32]
    ) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
        """The largest and the mean response to three tokens in a row, each of shape (C,)."""
        import numpy as np  # noqa: PLC0415

        bias = self.tensors["window.bias"]
        if not len(tokens):
            return np.zeros(bias.shape, np.float32), np.zeros(bias.shape, np.float32)
        read = np.concatenate((vectors, self._rows("tuned", tokens)), axis=1)
        padded = np.pad(read, ((1, 1), (0, 0)))
        stretches = np.concatenate([padded[shift : shift + len(read)] for shift in range(WINDOW)], axis=1)
        responses = np.maximum(stretches @ self.tensors["window"] + bias, 0.0)
        return responses.max(axis=0), responses.sum(axis=0) / (len(tokens) + 1)


def _unit(vector: NDArray[np.float32]) -> NDArray[np.float32]:
    import numpy as np  # noqa: PLC0415

    return vector / np.float32(float(np.linalg.norm(vector)) + 1e-6)
