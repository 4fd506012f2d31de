"""Words about uploads, their progress and their reports."""

from __future__ import annotations

from kbchat.messages import Bilingual

DROP = Bilingual("Drop files here (zip archives are unpacked)", "将文件拖到此处（zip 压缩包会自动解包）")
CHOOSE_FILES = Bilingual("Choose files", "选择文件")
CHOOSE_FILE = Bilingual("Choose a file", "选择文件")
FORMATS = Bilingual(
    "PDF, Word, Excel, PowerPoint, HTML, Markdown, text, CSV, JSON, pictures (PNG, JPEG, TIFF), SPL and zip. "
    "A file of the same name replaces the earlier one as its next revision. At most {limit} MB at a time.",
    "支持 PDF、Word、Excel、PowerPoint、HTML、Markdown、文本、CSV、JSON、图片（PNG、JPEG、TIFF）、SPL 和 zip。"
    "同名文件会成为原文档的新版本。每次最多 {limit} MB。",
)
OPTIONS = Bilingual("Options", "选项")
START = Bilingual("Read {count} file{s} in", "读入 {count} 个文件")
START_NONE = Bilingual("Read files in", "读入文件")
STARTED = Bilingual("Taken in: {count} file{s}. You may leave this page.", "已接收 {count} 个文件，可以离开此页面。")
ACTIVE = Bilingual("At work", "正在处理")
EARLIER = Bilingual("Earlier", "历史记录")
NO_JOBS = Bilingual("Nothing was uploaded here yet.", "这里还没有上传记录。")
SAFE_TO_LEAVE = Bilingual("The work goes on when you leave or reload this page.", "离开或刷新页面不会中断处理。")
STOP = Bilingual("Stop", "停止")
STOPPING = Bilingual("Stopping after the file under way …", "将在当前文件处理完后停止……")
STOPPED = Bilingual("Stopped; what was read stays in.", "已停止，已读入的内容保留。")
KINDS = {
    "upload": Bilingual("Upload of {count} files", "上传 {count} 个文件"),
    "reread": Bilingual("Reading {count} documents again", "重新读取 {count} 份文档"),
}
KIND_ONE = {
    "upload": Bilingual("Upload: {name}", "上传：{name}"),
    "reread": Bilingual("Reading again: {name}", "重新读取：{name}"),
}
STATES = {
    "queued": Bilingual("waiting", "排队中"),
    "running": Bilingual("reading", "读取中"),
    "done": Bilingual("done", "已完成"),
    "failed": Bilingual("failed", "失败"),
    "cancelled": Bilingual("stopped", "已停止"),
    "waiting": Bilingual("waiting", "等待中"),
    "reading": Bilingual("reading", "读取中"),
}
STATUSES = {
    "added": Bilingual("added", "新增"),
    "updated": Bilingual("new revision", "新版本"),
    "unchanged": Bilingual("unchanged", "未变"),
    "duplicate": Bilingual("duplicate", "重复"),
    "retired": Bilingual("retired", "停用"),
    "failed": Bilingual("failed", "失败"),
}
PROGRESS = Bilingual("{done} of {total} files", "{done} / {total} 个文件")
PROGRESS_PAGES = Bilingual("{done} of {total} files · {pages} pages read", "{done} / {total} 个文件 · 已读 {pages} 页")
COLUMN_FILE = Bilingual("File", "文件")
COLUMN_STATE = Bilingual("State", "状态")
COLUMN_PAGES = Bilingual("Pages", "页")
COLUMN_CHUNKS = Bilingual("Chunks", "片段")
COLUMN_SIZE = Bilingual("Size", "大小")
COLUMN_TIME = Bilingual("Time", "用时")
PAGES_OF = Bilingual("{done} of {total}", "{done} / {total}")
PAGES_OCR = Bilingual("{pages} ({ocr} by OCR)", "{pages}（OCR {ocr}）")
FILES = Bilingual("All files ({count})", "全部文件（{count}）")
MORE_FILES = Bilingual("… and {count} more", "……另有 {count} 个")
ALL_WELL = Bilingual("Nothing to do.", "无需处理。")
TO_DO = Bilingual("What needs your attention ({count})", "需要处理（{count}）")
TOTAL_SEPARATOR = Bilingual(", ", "，")
TOOK = Bilingual("in {time}", "用时 {time}")
SHOW_DOCUMENTS = Bilingual("Show the documents", "查看文档")
NOTES = Bilingual("Notes", "提示")
REPORT = Bilingual("Report", "报告")
ACTIVE_HERE = Bilingual("Documents are being read: {done} of {total} files.", "正在读取文档：{done} / {total} 个文件。")
