"""The folder of one knowledge base's index.

    manifest.json       which base and which way of cutting tokens the word index was made with, and its generation
    lexical/<n>/        tantivy, generation n; a rebuild makes a new one beside the old and then changes the manifest
    faiss/snapshot.npz  the vectors as of some change, with what identifies them
    write.lock          held while the folder is changed

Nothing in it is trusted: what is missing, damaged, of another base, of another version or from another history of the
same base (a restored backup) is told as None, and made anew from the store.
"""

from __future__ import annotations

import hashlib
import json
import shutil
import zipfile
import zlib
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np

from kbchat.atomic import replacing, write_bytes
from kbchat.index.attributes import VOCABULARY, Attributes
from kbchat.index.dense import DenseIndex
from kbchat.index.lexical import FIELDS
from kbchat.index.protocol import IndexIdentity
from kbchat.text.tokens import index_tokens

_VERSION = 1
_PROBE = (
    "盐酸二甲双胍缓释片（0.5g）每日2次，口服；肾功能不全者禁用。頭孢克洛顆粒。高血壓患者的血压控制在140/90mmHg以下。"
    "Do not exceed 2.5 mg/kg daily; patients with renal impairment, COVID-19 or CD4 counts below 200 were excluded."
)


@dataclass(frozen=True, slots=True)
class IndexFolder:
    """Where the parts of one index lie."""

    root: Path

    @property
    def lock(self) -> Path:
        """The lock of those who change the folder."""
        return self.root / "write.lock"

    @property
    def manifest(self) -> Path:
        """What tells which word index is the valid one."""
        return self.root / "manifest.json"

    @property
    def snapshot(self) -> Path:
        """The vectors."""
        return self.root / "faiss" / "snapshot.npz"

    def lexical(self, generation: int) -> Path:
        """A generation of the word index."""
        return self.root / "lexical" / str(generation)

    def create(self) -> None:
        """Make the folder. Raises OSError."""
        self.snapshot.parent.mkdir(parents=True, exist_ok=True)
        (self.root / "lexical").mkdir(exist_ok=True)

    def generation(self, uid: str) -> int | None:
        """The valid generation of the word index of base ``uid``; None when there is none to be trusted."""
        told = self._read_manifest()
        if told.get("version") == _VERSION and told.get("uid") == uid and told.get("tokens") == token_fingerprint():
            generation = told.get("generation")
            return generation if isinstance(generation, int) else None
        return None

    def next_generation(self) -> int:
        """A number that no generation has, with an empty folder for it. Raises OSError."""
        taken = [int(path.name) for path in (self.root / "lexical").iterdir() if path.name.isdecimal()]
        generation = max(taken, default=0) + 1
        self.lexical(generation).mkdir()
        return generation

    def declare(self, uid: str, generation: int) -> None:
        """Make ``generation`` the valid one and delete the others. Raises OSError."""
        told = {"version": _VERSION, "uid": uid, "tokens": token_fingerprint(), "generation": generation}
        write_bytes(self.manifest, json.dumps(told).encode())
        for path in (self.root / "lexical").iterdir():
            if path.name != str(generation):
                shutil.rmtree(path, ignore_errors=True)

    def _read_manifest(self) -> dict[str, Any]:
        try:
            told = json.loads(self.manifest.read_bytes())
        except (OSError, ValueError):
            return {}
        return told if isinstance(told, dict) else {}


@dataclass(frozen=True, slots=True)
class Snapshot:
    """Vectors as of a change."""

    dense: DenseIndex
    watermark: int
    stamp: str


def save_snapshot(path: Path, snapshot: Snapshot, identity: IndexIdentity) -> None:
    """Write a snapshot in one step. Raises OSError."""
    attributes = snapshot.dense.attributes
    told = {
        **_identity_told(identity),
        "watermark": snapshot.watermark,
        "stamp": snapshot.stamp,
        "trained": snapshot.dense.trained,
    }
    with replacing(path) as stream:
        np.savez(
            stream,
            told=np.frombuffer(json.dumps(told).encode(), np.uint8),
            engine=snapshot.dense.serialized(),
            ids=attributes.ids,
            documents=attributes.documents,
            document_kinds=attributes.document_kinds,
            section_kinds=attributes.section_kinds,
        )


def load_snapshot(path: Path, identity: IndexIdentity) -> Snapshot | None:
    """The snapshot at ``path``; None when it is missing, damaged (the zip container's checksums tell) or foreign."""
    try:
        # Opened here, because numpy leaves the file open when it finds that it is no archive.
        with path.open("rb") as stream, np.load(stream, allow_pickle=False) as stored:
            told = json.loads(stored["told"].tobytes())
            expected = _identity_told(identity)
            if {key: told.get(key) for key in expected} != expected:
                return None
            attributes = Attributes(
                stored["ids"], stored["documents"], stored["document_kinds"], stored["section_kinds"]
            )
            dense = DenseIndex.restored(identity.dimension, stored["engine"], attributes, int(told["trained"]))
        return Snapshot(dense, int(told["watermark"]), str(told["stamp"]))
    except (OSError, ValueError, KeyError, TypeError, EOFError, zipfile.BadZipFile, zlib.error, NotImplementedError):
        return None


def _identity_told(identity: IndexIdentity) -> dict[str, Any]:
    return {
        "version": _VERSION,
        "uid": identity.uid,
        "embedder": identity.embedder,
        "dimension": identity.dimension,
        "epoch": identity.epoch,
        "vocabulary": VOCABULARY,
    }


@cache
def token_fingerprint() -> str:
    """Changes when texts are cut in another way, so that an index and a question always use the same tokens."""
    return hashlib.sha256(json.dumps([FIELDS, index_tokens(_PROBE)]).encode()).hexdigest()[:16]
