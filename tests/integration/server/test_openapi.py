"""The OpenAPI document is true: schemathesis sends what it allows, and what it does not, to a real service."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from kbchat.access.principal import Role
from kbchat.services.keys import KeyService
from tests import patient

CHECKS = (
    "not_a_server_error",
    "status_code_conformance",
    "content_type_conformance",
    "response_schema_conformance",
    "response_headers_conformance",
    "negative_data_rejection",
    "unsupported_method",
    "ignored_auth",
)


@pytest.fixture
def admin(serve):
    service = serve(access={"single_user": False})
    key = KeyService(service.app.store).create("schema", roles=[Role.ADMIN]).text
    return service.url, f"Authorization: Bearer {key}"


@pytest.mark.slow
@pytest.mark.timeout(900)  # 15 s of processor time, service and schemathesis alike; minutes where many share a core
def test_every_operation_does_what_is_documented(admin, tmp_path):
    url, header = admin
    program = Path(sys.executable).with_name("st")
    found = subprocess.run(
        [
            program, "run", f"{url}/api/openapi.json", "--header", header, "--checks", ",".join(CHECKS),
            "--phases", "examples,coverage,fuzzing", "--max-examples", "1", "--generation-deterministic",
            "--request-timeout", "300", "--no-color",
        ],
        cwd=tmp_path, capture_output=True, text=True, timeout=850, check=False,
    )  # fmt: skip
    assert found.returncode == 0, found.stdout[-8000:]
    assert "Tested:" in found.stdout


def test_every_operation_is_described_and_every_body_has_an_example(admin):
    url, header = admin
    document = patient.get(f"{url}/api/openapi.json", headers=dict([header.split(": ")])).json()
    for path, operations in document["paths"].items():
        for method, operation in operations.items():
            where = f"{method} {path}"
            assert operation["summary"], where
            assert operation["description"], where
            body = operation.get("requestBody", {}).get("content", {}).get("application/json")
            if body:
                shape = document["components"]["schemas"][body["schema"]["$ref"].rpartition("/")[2]]
                assert shape.get("examples"), where
            for parameter in operation.get("parameters", []):
                assert parameter.get("description") or parameter["schema"].get("description"), f"{where} {parameter}"
