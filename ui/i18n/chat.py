"""Words of the chat page."""

from __future__ import annotations

from typing import Literal

from kbchat.messages import Bilingual

WELCOME = Bilingual("What do you want to know?", "想查什么？")
WELCOME_HINT = Bilingual(
    "Answers come from your hospital's documents alone; every sentence shows the page it stands on.",
    "回答只依据本院资料，每句话都可以点开原文所在的页。",
)
TRY_ONE = Bilingual("For example", "例如")
INPUT = Bilingual("Ask a question", "请输入问题")
NO_BASE_TITLE = Bilingual("There are no documents yet", "还没有资料")
NO_BASE = Bilingual(
    "Create a knowledge base and put leaflets or guidelines into it; questions are answered from them.",
    "请先新建知识库并上传说明书或指南，之后即可依据它们提问。",
)
TO_DOCUMENTS = Bilingual("To the documents", "前往知识库")
NO_BASE_READER = Bilingual(
    "No knowledge base is open to you. Ask whoever runs kbchat here.",
    "目前没有对您开放的知识库，请联系本院 kbchat 的管理人员。",
)
ASSISTANT = Bilingual("Assistant", "助手")
BASES = Bilingual("Knowledge bases", "知识库")
BASES_CHOSEN = Bilingual("{count} knowledge bases", "{count} 个知识库")
BASES_OF_ASSISTANT = Bilingual("This assistant searches: {names}", "此助手固定检索：{names}")
CHOOSE_BASE = Bilingual("Choose a knowledge base", "请选择知识库")
NOT_SAVED = Bilingual("Do not save", "不保存")
NOT_SAVED_HELP = Bilingual(
    "This conversation is kept in this browser tab alone and is gone when it is closed.",
    "此对话只保留在当前页面，关闭后即消失。",
)
NOT_SAVED_NOW = Bilingual("This conversation is not saved.", "此对话不会被保存。")
STOP = Bilingual("Stop", "停止")
STOPPED = Bilingual("Stopped before its end", "回答前已停止")
UNCHECKED = Bilingual("What there is of it was not checked.", "以下内容尚未核对。")
ASK_AGAIN = Bilingual("Ask again", "重新提问")
STARTING = Bilingual("Starting", "正在开始")
WRITING = Bilingual("Writing", "正在撰写")
SECONDS = Bilingual("{seconds} s", "{seconds} 秒")
DRAFT = Bilingual("Draft, not checked yet", "草稿，尚未核对")
COPY = Bilingual("Copy with references", "复制（含出处）")
COPIED = Bilingual("Copied", "已复制")
REGENERATE = Bilingual("Answer again", "重新回答")
EDIT = Bilingual("Edit the question", "修改问题")
RATE = Bilingual("Rate this answer", "评价此回答")
HELPFUL = Bilingual("Helpful", "有帮助")
NOT_HELPFUL = Bilingual("Not helpful", "没有帮助")
SEND = Bilingual("Send", "发送")
CANCEL = Bilingual("Cancel", "取消")
YOUR_QUESTION = Bilingual("Your question", "您的问题")
WHAT_IS_WRONG = Bilingual("What is wrong with it?", "哪里不好？")
COMMENT = Bilingual("Anything else (no personal data, please)", "补充说明（请勿填写个人信息）")
THANKS = Bilingual("Thank you. Whoever runs the documents will see it.", "谢谢，资料管理人员会看到。")
FOLLOW_UPS = Bilingual("Ask further", "接着问")
YOU = Bilingual("You", "您")
ANSWER = Bilingual("Answer", "回答")
REFERENCES = Bilingual("References", "出处")
CITATION_LABEL = Bilingual("Source {number}: {title}, page {page}", "出处 {number}：{title}，第 {page} 页")
CITATION_LABEL_NO_PAGE = Bilingual("Source {number}: {title}", "出处 {number}：{title}")
TABLE = Bilingual("Table", "表格")

EMERGENCY = Bilingual("This may be an emergency", "可能是紧急情况")
CALL = Bilingual("Call {number}", "拨打 {number}")
INSUFFICIENT = Bilingual("The documents hold no answer to this", "资料中没有找到答案")
OUT_OF_SCOPE = Bilingual("Not something this assistant answers", "不在服务范围内")
NEAREST = Bilingual("Nearest documents", "最接近的资料")
ASK_THE_PHARMACIST = Bilingual("Please ask the pharmacist or the physician in charge.", "请咨询药师或主管医生。")
FLAGGED = Bilingual(
    "{count} places of this answer have no support in their sources; they are marked. Check them before use.",
    "此回答有 {count} 处在出处中找不到依据，已标出，使用前请核实。",
)
FALLBACK = Bilingual("The language model was not used: {why}", "未使用语言模型：{why}")

NEWEST = Bilingual("Newest conversations", "最近的对话")
NEW = Bilingual("New conversation", "新对话")
SEARCH = Bilingual("Search conversations", "搜索对话")
NO_CONVERSATIONS = Bilingual("Your conversations will stand here.", "您的对话会显示在这里。")
NONE_FOUND = Bilingual("No conversation has these words.", "没有找到相关对话。")
MORE = Bilingual("Show more", "显示更多")
MENU = Bilingual("What to do with “{title}”", "“{title}”的操作")
RENAME = Bilingual("Rename", "重命名")
PIN = Bilingual("Pin", "置顶")
UNPIN = Bilingual("Unpin", "取消置顶")
EXPORT = Bilingual("Export", "导出")
DELETE = Bilingual("Delete", "删除")
TITLE_OF_CONVERSATION = Bilingual("Title", "标题")
SAVE = Bilingual("Save", "保存")
DELETED = Bilingual("Deleted: {title}", "已删除：{title}")
UNDO = Bilingual("Undo", "撤销")
EXPORT_HINT = Bilingual(
    "With every source: document, revision, section, page, quote.", "包含全部出处：文件、版本、章节、页码与原文。"
)
EXPORT_FORMATS: dict[Literal["md", "docx", "json"], Bilingual] = {
    "md": Bilingual("Markdown", "Markdown"),
    "docx": Bilingual("Word (docx)", "Word（docx）"),
    "json": Bilingual("JSON", "JSON"),
}
GONE = Bilingual("This conversation does not exist (any more).", "此对话不存在或已删除。")
