"""What the small linear models share in making features: the bucket of a feature, the tables they read, the mark of a version.

Buckets come from CRC-32, which is the same in every process and on every machine.
"""

from __future__ import annotations

import zlib
from importlib import resources


def bucket(feature: str, buckets: int) -> int:
    """The bucket of ``feature`` among so many."""
    return zlib.crc32(feature.encode("utf-8", "surrogatepass")) % buckets


def shipped_table(name: str) -> str:
    """The text of a table in ``kbchat/medical/data`` as it was shipped, with plain line ends."""
    return resources.files("kbchat.medical").joinpath("data", name).read_text("utf-8").replace("\r\n", "\n")


def mark_of(version: int, table: str) -> str:
    """The version of features and a mark of the table they read: weights belong to one of them."""
    return f"{version}-{zlib.crc32(table.encode('utf-8')):08x}"
