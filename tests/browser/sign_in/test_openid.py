"""Signing in to the app with OpenID Connect, at a provider of its own."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import Served, start_app, stop_app
from tests.browser.sign_in.conftest import Portal
from tests.browser.sign_in.identity_provider import IdentityProvider, provider
from tests.running_service import SECRET, host_token

Visitor = Callable[[], Page]
NURSE = {"sub": "u-17", "name": "王护士", "roles": ["kb-nurse"]}


@pytest.fixture(scope="module")
def identity() -> Iterator[IdentityProvider]:
    found = provider()
    yield found
    found.server.shutdown()
    found.server.server_close()


@pytest.fixture(scope="module")
def app(
    ward_data: Path, identity: IdentityProvider, portal: Portal, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Served]:
    folder = tmp_path_factory.mktemp("openid") / "data"
    shutil.copytree(ward_data, folder)
    client = folder / "client.toml"
    client.write_text(
        '[auth]\nredirect_uri = "http://127.0.0.1:{port}/oauth2callback"\n'
        'cookie_secret = "0123456789abcdef0123456789abcdef"\nclient_id = "kbchat"\nclient_secret = "secret"\n'
        f'server_metadata_url = "{identity.issuer}/.well-known/openid-configuration"\n'
    )
    (folder / "kbchat.toml").write_text(
        f'[server]\nframe_ancestors = ["{portal.origin}"]\n'
        f'[[access.host_keys]]\nid = "his"\nalgorithm = "HS256"\nfile = "{folder / "his.key"}"\nroles = ["curator"]\n'
        f'[ui]\noidc_client = "{client}"\n[access.oidc_roles]\nkb-nurse = "reader"\n',
        encoding="utf-8",
    )
    (folder / "his.key").write_bytes(SECRET)
    process, url = start_app(folder)
    yield Served(url, folder)
    stop_app(process)


def test_a_person_signs_in_stays_signed_in_and_signs_out(
    app: Served, identity: IdentityProvider, strict_visitor: Visitor, keep: Callable[[Page, str], None]
):
    identity.person = NURSE
    page, stranger = strict_visitor(), strict_visitor()
    page.goto(app.url)
    expect(page.get_by_test_id("stChatInputTextArea")).to_have_count(0)
    expect(page.get_by_role("button", name="使用医院账号登录")).to_be_visible()
    keep(page, "sign-in-openid")

    page.get_by_role("button", name="使用医院账号登录").click()
    expect(page.get_by_text("已登录：王护士")).to_be_visible()
    expect(page.get_by_test_id("stChatInputTextArea")).to_be_visible()
    expect(page.get_by_text("系统状态")).to_have_count(0)
    keep(page, "signed-in-openid")
    page.reload()
    expect(page.get_by_text("已登录：王护士")).to_be_visible()
    stranger.goto(app.url)
    expect(stranger.get_by_role("button", name="使用医院账号登录")).to_be_visible()

    page.get_by_role("button", name="退出登录").click()
    expect(page.get_by_role("button", name="使用医院账号登录")).to_be_visible()
    assert identity.left == 1
    page.reload()
    expect(page.get_by_text("已登录")).to_have_count(0)


def test_somebody_without_a_role_sees_that_nothing_is_open(
    app: Served, identity: IdentityProvider, strict_visitor: Visitor
):
    identity.person = {"sub": "u-18", "name": "<b>Li</b>", "roles": ["janitor"]}
    page = strict_visitor()
    page.goto(app.url)
    page.get_by_role("button", name="使用医院账号登录").click()

    expect(page.get_by_text("尚未获得任何权限")).to_be_visible()
    expect(page.get_by_text("<b>Li</b>").first).to_be_visible()
    expect(page.get_by_test_id("stChatInputTextArea")).to_have_count(0)


def test_an_old_sign_in_must_be_made_again(app: Served, identity: IdentityProvider, strict_visitor: Visitor):
    identity.person = NURSE | {"iat": 1_700_000_000}
    page = strict_visitor()
    page.goto(app.url)
    page.get_by_role("button", name="使用医院账号登录").click()

    expect(page.get_by_text("您的登录已到期")).to_be_visible()
    expect(page.get_by_test_id("stChatInputTextArea")).to_have_count(0)


def test_a_curator_uploads_in_a_frame_without_cookies_beside_openid(
    app: Served, portal: Portal, strict_visitor: Visitor
):
    page = strict_visitor()
    statuses: list[int] = []
    page.on("response", lambda said: statuses.append(said.status) if "upload_file" in said.url else None)
    page.goto(portal.framing(f"{app.url}/knowledge-bases?base=ward#token={host_token('陈', roles=['curator'])}"))
    frame = page.frame_locator("#kb")
    expect(frame.get_by_text("已登录：陈")).to_be_visible()

    frame.get_by_role("tab", name="添加文档").click()
    content = {"name": "b.txt", "mimeType": "text/plain", "buffer": "【禁忌】孕妇禁用。".encode()}
    frame.locator("input[type=file]").set_input_files(content)

    expect(frame.get_by_role("button", name="读入 1 个文件")).to_be_visible()
    assert statuses
    assert all(status < 300 for status in statuses)
