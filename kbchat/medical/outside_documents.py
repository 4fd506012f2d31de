"""Questions that leaflets and guidelines never answer, by what they ask for: money, stock, news, opinion, the person."""

from __future__ import annotations

import re

_ZH = re.compile(
    r"多少钱|价格|价钱|售价|便宜|贵不贵|报销|医保(?:卡|目录|能|可以|给|报|支付|局)?|自费|集采|中标|"
    r"库存|有货|缺货|还有几盒|还剩|哪里(?:能|可以)?(?:买|配|开)|网上(?:买|购)|代购|药店(?:买|有)|快递|"
    r"卖得|销量|市场份额|股价|厂家(?:电话|地址)|客服|投诉|"
    r"口碑|评价(?:好|高|如何)|排名|哪个牌子|"
    r"还能活|能活(?:多久|几年)|活(?:几年|多久)|"
    r"驾照|车管所|考驾|请假|上班打卡|法律|赔偿|起诉|官司|"
    r"包装盒?为什么|换(?:成)?(?:了)?(?:新)?(?:包装|颜色)|"
    r"刚刚?(?:公布|发布|更新|上市)|"
    r"(?:上个?月|这个?月|本月|上周|这周|本周|今天|昨天|近期|近日|今年|最近)[^。？?]{0,30}"
    r"(?:公布|发布|更新|修订|通报|流行|警示|新版|新规|新的?研究|变异|上市)|"
    r"最新[^。？?]{0,6}(?:研究|消息|新闻|进展|通报|版)|新闻|召回"
)
_EN = re.compile(
    r"\b(?:price|prices|cost|costs|cheap|cheaper|expensive|afford|insur(?:er|ance|ed)|reimburse\w*|copay|covered by|"
    r"in stock|out of stock|shortage|where (?:can|do) i (?:buy|get|order)|buy online|pharmacy has|"
    r"ratings?|reviews?|best brand|market share|sales|share price|"
    r"how long (?:do|does|will) (?:i|he|she|my \w+) (?:have|live)|life expectancy|"
    r"recalls?|latest news|newly announced|just (?:announced|released|published)|"
    r"(?:this|last) (?:week|month|year)\b.{0,40}(?:news|announc\w*|updat\w*|releas\w*|variant|alert|approv\w*|outbreak)|"
    r"(?:news|announc\w*|updat\w*|releas\w*|variant|alert|approv\w*|outbreak)\b.{0,40}\b(?:this|last) (?:week|month|year)|"
    r"driving licen[cs]e|lawsuit|sue|compensation)\b",
    re.IGNORECASE,
)


def asks_outside_documents(question: str) -> bool:
    """Whether the question asks for what leaflets and guidelines do not hold."""
    return bool(_ZH.search(question) or _EN.search(question))
