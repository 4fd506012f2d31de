"""Salts, dosage forms and their relatives, as tables for :mod:`kbchat.medical.drug_names`.

Sources: Chinese Pharmacopoeia 2020 general rules 0100 (dosage forms), EDQM standard terms, INN names of salts.
"""

from __future__ import annotations

FORMS_ZH = (
    "缓释片 控释片 肠溶片 肠溶缓释片 肠溶胶囊 肠溶微丸胶囊 缓释胶囊 控释胶囊 软胶囊 硬胶囊 胶丸 微丸 滴丸 "
    "分散片 咀嚼片 泡腾片 含片 口含片 舌下片 口腔崩解片 口崩片 薄膜衣片 "
    "薄膜包衣片 糖衣片 包衣片 双层片 阴道片 阴道泡腾片 阴道栓 片剂 胶囊剂 胶囊 颗粒剂 颗粒 细粒 冲剂 散剂 "
    "丸剂 水丸 水蜜丸 小蜜丸 大蜜丸 蜜丸 浓缩丸 "
    "干混悬剂 混悬剂 混悬液 混悬滴剂 口服混悬液 口服溶液 口服液 口服乳 口服滴剂 糖浆剂 糖浆 干糖浆 滴剂 合剂 "
    "溶液 溶液剂 酊剂 搽剂 洗剂 涂剂 涂膜剂 灌肠剂 灌肠液 漱口液 "
    "滴眼液 滴眼剂 眼膏 眼用凝胶 眼用乳剂 滴耳液 滴鼻液 滴鼻剂 鼻喷雾剂 鼻喷剂 喷雾剂 喷剂 气雾剂 粉雾剂 "
    "吸入粉雾剂 吸入气雾剂 吸入溶液 吸入混悬液 吸入用混悬液 吸入剂 干粉吸入剂 "
    "乳膏 乳膏剂 软膏 软膏剂 凝胶 凝胶剂 凝胶贴膏 乳胶剂 贴剂 贴片 透皮贴剂 透皮贴片 贴膏 橡胶膏 膏药 煎膏 栓剂 膜剂 "
    "注射液 注射剂 粉针剂 粉针 冻干粉针剂 冻干粉针 冻干粉 静脉注射液 静脉输注溶液 预充式注射液 预填充注射液 "
    "预充注射笔 注射笔 植入剂 微球 缓释微球 脂质体 乳状注射液 输液 "
    "膜衣锭 缓释锭 肠溶锭 锭剂 锭 膠囊 軟膠囊 硬膠囊 膜衣錠 持續性藥效錠 口溶錠 錠劑 錠 顆粒劑 顆粒 糖漿 "
    "懸液劑 注射劑 注射液劑 眼藥水 眼药水 乳膏劑 軟膏 凝膠 栓劑 貼片 吸入劑 鼻用噴液劑"
)
"""Dosage forms of two characters and more (and 錠, which is never anything else)."""

SHORT_FORMS_ZH = "片 丸 散 栓 膏 霜 酊 针 丹 露 汤"
"""One-character forms; they also end other words, see the two tables below."""

MEASURES_BEFORE_FORM_ZH = "一二两三四五六七八九十半几每多少整大小这那此该本数\\d"
"""Before a one-character form these make a quantity or a pointer (一片, 几丸, 本片), not a name."""

SHORT_FORM_COMPOUNDS_ZH = (
    "切 照 图 名 药 碎 拍 分 影 胸 麻 打 银 方 面 白 牙 药 长效 长 扩 解 消 发 涣 防晒 雪 冰 血 显"
)
"""Before a one-character form these make another word (胸片, 打针, 药丸, 分散, 牙膏)."""

PREFIXES_ZH = "注射用 吸入用 外用 重组人 重组 注射用重组人"
"""Words before a name that do not change what the drug is (复方 and 小儿 do, and stay)."""

CARRIERS_ZH = "氯化钠 葡萄糖"
"""Carrier solutions in infusion names (左氧氟沙星氯化钠注射液)."""

SALT_PREFIXES_ZH = (
    "盐酸 硫酸氢 硫酸 马来酸 酒石酸 重酒石酸 枸橼酸 柠檬酸 富马酸 半富马酸 琥珀酸 甲磺酸 苯磺酸 对甲苯磺酸 "
    "甲苯磺酸 醋酸 乙酸 磷酸 磷酸二氢 氢溴酸 氢碘酸 草酸 乳酸 乳糖酸 硝酸 单硝酸 "
    "葡萄糖酸 门冬氨酸 棕榈酸 双羟萘酸 羟萘酸 苹果酸 丙二酸 丙酸 糠酸 戊酸 己酸 癸酸 苯甲酸 龙胆酸 羟乙磺酸 "
    "依西酸 托西酸 泛酸 二盐酸 氢氯酸 溴化 "
    "鹽酸 硫酸氫 馬來酸 酒石酸 檸檬酸 琥珀酸"
)

METALS_ZH = "二钠 钠 钾 钙 镁 锌 锂 鈉 鉀 鈣 鎂"

METAL_CORES_ZH = "亚铁 铁 镁 锌 铋 钾 钙 钠 铝 锂 铜 钡 锶 氢钠 氢钙 氢钾 鎂 鉀 鈣 鈉 甘油 异山梨 銀 银 铵 氢铵 果糖 菌"
"""What remains of a name that is nothing but its ion (or a nitrate ester): the salt is its meaning."""

INORGANIC_ACIDS_ZH = (
    "碳酸 碳酸氢 磷酸 磷酸氢 磷酸二氢 硫酸 硫代硫酸 硝酸 亚硝酸 高锰酸 葡萄糖酸 枸橼酸 柠檬酸 乳酸 醋酸 "
    "谷氨酸 门冬氨酸 硼酸 亚硫酸 玻璃酸 透明质酸 枸橼酸铋 亚叶酸 "
    "聚磺苯乙烯磺酸 甘油磷酸 果糖二磷酸 三磷酸腺苷 焦磷酸"
)
"""Acids whose metal salt is the drug itself."""

FORM_WORDS_EN = (
    "tablets? capsules? caplets? softgels? granules? powders? solution solutions suspensions? syrup elixir "
    "drops? spray inhaler "
    "inhalation cream ointment gel lotion foam patch patches suppository suppositories pessary pessaries "
    "injection injections infusion concentrate "
    "emulsion lozenges? film-coated gastro-resistant prolonged-release modified-release extended-release "
    "delayed-release immediate-release "
    "orodispersible chewable dispersible effervescent sustained-release controlled-release enteric-coated "
    "sprinkle pre-filled prefilled "
    "vials? ampoules? pens? syringes? implants? kit sachets? pellets? for hard soft oral"
)

FORM_MODIFIERS_EN = (
    "er xr sr cr xl mr dr ir la od hard soft oral topical nasal ophthalmic sterile film coated sugar extended release"
)

SALTS_EN = (
    "hydrochloride hcl dihydrochloride sulfate sulphate bisulfate maleate tartrate bitartrate citrate "
    "fumarate succinate mesilate mesylate "
    "besilate besylate tosilate tosylate acetate phosphate hydrobromide sodium disodium potassium calcium "
    "magnesium monohydrate dihydrate trihydrate "
    "hemihydrate hydrate anhydrous nitrate lactate pamoate embonate palmitate decanoate propionate "
    "dipropionate valerate furoate xinafoate bromide "
    "hydrogen malate oxalate edisylate isethionate napsylate medoxomil axetil proxetil cilexetil etexilate "
    "disoproxil alafenamide"
)

METALS_EN = (
    "sodium potassium calcium magnesium zinc lithium ferrous ferric iron aluminium aluminum bismuth barium "
    "silver ammonium"
)

SIMPLE_ANIONS_EN = (
    "chloride bicarbonate carbonate phosphate citrate sulfate sulphate hydroxide oxide nitrite nitroprusside "
    "gluconate fumarate lactate acetate iodide "
    "fluoride bromide permanganate thiosulfate subcitrate subsalicylate dichromate sulfadiazine hyaluronate "
    "glycerophosphate trisilicate aspartate "
    "polystyrene picosulfate picosulphate hydrogen dihydrogen"
)
