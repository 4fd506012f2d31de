"""Several worker processes behind one port are one service: what one of them knows or is told, the others know."""

from __future__ import annotations

import json
import shutil
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack

import psutil
import pytest

from kbchat.app import App
from kbchat.settings import load_settings
from tests import patient
from tests.endless_model import endless_model
from tests.process_tree import eventually, served
from tests.running_service import SECRET, host_token

QUESTIONS = ("二甲双胍的禁忌症有哪些？", "阿司匹林的用法用量", "阿莫西林的不良反应", "What is warfarin for?")
HIDDEN = "a-key-of-a-model-server"


def asked(question, **more):
    return {
        "model": "medication", "messages": [{"role": "user", "content": question}], "kbchat": {"bases": ["drugs"]}, **more
    }  # fmt: skip


@pytest.fixture(scope="module")
def folder(sample_folder, tmp_path_factory):
    folder = tmp_path_factory.mktemp("workers") / "data"
    shutil.copytree(sample_folder, folder)
    key = folder.parent / "his.key"
    key.write_bytes(SECRET)
    (folder / "kbchat.toml").write_text(
        "[access]\nsingle_user = true\n"
        f'[[access.host_keys]]\nid = "his"\nalgorithm = "HS256"\nfile = "{key.as_posix()}"\nroles = ["reader", "admin"]\n'
        f'[generation]\napi_key = "{HIDDEN}"\n',
        "utf-8",
    )
    return folder


@pytest.fixture(scope="module")
def tree(folder):
    with served(folder, "--workers", "2") as tree:
        assert len(tree.workers()) == 2
        yield tree


@pytest.fixture
def both(tree):
    """A client of each worker."""
    with ExitStack() as stack:
        yield [stack.enter_context(tree.client_of(worker)) for worker in tree.workers()]


def log_lines(folder):
    return [json.loads(line) for line in (folder / "logs" / "kbchat.log").read_text("utf-8").splitlines()]


def test_each_client_has_a_worker_of_its_own_and_the_log_tells_which(tree, both, folder):
    requests = [client.get("/api/me").headers["x-request-id"] for client in both]

    def pids():
        by_request = {line["request"]: line["pid"] for line in log_lines(folder) if "request" in line}
        return [by_request.get(request) for request in requests]

    eventually(lambda: pids() == tree.workers())


def test_the_status_tells_the_limits_of_the_whole_service(both, folder):
    whole = load_settings(data_dir=folder)
    for client in both:
        shown = client.get("/api/status").raise_for_status().json()["settings"]
        assert shown["server"]["chats"] == whole.server.chats > 1
        assert shown["access"]["refusals_noted"] == whole.access.refusals_noted > 1


def test_a_host_token_works_once_among_all(both):
    bearer = {"Authorization": f"Bearer {host_token()}"}
    assert both[0].get("/api/me", headers=bearer).json()["user"] == "zhang"
    assert both[1].get("/api/me", headers=bearer).status_code == 401


def test_of_many_uses_at_one_moment_one_succeeds(both):
    for _ in range(5):
        bearer = {"Authorization": f"Bearer {host_token()}"}
        with ThreadPoolExecutor(2) as pool:
            found = list(pool.map(lambda client, one=bearer: client.get("/api/me", headers=one).status_code, both))
        assert sorted(found) == [200, 401]


def test_a_session_is_known_to_all_and_ends_for_all(both):
    begun = both[0].post("/api/session", headers={"Authorization": f"Bearer {host_token()}"}).json()
    bearer = {"Authorization": f"Bearer {begun['token']}"}
    assert both[1].get("/api/me", headers=bearer).json()["sign_in"] == "session"
    assert both[1].delete("/api/session", headers=bearer).status_code == 204
    assert both[0].get("/api/me", headers=bearer).status_code == 401


def test_a_revoked_key_is_refused_by_all(both):
    made = both[0].post("/api/keys", json={"name": "portal"}).json()
    bearer = {"Authorization": f"Bearer {made['key']}"}
    assert [client.get("/api/me", headers=bearer).status_code for client in both] == [200, 200]
    assert both[0].delete(f"/api/keys/{made['prefix']}").status_code == 204
    assert [client.get("/api/me", headers=bearer).status_code for client in both] == [401, 401]


def test_a_request_sent_again_to_another_worker_is_done_once(both):
    sent = [
        client.post(
            "/api/bases/drugs/uploads",
            headers={"Idempotency-Key": "one-upload"},
            data={"ocr": "off"},
            files=[("files", ("again.txt", "【药品名称】甲片\n【用法用量】口服。".encode()))],
        )
        for client in both
    ]
    assert [reply.status_code for reply in sent] == [202, 202]
    assert sent[0].json()["id"] == sent[1].json()["id"]
    assert sent[1].headers["idempotent-replayed"] == "true"


def test_figures_are_those_of_all_workers(both):
    def metered(client):
        lines = client.get("/metrics").text.splitlines()
        return {name: float(value) for name, _, value in (line.rpartition(" ") for line in lines if line[:1] != "#")}

    answered = 'kbchat_answers_total{channel="api",outcome="answered"}'
    listed = 'kbchat_http_requests_total{method="GET",route="/api/bases",status="200"}'
    before = metered(both[0])
    for client in both:
        assert client.get("/api/bases").status_code == 200
        client.post("/v1/chat/completions", json=asked(QUESTIONS[0])).raise_for_status()
    for client in both:
        eventually(
            lambda client=client: all(metered(client)[one] == before.get(one, 0) + 2 for one in (answered, listed))
        )
        assert metered(client)["kbchat_http_requests_open"] == 1  # this very request


def test_questions_at_the_same_time_leave_the_audit_whole(tree, both, folder):
    app = App(load_settings(data_dir=folder))
    before = app.store.check_audit().entries

    def ask(client):
        bodies = [asked(question, stream=stream) for question in QUESTIONS for stream in (False, True)]
        return [client.post("/v1/chat/completions", json=body).status_code for body in bodies]

    with ExitStack() as stack:
        others = [stack.enter_context(patient.Client(base_url=tree.url)) for _ in range(6)]
        askers = [*both, *others]  # each in a thread of its own
        with ThreadPoolExecutor(len(askers)) as pool:
            found = [status for statuses in pool.map(ask, askers) for status in statuses]
    assert found == [200] * 64
    check = app.store.check_audit()
    assert check.fault is None
    assert check.entries == before + 64
    app.close()


def test_secrets_stand_on_no_command_line_and_in_no_environment(tree):
    for worker in tree.workers():
        process = psutil.Process(worker)
        told = " ".join(process.cmdline()) + repr(process.environ())
        assert HIDDEN not in told
        assert SECRET.decode() not in told


def test_a_document_taken_in_by_one_is_found_by_all(both):
    name = "秋水仙碱甲片"
    job = (
        both[0]
        .post(
            "/api/bases/drugs/uploads",
            data={"ocr": "off"},
            files=[("files", ("new.txt", f"【药品名称】{name}\n【禁忌】对{name}过敏者禁用。\n".encode()))],
        )
        .json()
    )
    eventually(lambda: both[1].get(f"/api/jobs/{job['id']}").json()["state"] == "done")
    for client in both:
        answer = client.post("/v1/chat/completions", json=asked(f"{name}的禁忌有哪些？")).json()
        assert name in answer["choices"][0]["message"]["content"]


def test_a_reader_that_leaves_stops_its_answer(sample_folder, tmp_path):
    folder = tmp_path / "data"
    shutil.copytree(sample_folder, folder)
    with endless_model() as endless:
        model = {
            "KBCHAT_GENERATION__MODEL": f"openai:m@http://127.0.0.1:{endless.server_port}/v1",
            "KBCHAT_GENERATION__NEW_TOKENS": "30000",
            "KBCHAT_SERVER__WORKERS": "2",
        }
        with served(folder, **model) as tree:
            assert len(tree.workers()) == 2
            body = asked(QUESTIONS[0], stream=True)
            with patient.stream("POST", f"{tree.url}/v1/chat/completions", json=body) as response:
                assert endless.begun.wait(patient.SECONDS)
                assert response.status_code == 200
            assert endless.stopped.wait(patient.SECONDS)
