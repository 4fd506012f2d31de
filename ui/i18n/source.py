"""Words of the pane that shows a source."""

from __future__ import annotations

from kbchat.messages import Bilingual

SOURCE = Bilingual("Source {number}", "出处 {number}")
CLOSE = Bilingual("Close the source", "关闭出处")
REVISION = Bilingual("revision {number}", "第 {number} 版")
PAGE = Bilingual("page {page}", "第 {page} 页")
PAGE_OF = Bilingual("page {page} of {pages}", "第 {page} 页 / 共 {pages} 页")
PREVIOUS = Bilingual("Previous page", "上一页")
NEXT = Bilingual("Next page", "下一页")
CITED_PAGE = Bilingual("Back to the cited page", "回到引用页")
ORIGINAL = Bilingual("Open original", "打开原文件")
ORIGINAL_GONE = Bilingual(
    "This address opens nothing any more. Go back to the answer, open the source again, then its original.",
    "此地址已失效。请回到回答页，重新打开出处，再打开原文件。",
)
OUTDATED = Bilingual(
    "The document has a newer revision, or was retired, since this answer was given.",
    "此回答所依据的版本已被更新或停用。",
)
PICTURE = Bilingual("Page {page} of “{title}”; highlighted: {quote}", "“{title}”第 {page} 页，高亮部分：{quote}")
PICTURE_PLAIN = Bilingual("Page {page} of “{title}”", "“{title}”第 {page} 页")
QUOTE = Bilingual("Quoted", "引用的原文")
NO_PICTURE = Bilingual("The picture of this page cannot be shown: {why}", "无法显示此页图像：{why}")
LARGER = Bilingual("Enlarge the page", "放大页面")
SMALLER = Bilingual("Reduce the page", "缩小页面")
FRAME = Bilingual("The page; scroll to see the rest of it", "页面图像，可滚动查看")
