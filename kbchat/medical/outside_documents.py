"""Questions that leaflets and guidelines never answer, by what they ask for: money, stock, news, opinion, the person."""

from __future__ import annotations

import re

from kbchat.text.deferred_pattern import deferred

_ZH = deferred(
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
    r"(?:下个?(?:月|周|星期|季度)|明年|后年|年底|即将|马上要?|未来)[^。？?]{0,24}(?:公布|发布|更新|修订|改版|上市|新版|黑框|降价|涨价|进医保|纳入|撤市)|"
    r"慈善|援助(?:项目|计划|申请)?|赠药|招募|还招人|代工|工厂在|产地在|哪个(?:城市|工厂|车间)|总部在|"
    r"网友|小红书|知乎|抖音|微博|豆瓣|论坛|拼多多|淘宝|京东(?!市)|美团|风评|断货|到货|"
    r"(?:有没?有?号(?:源)?(?:吗|么|没|$)|挂得?上号|几点(?:开门|上班|下班|出诊)|门诊时间|停车|押金|发票|退款|退费)|"
    r"(?:还能)?(?:撑|坚持)(?:几|多久|多少)(?:个?(?:月|年)|天)?(?=[?？。]|$)|(?:单位|老板|领导|公司|保险公司)[^。？?]{0,6}(?:知道|查到|看到)|"
    r"最新[^。？?]{0,6}(?:研究|消息|新闻|进展|通报|版)|新闻|召回"
)
_EN = deferred(
    r"\b(?:price|prices|cost|costs|cheap|cheaper|expensive|afford|insur(?:er|ance|ed)|reimburse\w*|copay|covered by|"
    r"in stock|out of stock|shortage|where (?:can|do) i (?:buy|get|order)|buy online|pharmacy has|"
    r"ratings?|reviews?|best brand|market share|sales|share price|"
    r"how long (?:do|does|will) (?:i|he|she|my \w+) (?:have|live)|life expectancy|"
    r"recalls?|latest news|newly announced|just (?:announced|released|published)|"
    r"(?:this|last) (?:week|month|year)\b.{0,40}(?:news|announc\w*|updat\w*|releas\w*|variant|alert|approv\w*|outbreak)|"
    r"(?:news|announc\w*|updat\w*|releas\w*|variant|alert|approv\w*|outbreak)\b.{0,40}\b(?:this|last) (?:week|month|year)|"
    r"cheapest|near me|nearby|in town|(?:opening|visiting) hours|appointments? (?:available|free|left)|reddit|twitter|tiktok|facebook|forums?|"
    r"(?:users|people online|patients online|influencers?) (?:think|say)|charity|(?:patient )?assistance program\w*|coupons?|discount\w*|"
    r"(?:my|the) (?:employer|boss|landlord)|(?:which|what) (?:city|factory|plant|country) (?:is|are|does|makes?|produces?)|"
    r"(?:next|coming) (?:week|month|year|winter|summer)\b.{0,40}(?:news|announc\w*|updat\w*|releas\w*|approv\w*|change\w*)|"
    r"driving licen[cs]e|lawsuit|sue|compensation)\b",
    re.IGNORECASE,
)


def asks_outside_documents(question: str) -> bool:
    """Whether the question asks for what leaflets and guidelines do not hold."""
    return bool(_ZH.search(question) or _EN.search(question))
