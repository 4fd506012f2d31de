"""Questions that leaflets and guidelines never answer."""

from __future__ import annotations

import pytest

from kbchat.medical.outside_documents import asks_outside_documents


@pytest.mark.parametrize(
    "question",
    [
        "阿司匹林肠溶片多少钱一盒",
        "这个药医保能报销吗",
        "药房还有货吗，库存多少",
        "上个月药监局发布了什么安全警示",
        "最近三个月关于二甲双胍又有什么新研究",
        "哪里能买到利伐沙班",
        "得了这个病还能活几年",
        "How much does apixaban cost?",
        "Is it covered by insurance?",
        "Has there been a recall this week?",
        "明年这个药会降价吗",
        "利伐沙班的慈善赠药怎么申请",
        "网友都说二甲双胍伤肾，是真的吗",
        "明天上午心内科门诊有号吗",
        "我爸还能撑多久？",
        "Which pharmacy near me is cheapest?",
        "What do people online say about statins?",
        "发药的那位护士周末上不上班",
        "哪个医生开利伐沙班开得最多",
        "缬沙坦和替米沙坦哪个卖得快",
        "利伐沙班去年在江苏卖了几万盒",
        "我爸吃这药第二年了，他还能过几个生日",
        "下一版糖尿病指南会把血红蛋白目标调到多少",
        "听说二甲双胍说明书下个月要改，加了什么",
        "今年美国心脏年会上利伐沙班报了什么数据",
        "昨天欧洲药管局给他汀加了什么警告",
        "What did this year's ESC congress report on rivaroxaban?",
        "Will the next edition of the guideline drop metformin?",
        "How much profit does the maker of rivaroxaban earn?",
        "Which nurse is on duty for injections tonight?",
        "Did my sister pick up her tablets?",
        "How long has my dad got left?",
    ],
)
def test_money_stock_news_and_prognosis_are_outside(question: str) -> None:
    assert asks_outside_documents(question)


@pytest.mark.parametrize(
    "question",
    [
        "该看哪个科，医生会做什么检查",
        "我明年备孕，缬沙坦要提前停吗",
        "最近加了他汀，肌肉疼要停药吗",
        "护士打针前要排气吗",
        "我妈吃这个药过几年会不会影响肾",
        "说明书里老年人今后用药要注意什么",
        "病人过几天能拆线",
        "手术后多久可以坐飞机",
        "指南对未来十年心血管风险怎么评估",
        "What are the symptoms of patent ductus arteriosus?",
        "How many units should I inject before meals?",
        "I started it last week, is dizziness normal?",
        "二甲双胍一天最多吃多少",
        "目前推荐的降压目标是多少",
        "最近吃了阿莫西林，身上起疹子怎么办",
        "今天早上忘了吃药，要不要补",
        "How much apixaban should I take?",
        "What is the daily dose?",
        "I stored it in the fridge this morning",
        "明天再补吃可以吗",
        "下个月要手术，阿司匹林提前几天停",
        "一年到头便秘，能坚持吃几个月乳果糖吗",
        "I fly next week, can I take my insulin on board?",
    ],
)
def test_what_leaflets_do_say_is_inside(question: str) -> None:
    assert not asks_outside_documents(question)
