"""Words of the status page."""

from __future__ import annotations

from kbchat.messages import Bilingual

TITLE = Bilingual("Status", "系统状态")
INTRO = Bilingual("What is running here, with what, and whether it is well.", "当前运行情况、所用组件及其健康状态。")
REFRESH = Bilingual("Refresh", "刷新")
MODELS = Bilingual("Models", "模型")
GENERATOR = Bilingual("Generator", "生成方式")
EMBEDDER = Bilingual("Embedder", "向量模型")
STATES = {
    "ready": Bilingual("ready", "就绪"),
    "not loaded": Bilingual("loaded at the first question", "首次提问时加载"),
    "unknown": Bilingual("not asked yet", "尚未连接"),
    "failed": Bilingual("does not work", "不可用"),
}
NO_EMBEDDER = Bilingual("none (search by words alone)", "无（仅关键词检索）")
SPEC = Bilingual("setting: {spec}", "设置值：{spec}")
CHECKED = Bilingual("tried {moment}", "测试于 {moment}")
TRY = Bilingual("Try it", "测试")
TRY_HELP = Bilingual(
    "Has it answer from a made-up leaflet; may take as long as loading the model.",
    "让其依据一段虚构的说明书作答；首次可能需要等待模型加载。",
)
TRYING = Bilingual("Trying …", "正在测试……")
WORKS = Bilingual(
    "It works: first words after {first}, done after {total}.", "可用：首字用时 {first}，共用时 {total}。"
)
WORKS_NO_SOURCE = Bilingual(
    "It writes (first words after {first}, done after {total}), but it did not name its source.",
    "可以生成（首字用时 {first}，共用时 {total}），但没有标注出处。",
)
WORKS_NOT = Bilingual("It does not work: {why}", "不可用：{why}")
EXTRACTIVE = Bilingual(
    "Answers are quotes of the documents; no language model is used.", "回答直接摘录资料原文，不使用语言模型。"
)
DATA = Bilingual("Data", "数据")
FOLDER = Bilingual("Data folder", "数据目录")
DISK = Bilingual("Disk", "磁盘")
DISK_FREE = Bilingual("Disk left", "磁盘剩余")
DISK_LINE = Bilingual("{free} free of {total}", "剩余 {free}，共 {total}")
DISK_FULL = Bilingual(
    "Less than {free} is left. Free space before more documents are read in.",
    "剩余空间不足 {free}，请先清理再导入更多文档。",
)
PARTS = {
    "database": Bilingual("Database", "数据库"),
    "files": Bilingual("Originals", "原文件"),
    "index": Bilingual("Indexes", "索引"),
    "cache": Bilingual("Page pictures", "页面图像"),
    "logs": Bilingual("Logs", "日志"),
}
COLUMN_PROGRESS = Bilingual("Progress", "进度")
JOBS = Bilingual("Uploads at work", "进行中的上传")
BASES = Bilingual("Knowledge bases", "知识库")
DOCUMENTS = Bilingual("Documents", "文档")
TAB_OVERVIEW = Bilingual("Overview", "概览")
TAB_SETTINGS = Bilingual("Settings", "设置")
TAB_VERSIONS = Bilingual("Versions", "版本")
TAB_LOG = Bilingual("Log", "日志")
SETTINGS_INTRO = Bilingual(
    "Settings are read when kbchat starts. To change one, set the environment variable named here and start kbchat "
    "again. Passwords and keys are not shown; docs/settings.md has the defaults.",
    "设置在 kbchat 启动时读取。如需修改，请设置对应的环境变量并重新启动。密码和密钥不会显示，各项说明为英文，默认值见 docs/settings.md。",
)
SETTINGS_FIND = Bilingual("Find a setting", "查找设置")
GROUPS = {
    "general": Bilingual("General", "基本"),
    "ingest": Bilingual("Reading documents", "文档读取"),
    "chunk": Bilingual("Chunks", "片段划分"),
    "embedding": Bilingual("Embedding", "向量模型"),
    "retrieval": Bilingual("Retrieval", "检索"),
    "answer": Bilingual("Answers", "回答"),
    "generation": Bilingual("Generation", "生成"),
    "safety": Bilingual("Safety", "安全"),
    "hospital": Bilingual("Hospital", "医院信息"),
    "pictures": Bilingual("Page pictures", "页面图像"),
    "logs": Bilingual("Log", "日志"),
    "server": Bilingual("HTTP service", "HTTP 服务"),
    "access": Bilingual("Access", "访问控制"),
    "ui": Bilingual("App in the browser", "浏览器界面"),
    "privacy": Bilingual("Privacy", "隐私"),
}
COLUMN_SETTING = Bilingual("Setting", "设置项")
COLUMN_VALUE = Bilingual("Value", "取值")
COLUMN_PACKAGE = Bilingual("Package", "组件")
COLUMN_VERSION = Bilingual("Version", "版本")
EMPTY = Bilingual("(empty)", "（空）")
NONE_FOUND = Bilingual("No setting has this in its name.", "没有名称包含该内容的设置。")
LOG_INTRO = Bilingual(
    "The end of the log. It holds no questions, no answers and no names of persons.",
    "日志末尾内容，不含提问、回答和任何个人信息。",
)
LOG_LINES = Bilingual("Lines", "行数")
LOG_LEVEL = Bilingual("Show", "显示")
LEVELS = {
    "": Bilingual("everything", "全部"),
    "warning": Bilingual("warnings and errors", "警告和错误"),
}
LOG_EMPTY = Bilingual("The log is empty.", "日志为空。")
LOG_DOWNLOAD = Bilingual("Download", "下载")
COLUMN_TIME = Bilingual("Time", "时间")
COLUMN_LEVEL = Bilingual("Level", "级别")
COLUMN_EVENT = Bilingual("Event", "事件")
