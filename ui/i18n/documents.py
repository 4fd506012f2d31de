"""Words of lists of documents and of one document's page."""

from __future__ import annotations

from kbchat.messages import Bilingual

SEARCH = Bilingual("Search names, drugs, makers", "搜索名称、药品、厂家")
KIND = Bilingual("Kind", "类型")
ALL_KINDS = Bilingual("All kinds", "全部类型")
KINDS = {
    "leaflet": Bilingual("Leaflet", "说明书"),
    "guideline": Bilingual("Guideline", "指南"),
    "records": Bilingual("Records", "条目集"),
    "other": Bilingual("Other", "其他"),
}
SORT = Bilingual("Sort by", "排序")
SORTS = {
    "name": Bilingual("File name", "文件名"),
    "title": Bilingual("Title", "标题"),
    "-updated": Bilingual("Newest change first", "最近更新在前"),
    "-date": Bilingual("Newest edition first", "最新版本日期在前"),
    "date": Bilingual("Oldest edition first", "最早版本日期在前"),
    "-ocr": Bilingual("Most scanned pages first", "扫描页多的在前"),
    "-pages": Bilingual("Longest first", "页数多的在前"),
    "kind": Bilingual("Kind", "类型"),
    "status": Bilingual("Status", "状态"),
}
SHOW_RETIRED = Bilingual("Retired too", "包括已停用")
COLUMN_TITLE = Bilingual("Document", "文档")
COLUMN_KIND = Bilingual("Kind", "类型")
COLUMN_STATUS = Bilingual("Status", "状态")
COLUMN_PAGES = Bilingual("Pages", "页数")
COLUMN_OCR = Bilingual("OCR", "OCR")
COLUMN_CHUNKS = Bilingual("Chunks", "片段")
COLUMN_REVISION = Bilingual("Rev.", "版本")
COLUMN_DATE = Bilingual("Edition", "版本日期")
COLUMN_UPDATED = Bilingual("Read", "入库")
LIVE = Bilingual("in use", "使用中")
RETIRED = Bilingual("retired", "已停用")
FOUND = Bilingual("{count} document{s}", "{count} 份文档")
FOUND_PART = Bilingual("{first}–{last} of {count} documents", "第 {first}–{last} 份，共 {count} 份")
NONE_TITLE = Bilingual("No documents yet", "还没有文档")
NONE = Bilingual(
    "Drop files under “Add documents”. They can be searched as soon as they are read.",
    "请在“添加文档”中拖入文件，读取完成后即可检索。",
)
NONE_FOUND = Bilingual("No document passes this filter.", "没有符合条件的文档。")
CHOOSE = Bilingual("Choose", "选择")
CHOSEN = Bilingual("{count} chosen", "已选 {count} 份")
CLEAR = Bilingual("Clear choice", "取消选择")
PAGE_SIZE_HINT = Bilingual("Page of the list", "列表页码")

TO_BASE = Bilingual("{name}", "{name}")
REVISION_LINE = Bilingual("revision {number}", "第 {number} 版")
EDITION_LINE = Bilingual("edition of {date}", "版本日期 {date}")
PAGES_LINE = Bilingual("{count} page{s}", "{count} 页")
OCR_LINE = Bilingual("{share} read by OCR", "{share} 由 OCR 识别")
CHUNKS_LINE = Bilingual("{count} chunk{s}", "{count} 个片段")
READ_LINE = Bilingual("read {moment}", "{moment} 读入")
RETIRED_NOTE = Bilingual(
    "Retired: it is not searched. Its pages stay readable.", "已停用：不再参与检索，原文仍可查看。"
)
ORIGINAL = Bilingual("Original file", "原文件")
RETIRE = Bilingual("Retire", "停用")
RETIRE_HELP = Bilingual("Take it out of search; it can be restored.", "不再参与检索，可随时恢复。")
RESTORE = Bilingual("Restore", "恢复使用")
REREAD = Bilingual("Read again …", "重新读取……")
DONE_RETIRED = Bilingual("Retired: {title}", "已停用：{title}")
DONE_RESTORED = Bilingual("In use again: {title}", "已恢复使用：{title}")
DONE_MANY = Bilingual("Retired: {count}", "已停用 {count} 份")
WARNINGS = Bilingual("Notes from reading ({count})", "读取提示（{count}）")
TAB_TEXT = Bilingual("Pages and sections", "页面与章节")
TAB_CARD = Bilingual("Card", "文档卡片")
TAB_REVISIONS = Bilingual("Revisions", "版本")

REREAD_TITLE = Bilingual("Read again", "重新读取")
REREAD_INTRO = Bilingual(
    "The stored original is read once more and becomes a new revision.", "将重新读取已保存的原文件，并生成一个新版本。"
)
REREAD_START = Bilingual("Start", "开始")
REREAD_STARTED = Bilingual(
    "Reading again; the report is under “Uploads and reports”.", "正在重新读取，结果见“上传与报告”。"
)
OCR = Bilingual("Read pages from their picture (OCR)", "图像识别（OCR）")
OCR_CHOICES = {
    "": Bilingual("As in the settings", "按系统设置"),
    "auto": Bilingual("Where needed", "仅在需要时"),
    "off": Bilingual("Never", "不识别"),
    "all": Bilingual("Every page", "每一页"),
}
PASSWORD = Bilingual("Password of encrypted files", "加密文件的密码")
PASSWORD_HELP = Bilingual("Kept only until the files are read.", "仅在读取期间保存，完成后删除。")

CARD_INTRO = Bilingual(
    "What this document is. Searching by drug name, the date shown and the choice between editions come from here.",
    "文档的基本信息；按药名检索、显示的日期以及新旧版本的取舍都以此为准。",
)
CARD_SAVE = Bilingual("Save card", "保存卡片")
CARD_SAVED = Bilingual("Card saved: {fields}", "卡片已保存：{fields}")
CARD_UNCHANGED = Bilingual("Nothing was changed.", "没有改动。")
NAMES_HELP = Bilingual("One name a line", "每行一个名称")
DATE_HELP = Bilingual("2024-05-31, 2024-05 or 2024", "如 2024-05-31、2024-05 或 2024")
FIELDS = {
    "title": Bilingual("Title", "标题"),
    "kind": Bilingual("Kind", "类型"),
    "language": Bilingual("Language", "语言"),
    "generic_names": Bilingual("Generic names", "通用名"),
    "brand_names": Bilingual("Brand names", "商品名"),
    "english_names": Bilingual("English names", "英文名"),
    "manufacturer": Bilingual("Manufacturer", "生产企业"),
    "strength": Bilingual("Strength", "规格"),
    "issuer": Bilingual("Issued by", "发布机构"),
    "version": Bilingual("Version", "版本号"),
    "approved_on": Bilingual("Approved on", "核准日期"),
    "revised_on": Bilingual("Revised on", "修订日期"),
}
LANGUAGES = {"zh": Bilingual("Chinese", "中文"), "en": Bilingual("English", "英文")}

NEWEST = Bilingual("newest", "当前")
COLUMN_FORMAT = Bilingual("Format", "格式")
COLUMN_CREATED = Bilingual("Read on", "读入时间")
COLUMN_CHECKSUM = Bilingual("SHA-256", "SHA-256")
VIEW_REVISION = Bilingual("Revision {number}", "第 {number} 版")
OLD_REVISION = Bilingual("You see revision {number}, not the newest.", "正在查看第 {number} 版，并非当前版本。")
TO_NEWEST = Bilingual("Show the newest", "查看当前版本")
COMPARE = Bilingual("What has changed", "版本差异")
FROM = Bilingual("From", "从")
TO = Bilingual("To", "到")
ONE_REVISION = Bilingual(
    "There is one revision. Upload a file of the same name to make the next; the difference is shown here.",
    "目前只有一个版本。上传同名文件会生成新版本，并在此显示差异。",
)
SAME_REVISION = Bilingual("Choose two different revisions.", "请选择两个不同的版本。")
NO_CHANGE = Bilingual("The text is the same.", "正文没有变化。")
CHANGES = Bilingual("Paragraphs added: {added}, removed: {removed}", "新增 {added} 段，删除 {removed} 段")
FOLDED = Bilingual("{count} unchanged paragraph{s}", "{count} 段未变")
MORE_CHANGES = Bilingual("Only the first {count} lines are shown.", "仅显示前 {count} 行。")
ADDED_LINE = Bilingual("added", "新增")
REMOVED_LINE = Bilingual("removed", "删除")

SECTION = Bilingual("Section", "章节")
SECTION_OF = Bilingual("section {number} of {count}", "第 {number} 节，共 {count} 节")
SECTION_LABEL = Bilingual("{path} · page {page}", "{path} · 第 {page} 页")
NO_SECTIONS = Bilingual("Nothing could be read from this revision.", "此版本没有可用的文本。")
WHOLE_SECTION = Bilingual("Whole section", "整节")
CHUNK = Bilingual("Chunk {number}", "片段 {number}")
CHUNKS = Bilingual("Marked on the page", "页面标记")
PREVIOUS = Bilingual("Previous section", "上一节")
NEXT = Bilingual("Next section", "下一节")
PAGE_OF = Bilingual("Page {page} of {pages}", "第 {page} 页，共 {pages} 页")
TEXT = Bilingual("Text as read", "读出的文本")
PICTURE = Bilingual("Page {page} of {title}", "{title} 第 {page} 页")
NO_PICTURE = Bilingual("This format has no pages to show.", "此格式没有页面图像。")
SECTION_KINDS = {
    "indications": Bilingual("Indications", "适应症"),
    "dosage": Bilingual("Dosage", "用法用量"),
    "contraindications": Bilingual("Contraindications", "禁忌"),
    "warnings": Bilingual("Warnings", "注意事项"),
    "adverse_reactions": Bilingual("Adverse reactions", "不良反应"),
    "interactions": Bilingual("Interactions", "相互作用"),
    "pregnancy": Bilingual("Pregnancy", "孕妇及哺乳期"),
    "pediatric": Bilingual("Children", "儿童用药"),
    "geriatric": Bilingual("Older people", "老年用药"),
    "renal_hepatic": Bilingual("Kidney and liver", "肝肾功能"),
    "overdose": Bilingual("Overdose", "药物过量"),
    "pharmacology": Bilingual("Pharmacology", "药理毒理"),
    "composition": Bilingual("Composition", "成分"),
    "storage": Bilingual("Storage", "贮藏"),
    "recommendation": Bilingual("Recommendation", "推荐意见"),
    "diagnosis": Bilingual("Diagnosis", "诊断"),
    "other": Bilingual("Other", "其他"),
}
