"""Words about what a person may not do."""

from __future__ import annotations

from kbchat.messages import Bilingual

ROLES = {
    "reader": Bilingual("reader", "读者"),
    "curator": Bilingual("curator", "资料管理员"),
    "admin": Bilingual("administrator", "系统管理员"),
}
NEEDS_ROLE = Bilingual(
    "This needs the role “{role}” here. Ask an administrator of kbchat for it.",
    "此操作需要“{role}”权限，请向 kbchat 系统管理员申请。",
)
