"""Words of the sign-in page, and of who is signed in."""

from __future__ import annotations

from kbchat.messages import Bilingual

TITLE = Bilingual("Sign in", "登录")
WAITING = Bilingual("Signing in…", "正在登录…")
SIGN_IN = Bilingual("Sign in with the hospital's account", "使用医院账号登录")
SIGN_OUT = Bilingual("Sign out", "退出登录")
SIGN_IN_TEXT = Bilingual("Please sign in to ask questions.", "请先登录，再开始提问。")
FROM_PORTAL = Bilingual(
    "Please open this page from the hospital's portal: it signs you in.",
    "请从医院门户中打开本页面，系统会自动为您登录。",
)
AGAIN_FROM_PORTAL = Bilingual(
    "Please open this page from the portal again: a sign-in holds until the page is closed or loaded anew.",
    "请从门户重新打开本页面：登录在页面关闭或刷新后即失效。",
)
ENDED = Bilingual("Your session has ended.", "您的会话已结束。")
BY_PROXY = Bilingual(
    "Nobody is signed in. Please open this page through the hospital's sign-in.",
    "尚未登录，请通过医院统一登录入口打开本页面。",
)
NO_ROLE = Bilingual(
    "You are signed in as {name}, but nothing here is open to you. Ask the administrator of kbchat for a role.",
    "您已以 {name} 的身份登录，但尚未获得任何权限，请向 kbchat 系统管理员申请。",
)
SIGNED_IN = Bilingual("Signed in as {name}", "已登录：{name}")
