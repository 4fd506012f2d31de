"""The management API against a real service: documents come in and go, sources are shown, conversations are kept."""

from __future__ import annotations

import io
import json
import time
import zipfile
from pathlib import Path

import pytest

from kbchat.services.keys import KeyService
from tests import patient

LEAFLET = "【药品名称】维生素C片\n【适应症】用于预防坏血病。\n【用法用量】口服。一次50～100mg，一日1次。\n【禁忌】尚不明确。\n"


@pytest.fixture
def client(serve):
    with patient.Client(base_url=serve().url) as found:
        yield found


def finished(client, job):
    for _ in range(600):
        found = client.get(f"/api/jobs/{job['id']}").json()
        if found["state"] in ("done", "failed", "cancelled"):
            return found
        time.sleep(0.1)
    raise AssertionError(found)


def upload(client, *files, base="drugs", **kwargs):
    sent = [("files", file) for file in files]
    return client.post(f"/api/bases/{base}/uploads", data={"ocr": "off"}, files=sent, **kwargs)


def test_an_upload_becomes_a_document_that_answers(client):
    said = upload(client, ("维生素C片.txt", LEAFLET.encode()))
    assert said.status_code == 202
    assert said.headers["location"] == f"/api/jobs/{said.json()['id']}"

    job = finished(client, said.json())
    (file,) = job["files"]
    assert (job["state"], file["status"], file["name"]) == ("done", "added", "维生素C片.txt")
    document = client.get(f"/api/bases/drugs/documents/{file['document_id']}").json()
    assert document["row"]["status"] == "live"
    asked = {"model": "medication", "messages": [{"role": "user", "content": "维生素C片怎么吃？"}]}
    answer = client.post("/v1/chat/completions", json=asked).json()["choices"][0]["message"]
    assert "50～100mg" in answer["content"]


def test_the_same_name_again_is_a_new_revision_with_a_difference(client):
    first = finished(client, upload(client, ("c.txt", LEAFLET.encode())).json())["files"][0]["document_id"]
    changed = finished(client, upload(client, ("c.txt", LEAFLET.replace("一日1次", "一日2次").encode())).json())
    assert changed["files"][0]["status"] == "updated"
    where = f"/api/bases/drugs/documents/{first}"

    new, old = client.get(f"{where}/revisions").json()["items"]
    lines = client.get(f"{where}/difference", params={"old": old["id"], "new": new["id"]}).json()["lines"]
    assert new["current"]
    assert {(line["kind"], "2次" in line["text"]) for line in lines} >= {("added", True), ("removed", False)}
    assert client.get(f"{where}/sections", params={"limit": 1}).json()["total"] == 1

    assert client.post(f"{where}/retire").json()["status"] == "retired"
    assert client.post(f"{where}/retire").json()["status"] == "retired"
    assert client.post(f"{where}/restore").json()["status"] == "live"
    card = client.patch(f"{where}/card", json={"manufacturer": "某药厂"}).json()["card"]
    assert card["manufacturer"] == "某药厂"
    again = finished(client, client.post("/api/bases/drugs/reread", json={"documents": [first]}).json())
    assert again["state"] == "done"


def test_progress_is_told_until_the_job_is_over(client):
    job = upload(client, ("a.txt", LEAFLET.encode()), ("b.txt", LEAFLET.replace("C", "B").encode())).json()
    states = []
    with client.stream("GET", f"/api/jobs/{job['id']}/events") as response:
        assert response.headers["content-type"].startswith("text/event-stream")
        states += [json.loads(line[6:]) for line in response.iter_lines() if line.startswith("data: ")]
    assert states[-1]["state"] == "done"
    assert states[-1]["files_done"] == 2
    assert all(one["id"] == job["id"] for one in states)


def archive(*names):
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as made:
        for name in names:
            made.writestr(name, LEAFLET)
    return ("all.zip", content.getvalue())


def test_archives_are_unpacked(client):
    job = finished(client, upload(client, archive("leaflets/c.txt")).json())
    assert [(Path(file["name"]).name, file["status"]) for file in job["files"]] == [("c.txt", "added")]


@pytest.mark.parametrize("name", ["../../outside.txt", "/etc/cron.d/x.txt", "C:/x.txt", "a/../../x.txt"])
def test_archives_that_lead_out_of_their_folder_are_refused(client, name):
    said = upload(client, archive("c.txt", name))
    assert said.status_code == 422
    assert client.get("/api/jobs").json()["items"] == []


@pytest.mark.parametrize(
    ("name", "kept"),
    [
        ("../../../../etc/passwd.txt", "passwd.txt"),
        ("/etc/shadow.txt", "shadow.txt"),
        ("C:\\Windows\\system32\\evil.txt", "evil.txt"),
        ("..\\..\\evil.txt", "evil.txt"),
        ("a\x00b.txt", "a\ufffdb.txt"),
        ("\u202etxt.exe.txt", "txt.exe.txt"),
        ("<img src=x onerror=alert(1)>.txt", "<img src=x onerror=alert(1)>.txt"),
    ],
)
def test_names_lead_nowhere(client, serve, tmp_path, name, kept):
    before = {path for path in tmp_path.parent.rglob("*") if "data" not in path.parts}
    body = b'--X\r\nContent-Disposition: form-data; name="files"; filename="' + name.encode() + b'"\r\n\r\n'
    said = client.post(
        "/api/bases/drugs/uploads",
        content=body + LEAFLET.encode() + b"\r\n--X--\r\n",
        headers={"Content-Type": "multipart/form-data; boundary=X"},
    )
    assert said.status_code == 202, said.text
    assert [file["name"] for file in said.json()["files"]] == [kept]
    finished(client, said.json())
    assert not Path("/etc/passwd.txt").exists()
    assert {path for path in tmp_path.parent.rglob("*") if "data" not in path.parts} == before


@pytest.mark.parametrize("name", ["", ".", "..", "/", "../.."])
def test_names_that_are_none_are_refused(client, name):
    body = f'--X\r\nContent-Disposition: form-data; name="files"; filename="{name}"\r\n\r\nx\r\n--X--\r\n'
    headers = {"Content-Type": "multipart/form-data; boundary=X", "Accept-Language": "en"}
    said = client.post("/api/bases/drugs/uploads", content=body.encode(), headers=headers)
    assert said.status_code == 422
    assert said.headers["content-type"] == "application/problem+json"


def test_an_idempotency_key_does_it_once(client):
    key = {"Idempotency-Key": "8e03978e-40d5"}
    first = upload(client, ("c.txt", LEAFLET.encode()), headers=key)
    second = upload(client, ("c.txt", LEAFLET.encode()), headers=key)
    assert first.json() == second.json()
    assert second.headers["idempotent-replayed"] == "true"
    assert len(client.get("/api/jobs").json()["items"]) == 1

    made = client.post("/api/bases", json={"name": "b"}, headers={"Idempotency-Key": "k2"})
    again = client.post("/api/bases", json={"name": "b"}, headers={"Idempotency-Key": "k2"})
    assert (made.status_code, again.status_code) == (201, 201)
    assert made.json() == again.json()
    other = client.post("/api/bases", json={"name": "c"}, headers={"Idempotency-Key": "k2"})
    assert other.status_code == 409
    assert client.post("/api/bases", json={"name": "b"}, headers={"Idempotency-Key": "k3"}).status_code == 409
    assert client.post("/api/bases", json={"name": "d"}, headers={"Idempotency-Key": "k3"}).status_code in (201, 409)


def test_an_upload_is_the_same_by_its_content_not_by_its_length(client):
    key = {"Idempotency-Key": "content"}
    first = upload(client, ("c.txt", LEAFLET.encode()), ("d.txt", b"Dosage: 1 tablet."), headers=key)
    assert first.status_code == 202

    same_length = LEAFLET.replace("一日1次", "一日9次").encode()
    assert len(same_length) == len(LEAFLET.encode())
    for files in (
        [("c.txt", same_length), ("d.txt", b"Dosage: 1 tablet.")],
        [("c.txt", LEAFLET.encode()), ("e.txt", b"Dosage: 1 tablet.")],
        [("d.txt", b"Dosage: 1 tablet."), ("c.txt", LEAFLET.encode())],
        [("c.txt", LEAFLET.encode())],
    ):
        said = upload(client, *files, headers=key)
        assert (said.status_code, said.json()["code"]) == (409, "conflict")
    sent = [("files", ("c.txt", LEAFLET.encode())), ("files", ("d.txt", b"Dosage: 1 tablet."))]
    for data in ({"ocr": "all"}, {"ocr": "off", "password": "x"}):
        assert client.post("/api/bases/drugs/uploads", data=data, files=sent, headers=key).status_code == 409

    body = "".join(
        f'--another-boundary\r\nContent-Disposition: form-data; name="{name}"{more}\r\n\r\n{value}\r\n'
        for name, more, value in (
            ("ocr", "", "off"),
            ("files", '; filename="c.txt"\r\nContent-Type: text/plain', LEAFLET),
            ("files", '; filename="d.txt"', "Dosage: 1 tablet."),
        )
    )
    again = client.post(
        "/api/bases/drugs/uploads", content=f"{body}--another-boundary--\r\n".encode(),
        headers=key | {"Content-Type": "multipart/form-data; boundary=another-boundary"},
    )  # fmt: skip
    assert again.json() == first.json(), "how the form is packed does not count"
    assert again.headers["idempotent-replayed"] == "true"
    assert len(client.get("/api/jobs").json()["items"]) == 1


def test_an_upload_sent_again_and_cut_off_is_refused(client):
    key = {"Idempotency-Key": "cut", "Content-Type": "multipart/form-data; boundary=X"}
    body = b'--X\r\nContent-Disposition: form-data; name="files"; filename="a.txt"\r\n\r\nDosage\r\n--X--\r\n'
    assert client.post("/api/bases/drugs/uploads", content=body, headers=key).status_code == 202
    assert client.post("/api/bases/drugs/uploads", content=body[:-9], headers=key).status_code == 422
    assert client.post("/api/bases/drugs/uploads", content=body, headers=key).status_code == 202


def test_a_request_that_failed_may_be_sent_again_with_its_key(client):
    key = {"Idempotency-Key": "again"}
    body = {"question": "二甲双胍的禁忌", "document_id": 999_999}
    assert client.post("/api/bases/drugs/cases", json=body, headers=key).status_code == 404
    assert client.post("/api/bases/drugs/cases", json=body, headers=key).status_code == 404


def test_broken_forms_are_refused_and_leave_nothing(client, tmp_path):
    for body, kind in ((b"--X\r\n", "multipart/form-data; boundary=X"), (b"{}", "application/json"), (b"", "")):
        said = client.post("/api/bases/drugs/uploads", content=body, headers={"Content-Type": kind} if kind else {})
        assert said.status_code == 422, said.text
    assert client.get("/api/jobs").json()["items"] == []
    staging = tmp_path / "data" / "staging"
    assert not staging.exists() or not list(staging.iterdir())


def test_sources_are_shown_with_their_quote(client):
    asked = {"model": "medication", "messages": [{"role": "user", "content": "二甲双胍的禁忌症有哪些？"}]}
    citations = client.post("/v1/chat/completions", json=asked).json()["choices"][0]["message"]["kbchat"]["citations"]
    cited = citations[0]

    view = client.get(cited["source"]).json()
    assert view["quote"] == cited["quote"] == view["text_quote"]
    assert view["current"]
    assert view["kind"] == "picture"
    picture = client.get(cited["picture"], params={"width": 600, "start": cited["start"], "end": cited["end"]})
    assert picture.headers["content-type"] == "image/png"
    assert picture.content.startswith(b"\x89PNG")
    plain = client.get(f"/api/sources/{cited['revision']}/pages/{cited['page']}/picture", params={"width": 600})
    assert plain.content != picture.content, "the quote is marked"
    assert client.get(f"/api/sources/{cited['revision']}/pages/999").status_code == 404
    original = client.get(f"/api/sources/{cited['revision']}/original")
    assert original.content.startswith(b"%PDF")
    assert original.headers["content-disposition"].startswith("inline")


def test_what_could_run_in_a_browser_comes_as_attachment(client):
    job = finished(
        client, upload(client, ("x.html", b"<html><body><script>alert(1)</script><p>Dosage: 1 g.</p>")).json()
    )
    document = job["files"][0]["document_id"]
    said = client.get(f"/api/bases/drugs/documents/{document}/original")
    assert said.headers["content-disposition"].startswith("attachment")
    assert said.headers["x-content-type-options"] == "nosniff"
    assert "html" not in said.headers["content-type"]


def test_conversations_are_kept_renamed_exported_and_deleted(client):
    asked = {
        "model": "medication",
        "messages": [{"role": "user", "content": "二甲双胍的禁忌症有哪些？"}],
        "kbchat": {"save": True},
    }
    own = client.post("/v1/chat/completions", json=asked).json()["choices"][0]["message"]["kbchat"]
    where = f"/api/conversations/{own['conversation_id']}"

    assert client.get("/api/conversations").json()["total"] == 1
    assert client.get("/api/conversations", params={"text": "禁忌"}).json()["total"] == 1
    assert client.patch(where, json={"title": "二甲双胍", "pinned": True}).json()["title"] == "二甲双胍"
    messages = client.get(where).json()["messages"]
    assert [message["role"] for message in messages] == ["user", "assistant"]
    given = client.put(
        f"{where}/messages/{own['message_number']}/feedback", json={"verdict": "down", "reason": "wrong"}
    )
    assert given.status_code == 200
    assert client.get(where).json()["messages"][1]["verdict"] == "down"
    (item,) = client.get("/api/feedback", params={"open": True, "verdict": "down"}).json()["items"]
    assert client.put(f"/api/feedback/{item['id']}/handled", json={"handled": True}).status_code == 204
    for kind, begin in (("md", b"# "), ("json", b"{"), ("docx", b"PK")):
        said = client.get(f"{where}/export", params={"format": kind})
        assert said.content.lstrip(b"\xef\xbb\xbf").startswith(begin)
        assert said.headers["content-disposition"].startswith("attachment")
    assert client.delete(where).status_code == 204
    assert client.get(where).status_code == 404
    assert client.post(f"{where}/restore").status_code == 204
    assert client.get(where).status_code == 200
    assert client.get("/api/figures").json()["outcomes"]


def test_one_persons_conversations_do_not_exist_for_another(serve):
    service = serve(access={"single_user": False})
    keys = {name: KeyService(service.app.store).create(name).text for name in ("anna", "ben")}
    asked = {
        "model": "medication",
        "messages": [{"role": "user", "content": "二甲双胍的禁忌症有哪些？"}],
        "kbchat": {"save": True},
    }
    heads = {name: {"Authorization": f"Bearer {key}"} for name, key in keys.items()}
    with patient.Client(base_url=service.url) as client:
        said = client.post("/v1/chat/completions", json=asked, headers=heads["anna"]).json()
        key = said["choices"][0]["message"]["kbchat"]["conversation_id"]
        assert client.get(f"/api/conversations/{key}", headers=heads["anna"]).status_code == 200
        for method, path in (("GET", ""), ("DELETE", ""), ("GET", "/export")):
            said = client.request(method, f"/api/conversations/{key}{path}", headers=heads["ben"])
            assert said.status_code == 404
        going_on = asked | {"kbchat": {"conversation_id": key}}
        assert client.post("/v1/chat/completions", json=going_on, headers=heads["ben"]).status_code == 404
        assert client.get("/api/conversations", headers=heads["ben"]).json()["total"] == 0


def test_search_tells_why(client):
    body = {"question": "二甲双胍 禁忌", "bases": ["drugs"], "k": 3, "explain": True}
    found = client.post("/api/search", json=body, headers={"Accept-Language": "zh"}).json()

    assert len(found["passages"]) == 3
    assert found["passages"][0]["explanation"][-1]["label"] == "总分"
    assert client.post("/api/search", json=body | {"bases": ["nowhere"]}).status_code == 404
    assert client.post("/api/search", json=body | {"overrides": {"nonsense": 1}}).status_code == 422


def test_lists_come_in_parts(client):
    whole = client.get("/api/bases/drugs/documents").json()
    parts = [
        client.get("/api/bases/drugs/documents", params={"offset": n, "limit": 1}).json() for n in range(whole["total"])
    ]
    assert [part["items"][0]["id"] for part in parts] == [item["id"] for item in whole["items"]]
    assert all(part["total"] == whole["total"] for part in parts)
    for wrong in ({"offset": -1}, {"limit": 0}, {"limit": 100_000}, {"sort": "nonsense"}, {"offset": 10**30}):
        assert client.get("/api/bases/drugs/documents", params=wrong).status_code == 422


def test_errors_speak_the_readers_language(client):
    for language, said in (("zh-CN", "没有名为"), ("en", "There is no knowledge base")):
        found = client.get("/api/bases/nowhere", headers={"Accept-Language": language})
        assert found.status_code == 404
        assert said in found.json()["detail"]
        assert found.json()["remedy"]


def test_every_action_that_matters_is_in_the_audit(client):
    client.post("/api/bases", json={"name": "b"})
    finished(client, upload(client, ("c.txt", LEAFLET.encode())).json())
    client.post(
        "/v1/chat/completions",
        json={"model": "medication", "messages": [{"role": "user", "content": "维生素C片怎么吃，张三问？"}]},
    )
    entries = client.get("/api/audit", params={"limit": 1000}).json()["items"]
    assert {"create_base", "upload", "ask"} <= {entry["action"] for entry in entries}
    assert "张三" not in json.dumps(entries, ensure_ascii=False)
    assert client.get("/api/audit/verification").json()["whole"]
    lines = client.get("/api/audit/export").text.splitlines()
    assert len(lines) >= len(entries)
