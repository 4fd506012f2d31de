"""Dates of approval and revision, in every notation."""

from __future__ import annotations

import pytest

from ingest.structure.dates import document_dates, publication_date
from ingest.structure.lines import document_lines
from kbchat.types import Page


@pytest.mark.parametrize(
    ("text", "approved", "revised"),
    [
        ("核准日期：2009年03月02日\n修改日期：2012年10月01日\n2018年05月20日", "2009-03-02", "2018-05-20"),
        ("核准日期：2011年07月07日修改日期：2021年04月22日", "2011-07-07", "2021-04-22"),
        ("核准日期：\n2007年3月2日\n修订日期：\n2010 年 9 月", "2007-03-02", "2010-09"),
        ("核准日期: 2007.03.10 修订日期: 2012-10-1", "2007-03-10", "2012-10-01"),
        ("【核准日期】２００７年０３月１０日", "2007-03-10", ""),
        ("核准日期：二〇〇七年三月十日\n修改日期：二〇一五年十二月", "2007-03-10", "2015-12"),
        ("核准日期 20070310", "2007-03-10", ""),
        ("核准日期： 修改日期：2021年5月", "", "2021-05"),
        ("核准日期：2007年3月20日 第一次修订日期：2008年1月 第二次修订日期：2012年4月", "2007-03-20", "2012-04"),
        ("修訂日期：2014/06/18", "", "2014-06-18"),
        ("〔＊＊2021年10月改訂（第22版）〕\n＊2020年 3 月改訂", "", "2021-10"),
        ("10. DATE OF REVISION OF THE TEXT\n12/05/2023", "", "2023-05-12"),
        ("Initial U.S. Approval: 1996\nRevised: 4/2024", "1996", "2024-04"),
        ("This leaflet was last revised in March 2021.", "", "2021-03"),
        ("Take 20 mg in 2021 cases.", "", ""),
    ],
)
def test_dates(text: str, approved: str, revised: str) -> None:
    assert document_dates(document_lines([Page(1, text)])) == (approved, revised)


def test_a_version_line_dates_a_guideline() -> None:
    imprint = "A guideline\nThrombosis Committee. Version 2.1, May 2023. Review date May 2026."
    assert publication_date(document_lines([Page(1, imprint)])) == "2023-05"
    assert publication_date(document_lines([Page(1, "某某共识\n2019年8月发布")])) == "2019-08"
