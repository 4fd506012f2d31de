"""How people ask, in Chinese (simplified) and English: one pattern a section, most specific section first.

Patterns are searched in folded text (lower case, half width, simplified characters).
"""

from __future__ import annotations

from kbchat.text.deferred_pattern import deferred
from kbchat.types import SectionKind as K

AGE = deferred(
    r"(?P<under>未满|没满|不满|不到|小于|低于|under |below |younger than )?(?<![\d.])(?P<number>\d{1,3})\s*-?\s*"
    r"(?:(?P<months>个?月龄|个月大|个月的?(?:宝宝|孩子|婴儿|小孩)|[- ]?months?[- ]old)|岁|周岁"
    r"|[- ]?years?[- ]old|-year-old|years? of age)"
)

INTENT_PATTERNS: tuple[tuple[K, str], ...] = (
    (K.PREGNANCY, r"怀孕|孕妇|孕期|孕\s?\d{1,2}\s?(?:\+\d\s?)?周|妊娠|怀上|怀着|备孕|身孕|孕[前中早晚]|要孩子|生孩子|要小孩|哺乳|喂奶|母乳|授乳|奶水"
        r"|胎儿|致畸|断奶|产妇|坐月子|受孕|宝妈"
     r"|pregnan|breast.?feed|lactat|nursing (mother|mom|woman)|unborn|fetus|foetus|conceiv|trying for a baby"
     r"|teratogen"),
    (K.PEDIATRIC, r"(?<!要)(?<!生)小孩|(?<!要)(?<!生)孩子|宝宝|儿童|小儿|婴儿|婴幼儿|幼儿|新生儿|小朋友|[男女]娃|娃娃"
        r"|小娃|青少年|未成年|学龄|(?<![一二三四五六七八九十百])(?:十?[一两二三四五六七八九]|十)岁|[一两二三四五六七八九十]个月(?:大|的(?:娃|孩))"
     r"|\bchild(ren)?\b|\bkids?\b|toddler|infant|\bbab(y|ies)\b|newborn|neonat|p(a)?ediatric|adolescen|teenage"
     r"|\bminors?\b|(one|two|three|four|five|six|seven|eight|nine|ten)[- ]year[- ]old"),
    (K.GERIATRIC, r"老人|老年|高龄|上了年纪|上年纪|年纪大|岁数大|这个?岁数|这把年纪|爷爷|(?<!喂)奶奶|外婆|外公|[六七八九]十(?:多|来|几|[一二三四五六七八九])?岁"
     r"|elderly|geriatric|\bsenior|older (people|adult|patient|person|than [67])|(over|aged|above"
     r"|after) (the age of )?([6-9]\d)\b|old(er)? age"),
    (K.RENAL_HEPATIC, r"肾功能|肝功能(不|损|减|障|差)|肾衰|肝衰|肝硬化|透析|尿毒症|肾不好|肝不好|肾脏不好|肾(病(?!综合)|损|不全)"
        r"|肝(病|不全)|肌酐(清除|偏?高|升高)|转氨酶(偏?高|升高)|换肾|肾移植|肾小球滤过"
     r"|\be?gfr\b|crcl|child.?pugh|(renal|kidney|hepatic|liver)( or \w+)? (impair|insuff|fail|func|disease"
     r"|problem|damage)|dialy|cirrho|bad (kidney|liver)|creatinine clearance|kidneys? (are|do|don|aren|is|isn|not)|ckd"),
    (K.OVERDOSE, r"过量|吃多了|(?<!最)多吃了?(一|两|几|\d)|用多了|打多了|服多了|多服|多打了|误服|误食|误用|超量|吃错|双倍|一?整瓶|一口气吃|解毒(剂|药)|解药|解救|逆转|(?<!食物)中毒"
        r"|overdos|too (much|many)|extra (dose|tablet|pill)"
     r"|double dose|took (two|three|2|3|more)|more than (i|you) should|accidentally (took|swallow|ate)|antidote|revers(al|ing|es?(?! transcript))"),
    (K.STORAGE, r"保存|储存|贮藏|贮存|储藏|存放|存储|冰箱|冷藏|(?<!液氮)冷冻|开封|过期|有效期|保质期|避光|遮光|放(多久"
        r"|几天|哪|多长)|怎么放|常温|室温|太阳晒|暴晒"
     r"|\bstor(e|ed|ing|age)\b|fridge|refrigerat|freez|frozen|expir|shelf.?life|(after|once|when) open"
     r"|room temperature|left (it )?(out|in the (sun|car))"
     r"|be kept|keep (it|them|the)|throw (it )?away|dispos"),
    (K.INTERACTIONS, r"相互作用|交互作用|配伍|犯冲|相冲|冲突|相克|酒|葡萄柚|西柚|柚子|牛奶|咖啡|茶(?!碱)|(一起|一块儿?|同时"
        r"|同服|合用|并用|联用|混着?|混合|搭配|掺)"
     r".{0,6}(吃|用|服|打|喝|注射|吗|么|行)|合用|联用|同服|同用|联合用药|合并使用|能(和|跟|与|同).{1,20}(吃|用|服"
     r"|打)|不能(和|跟|与|同)|和.{1,16}一起|别的药|其他药|其它药|(又|还|也)在?(吃|用|服|打)(着|的)|(又|还|也)在(吃|用|服|打)|一边(吃|用|服).{1,14}一边"
     r"|interact|together|\balcohol|grapefruit|\bdrink(ing)?\b|\bwine\b|\bbeer\b|combin|at the same time"
     r"|concomitant|co.?administ|\bmix|other (medicine|drug|medication)"
     r"|while (taking|on)|i (also )?take .{2,40} (and|with)|\bi('m| am)? (also )?tak(e|ing) (a|an|my|some)\b"
     r"|(lower|raise|increase|reduce|affect).{0,40}(levels?|concentration)"),
    (K.ADVERSE_REACTIONS, r"副作用|不良反应|副反应|毒副|毒性|不舒服|难受|伤(肝|肾|胃|身|心脏)|后遗症|上瘾|成瘾|依赖|发胖|长胖"
        r"|变胖|脱发|掉头发|头晕|恶心|呕吐|皮疹|起疹|嗜睡|犯困|(吃|用|服|打)(了|完|过).{0,14}(拉肚子|拉稀|腹泻|[肚胃头][子]?[痛疼]|心慌|胸闷|[水浮]肿|发?痒|便秘|口干|咳嗽|失眠|出血|出汗|抽筋|坐立不安)"
     r"|会(不会)?.{0,12}(引起|导致|造成|出现|出事|变|影响|难受|掉|伤|疼|痛|痒|困|晕|吐|拉肚子)|过敏反应|发生率"
     r"|side.?effect|adverse|undesirable|reactions?\b|\bcauses?\b|make me|harmful|\brash|dizz|drows|nause|vomit|throw(s|ing)? up|threw up|diarrh|\bitch|swell|\bhives|incidence|how (common|likely|frequent)"
     r"|weight gain|hair loss|go wrong|feel(ing)? (sick|unwell)"),
    (K.CONTRAINDICATIONS, r"禁忌|禁用|忌(?!口)|不能(用|吃|服|打|使用)|不宜|不可以|哪些人|什么人|哪类人|能不能|可不可以|能否"
        r"|是否可以|(能|可以|可)(继续|再|还)?(用|吃|服|服用|打|使用|喝|接种)(?!来)((?!什么|哪)\S){0,14}(吗|么"
        r"|嘛|不)"
     r"|contra.?indicat|who (should|must|can)|can i\b|can (my|you|he|she|they|patients?|people)\b|is it (safe"
     r"|ok|okay)|safe (to|in|for|with)|should(n't| not)|must(n't| not)|not (take|use)|allowed|avoid"),
    (K.DOSAGE, r"(怎么|怎样|咋)(吃|用|服|打|喝|涂|贴|滴|抹|擦|给|调|换|补|减|加)|如何(服|使|用|给|打|注射)|几(次|片|粒|支|颗|袋"
        r"|滴|毫|针|喷|包|丸|毫克)|多少(?!钱)|剂量|用量|用法|(吃|用|服|打|喝|涂)多(久|长)"
     r"|疗程|饭前|饭后|餐前|餐后|空腹|漏服|漏打|漏吃|漏(了|掉)?[一1](顿|次|片|针|粒|剂)|忘(了|记)?(吃|打|服|用)|减量|加量|停药|嚼碎|掰开|碾碎"
     r"|压碎|起始|一次.{0,6}(片|粒|袋|支|毫克|mg)|什么时候(吃|用|服|打)|啥时候(吃|用|服|打)|几回|一回|(早上|早晨|晚上|睡前|白天).{0,6}(吃|服|用|打)|(提前|隔|连续|每隔|相隔)(几|多少)|(几|多少)(天|周|个?小时|个?月)(前|后|一次|开始|吃|打|用)|隔多久|多久(吃|打|用)|最(多|大|高|少|低)(能|可|吃|打|用|服|加|一[天日次针片粒]|剂?量)|(?<!正常值)上限|(?<!不)(能|可以|要|敢)停|突然停|冲服|泡水|兑水|稀释|配制|溶解|吞服|送服|摇匀|部位|打在哪"
     r"|补(吃|服|打)"
     r"|\bdos(e|es|age|ing)\b|how (much|many|often|long)|how (do|should|to|is|are) .{0,40}(take|taken|use|used"
     r"|give|given|inject|administ)|\bregimen|schedule|times a day|twice|once (a|daily)"
     r"|miss(ed)? |forg[eo]t|crush|\bsplit|chew|empty stomach|with food|before (meal|food)|after (meal|food)"
     r"|taper|titrat|daily amount|\bmg\b|\binject|infus|via .{0,20}tube|ng tube|give it again|\bmax(imum|imal)?\b|\bceiling\b|(daily|upper) limit|highest (dose|amount)|before giving|reconstitut|\bdilut|dissolv|swallow"),
    (K.COMPOSITION, r"成分|成份|规格|辅料|含有|含不含|含.{1,6}吗|性状|什么颜色|长什么样|剂型|乳糖|防腐剂|ingredient"
        r"|contain|excipient|composition|strengths?\b|lactose|gluten|look like|colou?r"),
    (K.PHARMACOLOGY, r"药理|机制|机理|原理|半衰期|代谢|起效|见效|吸收|排泄|药代|药动|血药浓度|生物利用度|临床(试验|研究)|生存[率期]|有效率|缓解率|安慰剂|对照组|受试者|(?<![a-z])(pfs|orr)(?![a-z])|mechanism"
        r"|half.?life|pharmaco|how does .{1,40} work|metaboli|onset|absor|excret"
     r"|eliminat|bioavailab|works? fully|start working|\btrials?\b|\bplacebo|survival|hazard ratio|endpoint|response rate|efficacy"),
    (K.INDICATIONS, r"治什么|治疗什么|治啥|干(啥|什么|嘛)(用)?的?|什么(作用|用处|用途|效果)|有什么用|啥用|适应|主治|用于"
        r"|用来|什么病|能治|可以治|功效|(有用|有效|管用|有效果)(吗|么|不)"
     r"|为什么(要)?(吃|用|服|打)|(症|病|炎|癌|瘤|痛|感染|不调|不良|疹|梗|上火|红斑|避孕|便秘|咳|发烧"
     r"|发热)\S{0,6}(能|可以)(吃|用|服|喝|打)"
     r"|\bindicat|used for|what is .{1,40} for\s*(\?|$)|what('s| does) .{1,40} (for|treat|do)\s*(\?|$)"
     r"|\btreats?\b|good for|work for"),
    (K.DIAGNOSIS, r"诊断|确诊|鉴别|分期|分级|分型|标准|什么(症状|表现)|有哪些(症状|表现)|算(不算)?(是)?高|多高算|怎么(查"
        r"|判断)|筛查|diagnos|criteri|symptom|screening|staging|classif|defin|called a"),
    (K.RECOMMENDATION, r"推荐|首选|一线|二线|治疗方案|怎么治|如何治|怎样治|怎么处理|如何处理|目标|控制在|预防|(用|吃"
        r"|有)什么.{0,4}药|(?<![和跟与同])(什么药|哪种药|哪些药)|常用药|指南|共识"
     r"|recommend|first.?line|second.?line|how (is|to|are|do you) .{0,30}treat|treatment (of|for)|target"
     r"|guideline|prevent|prophyla|manage"),
    (K.WARNINGS, r"注意|警告|当心|小心|监测|检测|要(不要)?(查|做|测)|查.{0,6}(吗|么|不|哪)|慎用|开车|驾驶|驾照|运动员"
        r"|手术|皮试|风险|安全吗"
     r"|warning|precaution|careful|monitor|\bdriv|before (taking|starting|using)|blood tests?|boxed|black box"
     r"|\bchecks?\b|\bsafe\b|\brisk|revers(al|ing|es?(?! transcript))"),
)  # fmt: skip
"""Sections in order of how much they narrow a question, each with the wording that asks for it."""
