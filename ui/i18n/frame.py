"""Words around the pages: names of pages, the language switch, errors."""

from __future__ import annotations

from kbchat.messages import Bilingual

PRODUCT = Bilingual("kbchat", "kbchat")
CHAT = Bilingual("Ask", "问答")
KNOWLEDGE_BASES = Bilingual("Documents", "知识库")
RETRIEVAL_TEST = Bilingual("Retrieval test", "检索测试")
ASSISTANTS = Bilingual("Assistants", "助手")
DASHBOARD = Bilingual("Dashboard", "运行概况")
STATUS = Bilingual("Status", "系统状态")
LANGUAGE = Bilingual("Language", "语言")
UNEXPECTED = Bilingual(
    "Something went wrong here. Nothing you saved is lost. Try again; if it happens again, tell the administrator the "
    "time shown here: {time}.",
    "出现意外错误，已保存的内容不会丢失。请重试；如再次出现，请把此时间告诉管理员：{time}。",
)
RETRY = Bilingual("Try again", "重试")
SHOWN_AT = Bilingual("The app is at {url} (end it with Ctrl+C).", "界面地址：{url}（按 Ctrl+C 结束）。")
