"""What a person reads when the settings file is wrong."""

from __future__ import annotations

from pathlib import Path

import pytest

from kbchat.errors import ConfigurationError
from kbchat.settings import load_settings


@pytest.mark.parametrize(
    ("text", "en", "zh"),
    [
        ("colour = 1\n", "there is no setting colour", "没有设置项 colour"),
        ("[answer]\nmax_characters = 'many'\n", "answer.max_characters: .*found 'many'", "当前值 'many'"),
        ("language = [\n", "not valid TOML", "不是有效的 TOML"),
    ],
)
def test_a_wrong_setting_is_named_in_both_languages(tmp_path: Path, text: str, en: str, zh: str) -> None:
    (tmp_path / "kbchat.toml").write_text(text, encoding="utf-8")
    with pytest.raises(ConfigurationError, match=en) as raised:
        load_settings(data_dir=tmp_path)
    assert zh in raised.value.user_message.zh
    assert "kbchat.toml" in str(raised.value)
