"""Questions that leaflets and guidelines never answer, by what they ask for: money, stock, news, what is to come, opinion, persons."""

from __future__ import annotations

import re

from kbchat.text.deferred_pattern import deferred

_MONEY_ZH = (
    "多少钱|价格|价钱|售价|便宜|贵不贵|报销|医保(?:卡|目录|能|可以|给|报|支付|局)?|自费|集采|中标|降价|涨价|回扣|提成|利润|营收|赚(?:了|多少)|"
    "股价|市值|收购|(?:慈善|赠药|代金券)|援助(?:项目|计划|申请)?|押金|发票|退款|退费|赔偿"
)
_SUPPLY_ZH = (
    "库存|有货|缺货|断货|到货|进货|还有几盒|还剩|哪里(?:能|可以)?(?:买|配|开)|网上(?:买|购)|代购|药店(?:买|有)|快递|"
    "销量|销售(?:额|代表|冠军|排名)|卖得|卖(?:了|出|掉)(?:去)?(?:了|多少|几)|卖(?:多少|几)[盒支瓶]|畅销|市场(?:份额|占有)|"
    "厂家(?:电话|地址)|(?:医药|药厂)代表|业务员|代工|工厂在|产地在|生产线|(?:哪个|什么)(?:城市|工厂|车间)|总部|代言|明星|商标|专利|(?:进|铺|上)了?(?:几|多少)家|(?:进|订|用)(?:了)?(?:多少|几)[盒箱支瓶]|仿制药(?:什么时候|何时|几时)"
)
_OPINION_ZH = (
    "口碑|评价(?:好|高|如何)|排名|哪个牌子|网友|病友|群友|群里|小红书|知乎|抖音|微博|豆瓣|论坛|拼多多|淘宝|京东(?!市)|美团|风评|评分最|"
    "(?:医生|大夫|护士|药师|主任|专家|教授)们?(?:自己)?(?:都|更|最)?(?:爱|喜欢|愿意|觉得)|名字(?:的)?(?:由来|来历)|为什么(?:取名|起名|叫这个)|谁(?:发明|取的|起的)|"
    "包装盒?为什么|换(?:成)?(?:了)?(?:新)?(?:包装|颜色)|广告"
)
_PEOPLE_ZH = (
    "客服|投诉|床位|(?:教授|主任|医生|大夫|护士|院长)[^。？?]{0,6}(?:退休|离职|跳槽|调走|升职|出国)|驾照|车管所|考驾|请假|上班打卡|法律|起诉|官司|招募|还招人|"
    "(?:医生|大夫|护士长?|药师|主任|教授|专家|院长)[^,，。?？]{0,6}(?:姓什么|贵姓|叫什么|是谁|哪个科|哪一届|多大年纪|上不上班|在不在|休息吗|休不休|值班|倒班|排班|"
    "出诊|坐诊|几点|周末|电话|微信|结婚|工资|开(?:得|的)?(?:最多|最少))|(?:哪(?:位|个|些)|谁)(?:的)?(?:医生|大夫|护士|药师|主任|教授|专家)|"
    "(?:有没?有?号(?:源)?(?:吗|么|没|$)|挂得?上号|几点(?:开门|上班|下班|出诊)|门诊时间|停车)|"
    "(?:单位|老板|领导|公司|学校|同事|保险公司)[^。？?]{0,6}(?:知道|查到|看到)|有多少(?:人|病人|患者)(?:在)?(?:我院|本院|你们)|(?:我院|本院|咱们?院|你们医院)[^。？?]{0,16}(?:几个|多少(?:人|例|个|张))"
)
_FATE_ZH = (
    "还能活|能活(?:多久|几年)|活(?:几年|多久)|活不(?:活|过)|活头|活得?(?:到|过)|"
    "(?:还能|能不能|还会|能)(?:再)?(?:过|撑|熬|挺|陪|坚持)(?:得?(?:到|过|了))?[^。？?]{0,3}(?:几个?(?:春节|生日|年头|冬天|中秋|新年|国庆)|多久(?=[?？。]|$)|今年|明年|过年|春节|年底)|"
    "(?:还能)?(?:撑|坚持)(?:几|多久|多少)(?:个?(?:月|年)|天)?(?=[?？。]|$)|(?:还)?(?:有|剩)(?:下)?(?:多少|几年|多久)(?:时间|日子|天)?(?:可活|活)|还(?:有|剩)(?:下)?多少(?:日子|时间|天)|"
    "(?:剩下?|还有)(?:的)?(?:多少)?(?:日子|时间)(?:还)?(?:有)?多(?:少|久)|看(?:得)?到(?:孙子|孩子|儿子|女儿)[^。？?]{0,6}(?:结婚|毕业|出生|上大学)|多大(?:把握|机会|几率)(?:能)?(?:治好|痊愈|活)"
)
_PUBLISHED = "说明书|指南|共识|标签|诊疗方案|诊疗规范|规范|药典|路径|方案|版|黑框|警告"
_TO_COME_ZH = (
    rf"(?=.*(?:{_PUBLISHED}))(?:.*(?:下一?[个]?(?:版|次修订|次更新|次改|次修|次再|回修订|回改)|再版|改版后|(?:下个?|明)(?:月|年|周|季度)|后年|年底|下半年|即将|将(?:会|要|把)|马上(?:要|就)|快要|未来(?![一二三五十几\d]+(?:年|个月|天|周))|将来(?!源|自)|"
    r"以后(?:会|要)|会不会(?:改|加|降|调|取消)|打算(?:改|加)|计划(?:改|加)|拟(?:改|增)|征求意见)).*$|"
    r"(?:下个?(?:月|周|星期|季度)|明年|后年|年底|即将|马上要?|未来)[^。？?]{0,24}(?:公布|发布|更新|修订|改版|上市|新版|黑框|降价|涨价|进医保|纳入|撤市|获批)|什么时候(?:出|更新|发布|公布|上市|获批)"
)
_AGENCY = "药监局|药管局|药品管理局|国家局|卫健委|疾控|世卫|(?:FDA|fda|EMA|ema|NMPA|nmpa|MHRA|WHO)(?![a-zA-Z])|欧盟|美国|日本|厂家|药厂"
_LATELY = (
    "今天|今早|今晚|今儿|昨天|前天|刚刚|这几天|上周|这周|本周|上个?月|这个?月|本月|近期|近日|今年|最近|上半年|前几天"
)
_NEWS_ZH = (
    r"刚刚?(?:公布|发布|更新|上市)|"
    rf"(?:{_LATELY})[^。？?]{{0,30}}(?:公布|发布|更新|修订|通报|通告|公告|流行|警示|新版|新规|新的?研究|变异|毒株|阳性率|上市|下架|撤市)|"
    rf"(?:{_LATELY})[^。？?]{{0,12}}(?:{_AGENCY})|(?:{_AGENCY})[^。？?]{{0,12}}(?:{_LATELY})|"
    rf"(?:{_LATELY}|20\d\d年?|最新|本届|这届|去年)[^。？?]{{0,16}}(?:年会|大会|峰会|学术会议|ASCO|asco|ESMO|esmo|EULAR|eular|ESC|ASH|AHA|CROI|CSCO)(?![a-zA-Z])|"
    r"(?:年会|大会)(?:上|里|中)?[^。？?]{0,16}(?:公布|报告|报了|发布|数据|结果)|最新[^。？?]{0,6}(?:研究|消息|新闻|进展|通报|版)|新闻|召回|柳叶刀|新英格兰|(?:最新|这|上)一?期[^。？?]{0,8}(?:论文|文章|杂志|期刊)"
)
_ZH = deferred("|".join((_MONEY_ZH, _SUPPLY_ZH, _OPINION_ZH, _PEOPLE_ZH, _FATE_ZH, _TO_COME_ZH, _NEWS_ZH)))

_MONEY_EN = (
    r"price|prices|cost|costs|cheap|cheaper|cheapest|expensive|afford|insur(?:er|ance|ed)|reimburse\w*|copay|covered by|coupons?|discount\w*|"
    r"charity|(?:patient )?assistance program\w*|profits?|revenues?|earn(?:s|ed|ings)?|share price|lawsuit|sue|compensation"
)
_SUPPLY_EN = (
    r"how many (?:boxes|packs|cartons|bottles|vials|units) (?:of|do|does|did|are|were|have)\b(?!.{0,30}\b(?:inject|take|dose))|in stock|out of stock|stocks? (?:of|left)|shortage|where (?:can|do) i (?:buy|get|order)|buy online|pharmacy has|which (?:pharmacy|pharmacies|shop)|"
    r"market share|sales|sold|best.?sell\w*|near me|nearby|in town|(?:opening|visiting) hours|appointments? (?:available|free|left)|patent(?:s|ed| expir\w*)|"
    r"(?:which|what) (?:city|factory|plant|country) (?:is|are|does|makes?|produces?)"
)
_OPINION_EN = (
    r"ratings?|reviews?|best brand|reddit|twitter|tiktok|facebook|instagram|forums?|influencers?|advert\w*|"
    r"(?:users|people|patients|people online|patients online|nurses|doctors|pharmacists) (?:think|say|like|love|hate|prefer|feel)|(?:like|love|enjoy) working|"
    r"favou?rite|why is it (?:called|named)|who (?:invented|named|designed|discovered|founded)|logo|slogan|celebrit\w+|your opinion"
)
_PEOPLE_EN = (
    r"which (?:doctor|nurse|consultant|pharmacist|surgeon|professor)|(?:doctor|nurse|consultant|pharmacist|surgeon)'?s? (?:name|phone|number|rota|shift|day off|on duty|on call)|"
    r"who is (?:the|my) (?:nurse|doctor|consultant|pharmacist|rep)|sales rep\w*|on duty|on leave|(?:doctor|nurse|consultant|professor|surgeon)\b.{0,16}(?:retire\w*|on holiday|leave\b)|"
    r"did (?:my|the|our) (?:\w+ ){1,2}(?:pick up|collect|get|receive)|has (?:my|the|our) (?:\w+ ){1,3}(?:been (?:sent|dispensed|collected)|arrived)|"
    r"(?:my|the) (?:employer|boss|landlord)|driving licen[cs]e|how many (?:of your|patients (?:here|in this)|people here)"
)
_FATE_EN = (
    r"how long (?:do|does|will|have|has) (?:i|he|she|my \w+)(?: \w+)? (?:have|live|got|left)|life expectancy|(?:will|can) (?:i|he|she|my \w+) (?:live|survive|make it|still be (?:here|alive))|"
    r"(?:my|his|her) (?:chances?|odds) of (?:surviv\w*|dying|beating|being cured)|years (?:left|to live)|see (?:(?:his|her|my|another|next) )?(?:\w+ )?(?:christmas|birthday|wedding)"
)
_TO_COME_EN = (
    r"(?:next|upcoming|forthcoming|future|new) (?:edition|version|revision|update|label|leaflet|guidelines?|consensus)\b.{0,40}\b(?:will|going to|say|bring|change|add|set|recommend)|"
    r"will (?:the |its )?.{0,40}(?:guidelines?|label|leaflet|edition|consensus|warning)|(?:next|coming) (?:week|month|year|winter|summer)\b.{0,40}(?:news|announc\w*|updat\w*|releas\w*|approv\w*|change\w*|label|leaflet|guidelines?)|"
    r"(?:guidelines?|label|leaflet|edition|warning)\b.{0,40}\b(?:next|coming) (?:week|month|year)|when will\b"
)
_NEWS_EN = (
    r"recalls?|recalled|lancet|nejm|positivity rate|since yesterday|(?:my|our) (?:ward|pharmacy|trust)\b.{0,24}(?:out of|left|have|has|tonight|today)|latest news|newly announced|just (?:announced|released|published)|"
    r"(?:this|last) (?:week|month|year)\b.{0,40}(?:news|announc\w*|updat\w*|releas\w*|variant|alert|approv\w*|outbreak|warning)|"
    r"(?:news|announc\w*|updat\w*|releas\w*|variant|alert|approv\w*|outbreak|warning|chang\w*)\b.{0,40}\b(?:this|last) (?:week|month|year)|"
    r"(?:fda|ema|mhra|who)\b.{0,40}\b(?:yesterday|today|recently|this|last|just)\b|(?:yesterday|today|recently|this|last|just)\b.{0,40}\b(?:fda|ema|mhra)|"
    r"(?:this|last) year'?s? .{0,16}(?:asco|esmo|esc|aha|eular|ash|croi|congress|conference|meeting)|(?:at|from) (?:asco|esmo|eular|croi|the .{0,20}(?:congress|conference|annual meeting))"
)
_EN = deferred(
    rf"\b(?:{'|'.join((_MONEY_EN, _SUPPLY_EN, _OPINION_EN, _PEOPLE_EN, _FATE_EN, _TO_COME_EN, _NEWS_EN))})\b",
    re.IGNORECASE,
)


def asks_outside_documents(question: str) -> bool:
    """Whether the question asks for what leaflets and guidelines do not hold."""
    return bool(_ZH.search(question) or _EN.search(question))
