"""The built-in generator: verbatim, cited, concise."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from kbchat.answering.citations import cite
from kbchat.generation.extractive import ExtractiveGenerator
from kbchat.generation.protocol import GenerationRequest, Generator
from kbchat.retrieval.information import Information
from kbchat.text.tokens import query_tokens
from kbchat.types import DocumentKind, Passage, Query, ScoreParts, SectionKind, Span

DOSE = (
    "用法用量\n口服。成人：一次0.5g，一日2次，随餐服用。\n儿童：10岁以上，起始剂量为一次0.5g，一日2次，每日最大剂量不超过2g。\n"
    "肾功能不全：eGFR低于30ml/min者禁用。"
)
WARN = "注意事项\n以下情况慎用：\n1. 既往有乳酸酸中毒史者。\n2. 酗酒者。\n3. 近期使用含碘造影剂者。\n定期检查肾功能。"
TABLE = "氨氯地平 | 2.5-10 | 1\n硝苯地平 | 10-30 | 2-3"


def passage(text: str, number: int, *, header: str = "", title: str = "示例片", date: str = "2020-05-01") -> Passage:
    span = (Span(1, 0, len(text)),)
    return Passage(
        chunk_id=number,
        document_id=number,
        revision_id=number,
        document=f"{number}.txt",
        document_title=title,
        document_kind=DocumentKind.LEAFLET,
        subject=title,
        revision_date=date,
        section_id=number,
        section_kind=SectionKind.DOSAGE,
        section_path=(text.split("\n", maxsplit=1)[0],) if "\n" in text and "|" not in text else ("剂量表",),
        spans=span,
        hit_spans=span,
        text=text,
        table_header=header,
        score=1.0,
        parts=ScoreParts(lexical=1.0),
        hit_length=len(text),
    )


def answer(question: str, passages: Sequence[Passage], limit: int = 400) -> str:
    tokens = Information(dict.fromkeys(query_tokens(question), 3.0))
    query = Query(question, question, (), (), "zh")
    generator = ExtractiveGenerator()
    assert isinstance(generator, Generator)
    return "".join(generator.stream(GenerationRequest(query, tuple(passages), limit, information=tokens)))


def test_the_sentence_for_the_patient_group_is_quoted_whole() -> None:
    text = answer("儿童每日最大剂量是多少", [passage(DOSE, 1)])
    assert "每日最大剂量不超过2g。 [1]" in text


def test_every_line_but_headings_carries_a_marker_and_stands_in_the_passage() -> None:
    passages = [passage(DOSE, 1), passage(WARN, 2)]
    text = answer("肾功能不全能用吗", passages)
    for line in text.split("\n"):
        if line and not line.startswith("**"):
            assert line.endswith("]")
    cited = cite(text, passages)
    assert cited.removed == 0
    for citation in cited.citations:
        assert citation.quote in (DOSE + WARN)


def test_a_lead_in_brings_its_list() -> None:
    text = answer("哪些情况慎用", [passage(WARN, 1)])
    assert "以下情况慎用：" in text
    assert "酗酒者" in text
    assert "近期使用含碘造影剂者" in text


def test_a_table_row_brings_its_header() -> None:
    text = answer("氨氯地平的剂量", [passage(TABLE, 1, header="药物 | 每日剂量(mg) | 次数")])
    assert "药物 | 每日剂量(mg) | 次数" in text
    assert "氨氯地平 | 2.5-10 | 1 [1]" in text
    assert "硝苯地平" not in text


def test_the_answer_keeps_to_its_length() -> None:
    long = "剂量说明。" + "".join(f"剂量条目{i}：每日{i}次，每次{i}片，遵医嘱服用并观察反应情况。" for i in range(60))
    assert len(answer("剂量是多少", [passage(long, 1)], 200)) < 400


def test_the_same_words_are_said_once() -> None:
    text = answer("儿童每日最大剂量是多少", [passage(DOSE, 1), passage(DOSE, 2, title="另一片")])
    assert text.count("每日最大剂量不超过2g") == 1


def test_nothing_to_say_says_nothing() -> None:
    assert answer("剂量", []) == ""


def test_the_same_question_about_another_drug_is_no_answer() -> None:
    asked = "奥美拉唑饭前吃还是饭后吃"
    other = passage("阿司匹林应该饭前还是饭后吃\n阿司匹林宜在饭前用适量水送服，不要咀嚼。", 1, title="阿司匹林")
    other = replace(other, score=3.2, parts=ScoreParts(lexical=1.0, entity=-0.35))
    right = passage("用法用量\n奥美拉唑应晨起空腹吞服，不可咀嚼。", 2, title="奥美拉唑")
    right = replace(right, score=2.8, parts=ScoreParts(lexical=0.3, entity=0.5))
    text = answer(asked, [other, right])
    assert "晨起空腹吞服" in text
    assert "阿司匹林" not in text
    far = replace(right, score=1.0)
    assert "阿司匹林" in answer(asked, [other, far])


def test_lines_of_names_answer_only_questions_about_names() -> None:
    names = "药品名称\n通用名称：阿托伐他汀钙片\n商品名称：立普妥\n"
    dose = "用法用量\n口服，一日1次，可在一天内任何时间服用，不受进餐影响。\n起始剂量通常为10mg。"
    passages = [passage(names, 1, title="阿托伐他汀钙片"), passage(dose, 2, title="阿托伐他汀钙片")]
    text = answer("立普妥什么时候吃", passages)
    assert "任何时间" in text
    assert "商品名称" not in text
    assert "商品名称：立普妥" in answer("阿托伐他汀的商品名称是什么", passages)


def test_the_time_of_day_asked_for_is_said() -> None:
    text = answer("硝苯地平饭前吃还是饭后吃", [passage("用法用量\n硝苯地平一次30mg。\n服药时间不受进餐影响。", 1)])
    assert "不受进餐影响" in text


def test_a_header_row_is_written_once() -> None:
    header = "Indication | Dose"
    first = passage(f"Recommended Dose\n{header}\nStroke prevention | 5 mg twice daily", 1)
    second = passage("Treatment | 10 mg twice daily\nProphylaxis | 2.5 mg twice daily", 2, header=header)
    second = replace(second, revision_id=1, section_path=first.section_path)
    text = answer("twice daily dose", [first, second])
    assert "Treatment" in text
    assert "Stroke" in text
    assert text.count(header) == 1


def test_a_dose_of_another_drug_is_no_header() -> None:
    rows = "Choice\nApixaban | 5 mg twice daily\nRivaroxaban | 20 mg once daily\nWarfarin | INR 2 to 3"
    assert "Apixaban" not in answer("rivaroxaban dose", [passage(rows, 1)])


RENAL = "肾功能不全患者\n轻至中度肾功能损害者无需调整剂量，重度者一次2.5mg。\n重度肝功能损害者禁用，中度肝功能损害者一次2.5mg。"
BOXED = "治疗\n老年患者的起始剂量为一次2.5mg，一日1次。（推荐级别：ⅠA）\n随访间隔为4周。"
DOSES = "适应症 | 剂量\n房颤 | 一次5mg，一日2次\n80岁以上且体重60kg以下者 | 一次2.5mg，一日2次\n关节置换术后 | 一次2.5mg，一日2次"


def test_the_liver_is_no_answer_to_a_question_of_the_kidneys() -> None:
    text = answer("肾功能损害者一次吃多少毫克", [passage(RENAL, 1)])
    assert "重度者一次2.5mg" in text
    assert "肝" not in text


def test_a_remark_in_brackets_stays_with_its_statement() -> None:
    text = answer("老年患者起始剂量多少", [passage(BOXED, 1)])
    assert "一日1次。（推荐级别：ⅠA） [1]" in text


def test_an_overdose_amount_is_no_dose() -> None:
    over = replace(
        passage("药物过量\n儿童误服一次100mg可致中毒。", 2),
        section_kind=SectionKind.OVERDOSE,
        section_path=("药物过量",),
    )
    text = answer("儿童一次吃多少", [passage(DOSE, 1), over])
    assert "100mg" not in text


def test_a_small_table_of_doses_is_shown_whole() -> None:
    text = answer("示例片什么情况一次吃2.5mg的剂量", [replace(passage(DOSES, 1), section_path=("用法用量",))])
    assert all(row in text for row in DOSES.split("\n"))


def test_a_sentence_that_a_line_break_tore_is_quoted_whole() -> None:
    torn = "How to take it\nThe usual dose is 150 mg once a day.\nThe doctor may advise a lower dose in patients such as\nthose over the age of 75 years."
    text = answer("Above what age is a lower dose advised", [passage(torn, 1)])
    assert "those over the age of 75 years" in text
    assert "The doctor may advise a lower dose in patients such as" in text


COUNTED = (
    "Renal impairment\nNo change is needed in mild renal impairment.\n"
    "The dose is 2.5 mg twice daily in patients with at least two of the following:\n"
    "• age of 80 years or more\n• body weight of 60 kg or less\n• serum creatinine of 1.5 mg/dL or more"
)


def test_a_list_that_counts_its_items_is_whole_or_not_there() -> None:
    for limit in (80, 200, 400):
        text = answer("What is the dose at a body weight of 60 kg or less", [passage(COUNTED, 1)], limit)
        items = ("at least two of", "80 years", "60 kg", "1.5 mg/dL")
        assert sum(item in text for item in items) in (0, len(items))
