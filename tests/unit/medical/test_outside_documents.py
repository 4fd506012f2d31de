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
    ],
)
def test_money_stock_news_and_prognosis_are_outside(question: str) -> None:
    assert asks_outside_documents(question)


@pytest.mark.parametrize(
    "question",
    [
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
