"""Words of the knowledge bases page: the list, one base, its settings."""

from __future__ import annotations

from kbchat.messages import Bilingual

TITLE = Bilingual("Knowledge bases", "知识库")
INTRO = Bilingual(
    "Collections of leaflets, guidelines and other documents that questions are answered from.",
    "说明书、指南等资料的集合，问答的内容全部出自这里。",
)
NEW = Bilingual("New knowledge base", "新建知识库")
NAME = Bilingual("Name", "名称")
NAME_HELP = Bilingual("For example: Leaflets, Cardiology guidelines", "例如：药品说明书、心内科指南")
DESCRIPTION = Bilingual("Description", "说明")
DESCRIPTION_HELP = Bilingual("What is in it, and who looks after it", "内容是什么，由谁维护")
CREATE = Bilingual("Create", "创建")
CANCEL = Bilingual("Cancel", "取消")
CREATED = Bilingual("Created: {name}", "已创建：{name}")
EMPTY_TITLE = Bilingual("No knowledge base yet", "还没有知识库")
EMPTY = Bilingual(
    "Create one, drop leaflets or guidelines (PDF, Word, Excel, HTML, pictures …) into it, and ask.",
    "新建一个知识库，拖入说明书或指南（PDF、Word、Excel、HTML、图片等），即可开始提问。",
)
EMPTY_READER = Bilingual(
    "No knowledge base is open to you. Ask an administrator of kbchat.",
    "目前没有对您开放的知识库，请联系 kbchat 系统管理员。",
)
COLUMN_BASE = Bilingual("Knowledge base", "知识库")
COLUMN_DOCUMENTS = Bilingual("Documents", "文档")
COLUMN_PAGES = Bilingual("Pages", "页")
COLUMN_CHUNKS = Bilingual("Chunks", "片段")
COLUMN_UPDATED = Bilingual("Last change", "最近更新")
COLUMN_ACCESS = Bilingual("Open to", "开放范围")
OPEN_TO_ALL = Bilingual("everybody", "所有人")
OPEN_TO_GROUPS = Bilingual("{count} group{s}", "{count} 个用户组")
RETIRED_TOO = Bilingual("{count} retired", "已停用 {count}")
ALL_BASES = Bilingual("All knowledge bases", "全部知识库")
SUMMARY = Bilingual(
    "Documents: {documents} · pages: {pages} · chunks: {chunks}", "{documents} 份文档 · {pages} 页 · {chunks} 个片段"
)
LAST_CHANGE = Bilingual("last change {moment}", "最近更新 {moment}")

TAB_DOCUMENTS = Bilingual("Documents", "文档")
TAB_ADD = Bilingual("Add documents", "添加文档")
TAB_JOBS = Bilingual("Uploads and reports", "上传与报告")
TAB_SETTINGS = Bilingual("Settings", "设置")

NAME_SECTION = Bilingual("Name and description", "名称与说明")
SAVE = Bilingual("Save", "保存")
SAVED = Bilingual("Saved", "已保存")
RENAME_NOTE = Bilingual(
    "Assistants, keys and links that name the base by its old name no longer find it.",
    "仍使用旧名称的助手、密钥和链接将找不到该知识库。",
)
ACCESS_SECTION = Bilingual("Who can use it", "谁可以使用")
GROUPS = Bilingual("Groups, one a line", "用户组（每行一个）")
GROUPS_HELP = Bilingual(
    "Only members of these groups (and administrators) see this base. Empty: everybody who may use kbchat.",
    "只有这些用户组的成员（及系统管理员）能看到该知识库；留空则对所有 kbchat 用户开放。",
)
DELETE_SECTION = Bilingual("Delete this knowledge base", "删除此知识库")
DELETE_WARNING = Bilingual(
    "All documents ({documents}), their revisions and originals are removed. This cannot be undone.",
    "将删除全部 {documents} 份文档及其所有版本和原文件，且无法恢复。",
)
DELETE = Bilingual("Delete for good", "永久删除")
DELETE_OPEN = Bilingual("Delete knowledge base …", "删除知识库……")
TYPE_NAME = Bilingual("Type the name to confirm: {name}", "请输入知识库名称以确认：{name}")
DELETED = Bilingual("Deleted: {name}", "已删除：{name}")
