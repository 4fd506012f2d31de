"""Words of the dashboard."""

from __future__ import annotations

from kbchat.messages import Bilingual

TITLE = Bilingual("Dashboard", "运行概况")
INTRO = Bilingual(
    "How much is asked, how it ends, what is missing. Nobody's name stands in any of it.",
    "提问数量、回答结果与资料缺口。不含任何个人信息。",
)
PERIOD = Bilingual("Period", "时间范围")
DAYS = Bilingual("{count} days", "近 {count} 天")
NO_QUESTIONS_TITLE = Bilingual("No questions in this time", "这段时间没有提问")
NO_QUESTIONS = Bilingual("As soon as somebody asks, the figures stand here.", "有人提问后，这里会显示统计数据。")
QUESTIONS = Bilingual("Questions", "提问")
ANSWERED = Bilingual("Answered", "已回答")
UNANSWERED = Bilingual("No evidence", "资料不足")
UNANSWERED_HELP = Bilingual(
    "Share of all questions that the documents hold no answer to.", "资料中找不到答案的提问比例。"
)
FLAGGED = Bilingual("Flagged", "有标记")
FIRST_WORDS = Bilingual("First words", "首字时间")
FIRST_WORDS_HELP = Bilingual("Median time until the first words are shown.", "显示首字所需时间的中位数。")
OPEN_FEEDBACK = Bilingual("Feedback", "待处理反馈")
ANSWERED_HELP = Bilingual("Share of all questions that were answered from documents.", "依据资料给出回答的比例。")
OUTCOMES = {
    "answered": Bilingual("answered", "已回答"),
    "insufficient_evidence": Bilingual("no evidence", "资料不足"),
    "out_of_scope": Bilingual("out of scope", "超出范围"),
    "emergency": Bilingual("emergency", "紧急情况"),
    "stopped": Bilingual("stopped", "已停止"),
    "failed": Bilingual("failed", "出错"),
}
TAB_OVERVIEW = Bilingual("Overview", "概览")
TAB_UNANSWERED = Bilingual("What to add next", "待补充资料")
TAB_FEEDBACK = Bilingual("Feedback", "反馈")
TAB_FLAGGED = Bilingual("Flagged", "有标记")
TAB_DOCUMENTS = Bilingual("Documents used", "常用文档")
PER_DAY = Bilingual("Questions a day", "每日提问")
HOW_ENDED = Bilingual("How they ended", "回答结果")
LATENCY = Bilingual("Seconds to the answer", "回答用时（秒）")
DAY = Bilingual("day", "日期")
COUNT = Bilingual("questions", "提问数")
SECONDS = Bilingual("seconds", "秒")
OUTCOME = Bilingual("outcome", "结果")
LINES = {
    "first_p50": Bilingual("first words, median", "首字，中位数"),
    "first_p95": Bilingual("first words, 95 %", "首字，95%"),
    "whole_p50": Bilingual("whole answer, median", "完整回答，中位数"),
    "whole_p95": Bilingual("whole answer, 95 %", "完整回答，95%"),
}
CSV = Bilingual("CSV", "CSV")
CSV_OF = Bilingual("Download “{name}” as CSV", "将“{name}”下载为 CSV")

UNANSWERED_INTRO = Bilingual(
    "Questions the documents hold no answer to, those that ask the same together. Add documents for the first ones first.",
    "资料中找不到答案的问题，相同的已归并；建议优先为靠前的问题补充资料。",
)
NONE_UNANSWERED = Bilingual("No question was left without an answer.", "没有未能回答的问题。")
COLUMN_QUESTION = Bilingual("Question", "问题")
COLUMN_TIMES = Bilingual("Asked", "次数")
COLUMN_LAST = Bilingual("Last", "最近")
COLUMN_BASES = Bilingual("Knowledge bases", "知识库")
ALSO = Bilingual("also: {wordings}", "也问作：{wordings}")

FEEDBACK_INTRO = Bilingual(
    "What people said of answers. Work through it and mark it as done; who said it is not shown.",
    "使用者对回答的评价。处理后请标记完成；不显示评价者。",
)
FEEDBACK_SHOW = Bilingual("Show", "显示")
FEEDBACK_CHOICES = {
    "open": Bilingual("Open", "待处理"),
    "praise": Bilingual("Open praise too", "含好评"),
    "all": Bilingual("All", "全部"),
}
NO_FEEDBACK = Bilingual("There is nothing to work through.", "没有待处理的反馈。")
HANDLED = Bilingual("Done", "标记已处理")
REOPEN = Bilingual("Open again", "重新打开")
HANDLED_AT = Bilingual("worked through on {moment}", "{moment} 已处理")
UP = Bilingual("helpful", "有帮助")
DOWN = Bilingual("not helpful", "没有帮助")
THE_ANSWER = Bilingual("The answer", "回答内容")
COMMENT = Bilingual("Comment", "补充说明")
FEEDBACK_DONE = Bilingual("Marked as worked through", "已标记为处理完成")
FEEDBACK_REOPENED = Bilingual("Open again", "已重新打开")
FEEDBACK_PART = Bilingual("The newest {shown} of {count}", "最新 {shown} 条，共 {count} 条")

FLAGGED_INTRO = Bilingual(
    "Answers in which a sentence or a number had no support in its source. Read them against the documents.",
    "其中有句子或数值缺乏出处支持的回答，请对照资料核实。",
)
NONE_FLAGGED = Bilingual("No answer had anything flagged.", "没有被标记的回答。")
COLUMN_FLAGS = Bilingual("Flags", "标记数")
COLUMN_GENERATOR = Bilingual("Generator", "生成方式")
COLUMN_MOMENT = Bilingual("When", "时间")
NO_WORDS = Bilingual("(words not kept)", "（未保存原文）")

DOCUMENTS_INTRO = Bilingual("Documents that answers cited most.", "回答引用最多的文档。")
NO_DOCUMENTS = Bilingual("No document was cited yet.", "还没有文档被引用。")
COLUMN_DOCUMENT = Bilingual("Document", "文档")
COLUMN_BASE = Bilingual("Knowledge base", "知识库")
COLUMN_CITED = Bilingual("Cited for", "引用次数")
RETIRED = Bilingual("retired", "已停用")
CHART_PER_DAY = Bilingual("Questions a day by outcome", "每日提问及结果")
CHART_LATENCY = Bilingual("Seconds to the answer by day", "每日回答用时")
CHART_OUTCOMES = Bilingual("Questions by outcome", "按结果统计的提问")
