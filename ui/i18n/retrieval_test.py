"""Words of the retrieval test."""

from __future__ import annotations

from kbchat.messages import Bilingual

TITLE = Bilingual("Retrieval test", "检索测试")
INTRO = Bilingual(
    "What is found for a question, why it stands where it stands, and whether it stays so.",
    "查看一个问题检索到哪些段落、排序的理由，并确认结果是否保持稳定。",
)
NO_BASE_TITLE = Bilingual("Nothing to search yet", "还没有可检索的内容")
NO_BASE = Bilingual("There is no knowledge base whose retrieval you may test.", "没有您可以进行检索测试的知识库。")
BASE = Bilingual("Knowledge base", "知识库")
TAB_TRY = Bilingual("Try a question", "试一个问题")
TAB_CASES = Bilingual("Saved cases", "测试用例")
QUESTION = Bilingual("Question", "问题")
QUESTION_HINT = Bilingual("For example: dose of amoxicillin for children", "例如：阿莫西林儿童用量")
PASSAGES = Bilingual("Passages", "段落数")
SEARCH = Bilingual("Search", "检索")
COMPARE = Bilingual("Compare with other settings", "与其他设置对比")
OTHER_NUMBERS = Bilingual("Other settings", "其他设置")
OTHER_HELP = Bilingual(
    "Only this test uses them. The settings of kbchat stay as they are.", "仅用于本次测试，不影响系统设置。"
)
AS_SET = Bilingual("As set", "当前设置")
CHANGED_NONE = Bilingual("Change at least one number above.", "请至少修改一个数值。")
NUMBERS = {
    "lexical": Bilingual("Words of the question", "关键词匹配"),
    "dense": Bilingual("Likeness of meaning", "语义相近"),
    "coverage": Bilingual("Share of the question covered", "问题覆盖度"),
    "entity": Bilingual("About the drug asked", "药品相符"),
    "section": Bilingual("Fitting section", "章节相符"),
    "same_language": Bilingual("Language of the question", "语言一致"),
    "older_edition": Bilingual("Older edition (deduction)", "旧版本（扣分）"),
    "other_drug": Bilingual("Other drug (deduction)", "其他药品（扣分）"),
    "candidates": Bilingual("Candidates looked at", "候选数量"),
    "passage_budget": Bilingual("Characters a passage may grow to", "段落最大字符数"),
}
UNDERSTOOD = Bilingual("Understood as", "理解为")
ENTITIES = Bilingual("drugs and topics: {names}", "药品与主题：{names}")
INTENTS = Bilingual("asks for: {names}", "询问内容：{names}")
UNKNOWN = Bilingual("not in these documents: {names}", "资料中没有：{names}")
TOOK = Bilingual("found in {time}", "检索用时 {time}")
NOTHING = Bilingual("Nothing was found.", "没有检索到内容。")
NOTHING_HINT = Bilingual(
    "Check the spelling, or whether the base holds such a document.", "请检查用词，或确认知识库中有相关文档。"
)
WHY = Bilingual("Why here", "排序依据")
SCORE = Bilingual("score {score}", "得分 {score}")
PAGE = Bilingual("page {page}", "第 {page} 页")
MOVED = Bilingual("place {place} as set", "当前设置下第 {place} 位")
NEW_HERE = Bilingual("not found as set", "当前设置下未入选")
SAVE_CASE = Bilingual("Save as test case", "存为测试用例")
OPEN = Bilingual("Open document", "打开文档")
PART = Bilingual("{label}: {value}", "{label}：{value}")

SAVE_TITLE = Bilingual("Save as test case", "存为测试用例")
SAVE_INTRO = Bilingual(
    "From now on this must be found for the question; a run shows at which place it comes.",
    "今后该问题应能检索到此内容；每次运行都会显示其所在位次。",
)
EXPECT = Bilingual("What must be found", "应检索到的内容")
EXPECT_CHOICES = {
    "passage": Bilingual("This passage", "这个段落"),
    "section": Bilingual("This section of the document", "该文档的这一章节"),
    "document": Bilingual("Anything of this document", "该文档的任意内容"),
}
SAVE = Bilingual("Save", "保存")
SAVED = Bilingual("Saved as a test case", "已存为测试用例")

NO_CASES_TITLE = Bilingual("No test cases yet", "还没有测试用例")
NO_CASES = Bilingual(
    "Try a question and save the right passage. After documents or settings change, one click shows whether it is "
    "still found.",
    "先检索一个问题，把正确的段落存为用例；文档或设置变化后，一键即可检查是否仍能找到。",
)
RUN = Bilingual("Run all cases", "运行全部用例")
RUN_OTHER = Bilingual("Run with the other settings", "用其他设置运行")
RAN = Bilingual("Ran {count} case{s}", "已运行 {count} 个用例")
HIT = Bilingual("Among the first {k}", "前 {k} 位命中")
HIT_HELP = Bilingual(
    "Share of the cases whose passage comes among the first {k}.", "正确段落出现在前 {k} 位的用例占比。"
)
LAST_RUN = Bilingual("Last run: {moment}", "最近一次运行：{moment}")
NEVER_RUN = Bilingual("These cases were not run yet.", "这些用例还没有运行过。")
COLUMN_QUESTION = Bilingual("Question", "问题")
COLUMN_EXPECTED = Bilingual("Expected", "应检索到")
COLUMN_RANK = Bilingual("Place", "位次")
COLUMN_SAVED = Bilingual("Saved", "保存日期")
NOT_FOUND = Bilingual("not found", "未命中")
NOT_RUN = Bilingual("not run", "未运行")
GONE = Bilingual("document gone", "文档已不存在")
DELETE_CHOSEN = Bilingual("Delete {count} case{s}", "删除 {count} 个用例")
DELETED = Bilingual("Deleted", "已删除")
CHOOSE = Bilingual("Choose", "选择")
OVER_TIME = Bilingual("Over time", "历次结果")
RUNS = Bilingual("Runs", "历次运行")
COLUMN_MOMENT = Bilingual("When", "时间")
COLUMN_CASES = Bilingual("Cases", "用例数")
COLUMN_SETTINGS = Bilingual("Settings", "设置")
SHARE_AXIS = Bilingual("found", "命中率")
RUN_AXIS = Bilingual("run", "运行时间")
CHART = Bilingual("Share of cases found among the first 1, 3 and 5 passages, by run", "历次运行中前 1、3、5 位的命中率")
