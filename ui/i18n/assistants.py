"""Words of the assistants page."""

from __future__ import annotations

from kbchat.messages import Bilingual

TITLE = Bilingual("Assistants", "助手")
INTRO = Bilingual(
    "Named ways of answering: for whom, from which documents, in which words. Rules about citing and refusing always hold.",
    "预设的回答方式：面向谁、依据哪些资料、怎样表达。引用与拒答规则始终有效。",
)
NEW = Bilingual("New assistant", "新建助手")
IMPORT = Bilingual("Import", "导入")
IMPORT_TITLE = Bilingual("Import an assistant", "导入助手")
IMPORT_INTRO = Bilingual(
    "A TOML file as “Export” writes it. One with the id of an assistant that is here takes its place.",
    "请选择由“导出”生成的 TOML 文件；若标识与现有助手相同，将替换该助手。",
)
IMPORT_FILE = Bilingual("TOML file", "TOML 文件")
IMPORTED = Bilingual("Imported: {name}", "已导入：{name}")
NOT_TEXT = Bilingual("This file is no text in UTF-8.", "该文件不是 UTF-8 文本。")
NOT_TEXT_REMEDY = Bilingual("Export an assistant to see how such a file looks.", "可先导出一个助手，查看文件格式。")
ALL = Bilingual("All assistants", "全部助手")
COLUMN_NAME = Bilingual("Assistant", "助手")
COLUMN_AUDIENCE = Bilingual("For", "面向")
COLUMN_MODE = Bilingual("Answers from", "回答依据")
COLUMN_BASES = Bilingual("Knowledge bases", "知识库")
COLUMN_STATE = Bilingual("Kind", "来源")
BASES_CHOSEN_BY_PERSON = Bilingual("as chosen when asking", "提问时选择")
BUILT_IN = Bilingual("built in", "内置")
CHANGED = Bilingual("built in, changed", "内置（已修改）")
OWN = Bilingual("own", "自建")
AUDIENCES = {
    "patient": Bilingual("Patients", "患者"),
    "clinician": Bilingual("Clinicians", "医护人员"),
}
MODES = {
    "documents": Bilingual("Documents alone", "仅依据资料"),
    "conversation": Bilingual("Conversation with a language model", "语言模型对话"),
    "text": Bilingual("The text given", "仅依据所给文本"),
}
NEEDS_MODEL = Bilingual("needs a language model", "需要语言模型")

ID = Bilingual("Id", "标识")
ID_HELP = Bilingual(
    "Small letters, digits and hyphens; it cannot be changed later.", "小写字母、数字和连字符，创建后不可更改。"
)
NAME_ZH = Bilingual("Name in Chinese", "中文名称")
NAME_EN = Bilingual("Name in English", "英文名称")
DESCRIPTION_ZH = Bilingual("Description in Chinese", "中文说明")
DESCRIPTION_EN = Bilingual("Description in English", "英文说明")
PROMPT_ZH = Bilingual("Instructions in Chinese", "中文指令")
PROMPT_EN = Bilingual("Instructions in English", "英文指令")
PROMPT_HELP = Bilingual(
    "Who the assistant is and how it answers. Read by language models alone; the extractive generator quotes.",
    "说明助手的身份和回答方式，仅供语言模型使用；摘录式回答直接引用原文。",
)
AUDIENCE = Bilingual("Audience", "面向")
MODE = Bilingual("Answers from", "回答依据")
BASES = Bilingual("Knowledge bases", "知识库")
BASES_HELP = Bilingual("Empty: the person chooses when asking.", "留空则由提问者选择。")
STRICT = Bilingual("Sentences without support", "缺乏依据的句子")
STRICTS = {
    "": Bilingual("By audience", "按面向对象"),
    "yes": Bilingual("Replace by quotes", "替换为原文"),
    "no": Bilingual("Keep and flag", "保留并标记"),
}
SHOW_SOURCES = Bilingual("Show sources", "显示出处")
GENERATOR = Bilingual("Generator", "生成方式")
GENERATOR_HELP = Bilingual("Empty: the one of the settings, now {spec}.", "留空则使用系统设置，当前为 {spec}。")
ADVANCED = Bilingual("Retrieval and generation", "检索与生成")
ADVANCED_HELP = Bilingual("Empty: as in the settings.", "留空则按系统设置。")
NUMBERS = {
    "passages": Bilingual("Passages", "段落数"),
    "candidates": Bilingual("Candidates", "候选数量"),
    "passage_budget": Bilingual("Characters a passage", "段落最大字符数"),
    "lexical_weight": Bilingual("Weight of words", "关键词权重"),
    "dense_weight": Bilingual("Weight of meaning", "语义权重"),
    "temperature": Bilingual("Temperature", "温度"),
    "new_tokens": Bilingual("Most tokens", "最多生成词元"),
}
SAVE = Bilingual("Save", "保存")
CREATE = Bilingual("Create", "创建")
SAVED = Bilingual("Saved: {name}", "已保存：{name}")
DUPLICATE = Bilingual("Duplicate", "复制")
DUPLICATED = Bilingual("Copied as {name}", "已复制为 {name}")
EXPORT = Bilingual("Export", "导出")
DELETE = Bilingual("Delete …", "删除……")
RESET = Bilingual("Reset …", "恢复内置……")
DELETE_CONFIRM = Bilingual(
    "Delete the assistant “{name}”? This cannot be undone.", "确定删除助手“{name}”？此操作无法恢复。"
)
RESET_CONFIRM = Bilingual(
    "Take back all changes to the built-in assistant “{name}”?", "确定撤销对内置助手“{name}”的全部修改？"
)
DELETE_DO = Bilingual("Delete", "删除")
RESET_DO = Bilingual("Reset", "恢复内置")
DELETED = Bilingual("Deleted: {name}", "已删除：{name}")
RESET_DONE = Bilingual("As it was built in: {name}", "已恢复内置：{name}")
UNSAVED = Bilingual("Not saved yet. What you try is what the form says.", "尚未保存；试用时以表单内容为准。")

TRY = Bilingual("Try it", "试用")
TRY_INTRO = Bilingual(
    "Answers with the form as it stands, saved or not. Nothing of it is kept.",
    "按当前表单内容回答（无论是否已保存），不留任何记录。",
)
TRY_BASES = Bilingual("Knowledge base to search", "检索的知识库")
TRY_QUESTION = Bilingual("Question", "问题")
TRY_DO = Bilingual("Ask", "提问")
TRY_SOURCES = Bilingual("Sources", "出处")
TRY_TOOK = Bilingual("{generator} · {time}", "{generator} · {time}")
NO_TEXT = Bilingual("(no text)", "（无内容）")
