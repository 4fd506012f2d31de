"""Section names of every tradition, as tables: Chinese leaflets, EMA and UK texts, FDA labels, guidelines, record files.

Chinese is written simplified; headings are folded (NFKC, lower case, traditional to simplified) before they are looked up.
Sources: NMPA 化学药品和生物制品说明书规范细则; EMA QRD template 10.x (SmPC, labelling, package leaflet); 21 CFR 201.56-57
and 201.66; Taiwan 仿單 format; LOINC document sections used in SPL (FDA SPL implementation guide).
"""

from __future__ import annotations

from types import MappingProxyType

from kbchat.types import SectionKind as K

EXACT_NAMES: dict[K, str] = {
    K.INDICATIONS: "适应症 适应证 适应症/功能主治 功能主治 功能与主治 主治 主治功能 作用与用途 用途 适用范围 适用人群 "
    "治疗用途 "
    "效能 功效 适应病症 适应症及用途 适应症和用途 适应症与用途 药品用途 効能・効果 効能又は効果 效能·效果 效能・效果",
    K.DOSAGE: "用法用量 用法与用量 用法和用量 用法及用量 用量用法 用量与用法 用量及用法 用法 用量 剂量 剂量与用法 "
    "剂量及用法 剂量和用法 用法与剂量 用法剂量 "
    "剂量及使用方法 剂量与使用方法 用法及剂量 给药方式 给药方法 给药途径 给药说明 使用方法 使用说明 使用步骤 "
    "药物用法 药物剂量 "
    "用药方法 服用方法 服法 剂量调整 使用剂量 给药剂量 推荐剂量 剂量与给药 剂量和给药 漏服 漏服药物 "
    "用法・用量 用法及び用量 "
    "用法·用量 调配方法 配制方法 建议剂量 用药剂量",
    K.CONTRAINDICATIONS: "禁忌 禁忌症 禁忌证 禁用 禁用人群 忌用 使用禁忌 禁忌人群 禁用情况 用药禁忌 服用禁忌",
    K.WARNINGS: "注意事项 注意 警告 警示语 警语 警告语 警告与注意事项 警告和注意事项 警告及注意事项 警语及注意事项 "
    "警语与注意事项 "
    "特殊警语及使用注意事项 特别警告 特别注意事项 使用注意事项 用药注意事项 使用上の注意 慎用 慎用人群 "
    "重要提示 黑框警告 特别警告及使用注意事项 "
    "使用注意 注意事项及警告 安全性警告 药物滥用 药物滥用和药物依赖 药物滥用与药物依赖 药物滥用和依赖 "
    "药物依赖 依赖性 对驾驶和操作机器能力的影响 "
    "对开车能力与机械操作的影响 运动员慎用 重要な基本的注意 慎重投与 取扱い上の注意",
    K.ADVERSE_REACTIONS: "不良反应 副作用 毒副作用 副反应 毒副反应 不良事件 药物不良反应 药品不良反应 副作用/不良反应 "
    "不良反应/副作用 "
    "临床试验经验 上市后经验 上市后不良反应 可能的副作用",
    K.INTERACTIONS: "药物相互作用 相互作用 交互作用 药物交互作用 药品交互作用 配伍禁忌 药物配伍 与其他药物的相互作用 "
    "饮食禁忌 药物相互影响 "
    "与其他药物的相互作用及其他形式的相互作用 与其他药品的相互作用 药物间相互作用 相互作用及配伍禁忌",
    K.PREGNANCY: "孕妇及哺乳期妇女用药 孕妇与哺乳期妇女用药 孕妇和哺乳期妇女用药 妊娠期及哺乳期妇女用药 "
    "妊娠及哺乳期用药 妊娠期与哺乳期用药 孕妇用药 "
    "孕妇及哺乳期用药 孕妇哺乳期妇女用药 哺乳期妇女用药 哺乳期用药 妊娠期用药 孕妇禁忌 怀孕 怀孕与授乳 "
    "怀孕与哺乳 妊娠 妊娠与哺乳 妊娠和哺乳 妊娠及哺乳 哺乳 授乳 "
    "孕妇及哺乳期妇女 孕妇 哺乳期妇女 生育力、妊娠和哺乳 妊妇、产妇、授乳妇等への投与 孕妇注意事项",
    K.PEDIATRIC: "儿童用药 儿童患者用药 小儿用药 儿童禁忌 儿童 小儿使用 小儿 儿童使用 儿童及青少年用药 儿童和青少年 "
    "青少年用药 小児等への投与 儿童剂量 "
    "儿童患者",
    K.GERIATRIC: "老年用药 老年患者用药 老年人用药 老年人禁忌 老人用药 老年人 老年患者 老年人使用 高龄者用药 "
    "高齢者への投与 老年病患",
    K.RENAL_HEPATIC: "肝肾功能不全 肾功能不全 肝功能不全 肾功能损害 肝功能损害 肾功能受损 肝功能受损 肾功能不全患者用药 "
    "肝功能不全患者用药 "
    "肝肾功能损害患者用药 肝肾损害 肾损害 肝损害 肾损伤病患 肝损伤病患",
    K.OVERDOSE: "药物过量 过量 用药过量 药物过量及处理 过量处理 过量及处理 药物过量的处理 过量投与 药品过量 逾量",
    K.PHARMACOLOGY: "药理毒理 药理作用 药理学 药理特性 药理 毒理 毒理研究 药理与毒理 药理和毒理 药代动力学 药物动力学 "
    "药动学 药代动力学特性 药效学 药效动力学 作用机制 作用机理 "
    "临床试验 临床研究 临床药理 临床药理学 药物代谢动力学 遗传药理学 药物遗传学 毒理学 非临床毒理学 "
    "临床前安全资料 临床前安全性资料 药物代谢 药理毒理学 药效药理 "
    "薬効薬理 薬物動態 临床成绩 临床实验 微生物学 免疫原性 药动学特性",
    K.COMPOSITION: "成份 成分 主要成份 主要成分 有效成分 组成 处方组成 性状 规格 剂型 辅料 赋形剂 成份含量 成分含量 "
    "成分及含量 化学成份 化学名称 化学结构式 包装规格 "
    "组成・性状 组成·性状 成份与性状 成分与性状 剂型及规格 剂型与规格 剂型规格 药物成分 药品成分 "
    "有效成份及含量 成份及性状 药品规格",
    K.STORAGE: "贮藏 储藏 贮存 保存 储存 存储方式 储存方式 储存条件 贮存条件 贮藏条件 保存条件 保存方法 贮藏方法 "
    "有效期 保质期 有效期限 效期 架储期 贮法 "
    "使用期限 包装及储存 储存及有效期 贮藏与有效期 有效期间 储架期 储存期限 储存的特殊注意事项 架贮期",
    K.RECOMMENDATION: "推荐意见 推荐 推荐建议 专家推荐 专家建议 共识意见 推荐要点 治疗 治疗原则 治疗方案 治疗目标 治疗策略 "
    "药物治疗 预防 管理 处理 处理原则 随访 建议",
    K.DIAGNOSIS: "诊断 诊断标准 鉴别诊断 诊断与鉴别诊断 临床表现 临床特点 临床特征 辅助检查 实验室检查 影像学检查 "
    "体格检查 筛查 症状 症状和体征 临床分期 临床分型",
    K.OTHER: "药品名称 药物名称 品名 通用名 通用名称 商品名 商品名称 英文名 英文名称 汉语拼音 批准文号 生产企业 "
    "生产厂家 生产厂商 制造厂 药厂 执行标准 "
    "上市许可持有人 药品上市许可持有人 修改日期 修订日期 核准日期 药物分类 用药科室 包装 进口药品注册证号 "
    "进口药品注册证 注册证号 境内联系人 参考文献 主要文献 说明书修订日期 "
    "药品分类 是否处方药 医保类型 境内代理人 企业名称 生产地址 承认条件 药品特性 临床特性 制剂特性 药剂特性 "
    "其他 其它 医药品资料 用药监护",
}
"""Names that are a section heading when they stand alone, in brackets or before a colon (separated by spaces)."""

_NOT_OF_ALL_AGES = r"^(?!.*(?:(?<!older )(?<!elderly )\badults?\b|成人|成年))"

LOOSE_PATTERNS: tuple[tuple[K, str], ...] = (
    (
        K.OTHER,
        r"marketing authori[sz]ation|name of the medicinal product|date of (first|revision)|^clinical particulars"
        r"|^pharmaceutical particulars|^references|^appendix|^abbreviations|^acknowledg|conflicts? of interest"
        r"|batch number"
        r"|unique identifier|braille|classification for supply|package label|principal display|^参考文献|^附录"
        r"|^致谢|利益冲突"
        r"|^缩略|(学会|分会|委员会|控制中心|学组|协会)$|^manufacturer|^this leaflet was|^(conditions"
        r"|other conditions|manufacturers?) ",
    ),
    (
        K.STORAGE,
        r"out of (the )?(sight|reach)|\bstor(age|ed?|ing)\b|shelf.?life|expiry|expiration|how supplied|disposal"
        r"|贮藏|储藏|贮存|储存|保存|有效期|架储",
    ),
    (K.OVERDOSE, r"overdos|\bmore\b.{1,60} than you should|too much|过量|逾量|中毒处理"),
    (
        K.PREGNANCY,
        r"pregnan|breast.?feed|lactation|fertility|nursing mothers|reproductive potential|labou?r and delivery"
        r"|contracepti|孕妇|怀孕|妊娠|哺乳|授乳|孕期|孕产|母婴|生育",
    ),
    (
        K.PEDIATRIC,
        rf"{_NOT_OF_ALL_AGES}.*(?:p(a)?ediatric|\bchild(ren)?\b|adolescen|infant|neonat|newborn|toddler|儿童|小儿"
        r"|婴幼?儿|新生儿|青少年|小児)",
    ),
    (K.GERIATRIC, rf"{_NOT_OF_ALL_AGES}.*(?:geriatric|elderly|older (people|patients|adults|persons)|老年|高龄|老人)"),
    (
        K.RENAL_HEPATIC,
        r"(renal|hepatic|kidney|liver)( and/or| or| and)?( hepatic| renal| liver| kidney)? (impair|insuff|fail|"
        r"dysfunc|problem|function)|dialysis|肾功能|肝功能|肝肾|透析|肾损|肝损",
    ),
    (
        K.INTERACTIONS,
        r"interact|other medicines? and|(taking|using) other medicines|food,? (and )?drink|alcohol|with food"
        r"|concomitant|incompatib|相互作用|交互作用|配伍|合并用药|联合用药",
    ),
    (
        K.ADVERSE_REACTIONS,
        r"adverse|side.?effects?|undesirable effects|post.?marketing|不良反应|副作用|副反应|不良事件|毒副",
    ),
    (
        K.CONTRAINDICATIONS,
        r"contra.?indicat|(do|must|should) not (take|use|be given|be used|receive|start)|don.t (take|use)"
        r"|who should not"
        r"|^do not (take|use)|禁忌|禁用",
    ),
    (
        K.COMPOSITION,
        r"ingredient|excipient|composition|^what .{1,60} contains?\b|contents of (the )?(pack|container)|looks like"
        r"|dosage forms|strengths|pharmaceutical form|statement of active|^description|成份|成分|性状|赋形剂|规格",
    ),
    (
        K.PHARMACOLOGY,
        r"pharmaco(log|dynam|kinet|genom)|mechanism of action|clinical (studies|trials|efficacy|pharmac)"
        r"|toxicolog|preclinical"
        r"|nonclinical|carcinogen|mutagen|^absorption|^metabolism|^elimination|^excretion|^distribution"
        r"|immunogenicity|microbiology|药理|毒理|药代|药动学|动力学|作用机[制理]"
        r"|临床试验|临床前",
    ),
    (
        K.DOSAGE,
        r"\bdos(e|es|age|ing)\b|posology|administration|how (to|should (i|you)|do (i|you)|is .{1,40}) (take"
        r"|use|give|inject|taken|given|used)"
        r"|^how .{1,40} (is|are) given|directions|if you (forget|miss|stop)|instructions for use"
        r"|preparation (of|and)|titrat|^(self-?)?inject(ing|ion)|^(using|taking|giving) |用法|用量|剂量|给药"
        r"|使用方法|漏服|服用方法",
    ),
    (K.INDICATIONS, r"indication|what .{1,80} (is|are) used for|^uses?$|^purpose$|used for|适应[症证]|功能主治|主治"),
    (
        K.WARNINGS,
        r"warning|precaution|^before (?:taking|using)|before (you|your child) (take|use|are given)|driving|ability to drive"
        r"|ask a doctor|stop use|when using"
        r"|important (safety )?information|should i (tell|avoid)|abuse|dependence|注意事项|警告|警语|警示|慎用"
        r"|驾驶|开车",
    ),
    (K.RECOMMENDATION, r"推荐意见|推荐[0-9一二三]|共识意见|^recommendations?\b|recommendation \d"),
    (
        K.DIAGNOSIS,
        r"diagnos|staging|classif|clinical (feature|course|manifest|present|charact|picture)"
        r"|signs and symptoms|^symptoms"
        r"|investigations?|screening|assessment|诊断|鉴别|临床表现|临床特[点征]|实验室检查|体格检查|分期|分型"
        r"|分类|分层|筛查|(?<!考核)(?<!效果)评估|血压测量|体征",
    ),
    (
        K.RECOMMENDATION,
        r"recommend|treatment|management|therap(y|ies)|prevent|prophyla|monitoring|follow.?up|治疗|预防|防治"
        r"|处理|管理|推荐|随访|康复|干预|控制目标|目标值|疗程",
    ),
)
"""What a longer heading is about: searched in this order, the first that is found counts."""

SPL_KINDS = MappingProxyType(
    {
        "34066-1": K.WARNINGS, "34067-9": K.INDICATIONS, "34068-7": K.DOSAGE, "43678-2": K.COMPOSITION,
        "34070-3": K.CONTRAINDICATIONS, "43685-7": K.WARNINGS, "34071-1": K.WARNINGS, "42232-9": K.WARNINGS,
        "34072-9": K.WARNINGS, "34084-4": K.ADVERSE_REACTIONS, "90374-0": K.ADVERSE_REACTIONS,
        "90375-7": K.ADVERSE_REACTIONS, "34073-7": K.INTERACTIONS, "42228-7": K.PREGNANCY, "34077-8": K.PREGNANCY,
        "34078-6": K.PREGNANCY, "34079-4": K.PREGNANCY, "34080-2": K.PREGNANCY, "77290-5": K.PREGNANCY,
        "77291-3": K.PREGNANCY, "53414-9": K.PREGNANCY, "34081-0": K.PEDIATRIC, "34082-8": K.GERIATRIC,
        "88828-9": K.RENAL_HEPATIC, "88829-7": K.RENAL_HEPATIC, "34088-5": K.OVERDOSE, "42227-9": K.WARNINGS,
        "34085-1": K.WARNINGS, "34086-9": K.WARNINGS, "34087-7": K.WARNINGS, "34089-3": K.COMPOSITION,
        "34090-1": K.PHARMACOLOGY, "43679-0": K.PHARMACOLOGY, "43681-6": K.PHARMACOLOGY, "43682-4": K.PHARMACOLOGY,
        "66106-6": K.PHARMACOLOGY, "49489-8": K.PHARMACOLOGY, "43680-8": K.PHARMACOLOGY, "34083-6": K.PHARMACOLOGY,
        "34091-9": K.PHARMACOLOGY, "34092-7": K.PHARMACOLOGY, "34069-5": K.STORAGE, "44425-7": K.STORAGE,
        "50565-1": K.STORAGE, "34076-0": K.WARNINGS, "88436-1": K.WARNINGS, "59845-8": K.DOSAGE,
        "55105-1": K.INDICATIONS, "55106-9": K.COMPOSITION, "51727-6": K.COMPOSITION, "48780-1": K.COMPOSITION,
        "50566-9": K.WARNINGS, "50567-7": K.WARNINGS, "50569-3": K.WARNINGS, "60561-4": K.WARNINGS,
        "50568-5": K.INTERACTIONS, "50570-1": K.CONTRAINDICATIONS, "43684-0": K.OTHER, "43683-2": K.OTHER,
        "42230-3": K.OTHER, "42231-1": K.OTHER, "51945-4": K.OTHER, "34093-5": K.OTHER, "53413-1": K.OTHER,
        "38056-8": K.OTHER, "68498-5": K.OTHER,
    }
)  # fmt: skip
"""LOINC section codes of SPL documents; 42229-5 (unclassified) is left out on purpose, its heading or parent decides."""
