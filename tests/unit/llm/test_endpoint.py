"""Where a model is reached: hosts, secrets, proxies and certificates."""

from __future__ import annotations

import json
import shutil
import ssl
import subprocess
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest
from asking import GOOD, ask, model

from automl_gpt_magic.errors import LLMError
from automl_gpt_magic.llm import Endpoint, list_models
from automl_gpt_magic.llm.endpoint import host_of, is_loopback
from automl_gpt_magic.records.secret import SecretStr
from tests.scripted_llm import ScriptedLLM, answer

FAR = "http://llm.example.test/v1"


@pytest.fixture
def server() -> Iterator[ScriptedLLM]:
    with ScriptedLLM(answer(GOOD)) as running:
        yield running


@pytest.mark.parametrize(
    ("url", "host"),
    [
        ("http://localhost:11434/v1", "localhost:11434"),
        ("https://user:word@Example.org/v1?key=a", "example.org"),
        ("https://[::1]:8080/v1", "[::1]:8080"),
        ("http://example.org:80", "example.org:80"),
    ],
)
def test_host(url: str, host: str) -> None:
    assert host_of(url) == host


@pytest.mark.parametrize(
    "url", ["", "localhost:11434/v1", "ftp://a/b", "http://", "http://a:port/", "http://[::1/", "https:/a"]
)
def test_what_is_no_url(url: str) -> None:
    with pytest.raises(LLMError, match="is no URL; write it like"):
        host_of(url)


@pytest.mark.parametrize(
    ("url", "here"),
    [
        ("http://localhost:1/v1", True),
        ("http://127.8.0.1/v1", True),
        ("http://[::1]/v1", True),
        ("http://a.localhost/v1", True),
        ("http://localhost.example.org/v1", False),
        ("http://10.0.0.1/v1", False),
    ],
)
def test_this_machine(url: str, here: bool) -> None:
    assert is_loopback(url) == here


ENDPOINT = Endpoint(
    "https://user:p%40ss-word@example.org/v1",
    "m",
    SecretStr("canary-key"),
    (("X-Team", SecretStr("canary-key-of-the-team")), ("X-No", SecretStr("abc"))),
    SecretStr("http://me:proxy-word@proxy.example.org:3128"),
)


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("a canary-key, b", "a …, b"),
        ("a canary-key-of-the-team b", "a … b"),
        ("p%40ss-word, p@ss-word and proxy-word", "…, … and …"),
        ("Incorrect API key provided: sk-proj-12***************cd.", "Incorrect API key provided: …."),
        ("Authorization: Bearer whatever-it-is", "Authorization: …"),
        ("hf_abcdefghij and gsk_abcdefghij", "… and …"),
        ("abc is short", "abc is short"),
        ("a task-based key, and risk-free", "a task-based key, and risk-free"),
    ],
)
def test_secrets_are_hidden(text: str, shown: str) -> None:
    assert ENDPOINT.hide_secrets(text).rstrip(".") == shown.rstrip(".")


def test_what_the_environment_holds_for_openai_goes_nowhere_else(server, monkeypatch) -> None:
    monkeypatch.setenv("OPENAI_ORG_ID", "theirs")
    monkeypatch.setenv("OPENAI_PROJECT_ID", "theirs")
    monkeypatch.setenv("OPENAI_CUSTOM_HEADERS", "X-Theirs: theirs\nAuthorization: Bearer theirs\nX-Team: theirs")
    ask(model(server.base_url, key=SecretStr("mine"), headers=(("X-Team", SecretStr("blue")),)))
    headers = server.posts[0].headers
    assert "theirs" not in str(headers)
    assert (headers["authorization"], headers["x-team"]) == ("Bearer mine", "blue")
    monkeypatch.setenv("OPENAI_BASE_URL", server.base_url)
    ask(model(server.base_url))
    assert server.posts[1].headers["openai-organization"] == "theirs"


@pytest.mark.parametrize("key", ["canary-key\n", "  canary-key ", "canary-key\r\n"])
def test_blanks_around_a_key_are_not_sent(server, key: str) -> None:
    secret = SecretStr(key)
    assert ask(model(server.base_url, key=secret, headers=(("X-Team", secret),)))[0].text == GOOD
    headers = server.posts[0].headers
    assert (headers["authorization"], headers["x-team"]) == ("Bearer canary-key", "canary-key")


@pytest.mark.parametrize("key", ["canary\nkey", "canary\0key", "canary-ключ", "canary-😀"])
@pytest.mark.parametrize("where", ["key", "header"])
def test_a_key_that_cannot_be_sent_is_one_line_without_it(server, key: str, where: str) -> None:
    secret = SecretStr(key)
    options = {"key": secret} if where == "key" else {"headers": (("X-Team", secret),)}
    with pytest.raises(LLMError, match=r"a character that cannot be sent.*; correct the setting") as caught:
        ask(model(server.base_url, **options))
    assert "canary" not in str(caught.value)
    assert server.posts == []


def test_an_endpoint_does_not_show_its_key() -> None:
    assert "canary" not in repr(ENDPOINT)
    assert ENDPOINT.has_secret("text with canary-key-of-the-team inside")
    assert not ENDPOINT.has_secret("abc or canary-key")


def test_this_machine_is_reached_past_a_proxy_of_the_environment(server, monkeypatch) -> None:
    for name in ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY"):
        monkeypatch.setenv(name, server.refused_url)
        monkeypatch.setenv(name.lower(), server.refused_url)
    monkeypatch.delenv("NO_PROXY", raising=False)
    assert ask(model(server.base_url))[0].text == GOOD


def test_another_machine_is_reached_through_the_proxy_of_the_environment(server, monkeypatch) -> None:
    for name in ("HTTP_PROXY", "http_proxy"):
        monkeypatch.setenv(name, f"http://127.0.0.1:{server.port}")
    assert ask(model(FAR))[0].text == GOOD
    assert server.posts[0].path == f"{FAR}/chat/completions"


def test_a_proxy_of_the_settings_goes_before_the_environment(server, monkeypatch) -> None:
    for name in ("HTTP_PROXY", "http_proxy"):
        monkeypatch.setenv(name, server.refused_url)
    proxy = f"http://me:proxy-word@127.0.0.1:{server.port}"
    assert ask(model(FAR, proxy=SecretStr(proxy)))[0].text == GOOD
    assert server.posts[0].headers["proxy-authorization"].startswith("Basic ")
    assert server.posts[0].headers["host"] == "llm.example.test"


@pytest.mark.parametrize("proxy", ["http://me:proxy-word@127.0.0.1:{port}", "no-scheme", "ftp://a:proxy-word@b"])
def test_a_proxy_that_does_not_work_is_one_line_without_its_password(server, proxy: str) -> None:
    port = server.refused_url.split(":")[2].split("/")[0]
    with pytest.raises(LLMError) as caught:
        ask(model(FAR, proxy=SecretStr(proxy.format(port=port)), retries=0))
    assert "proxy-word" not in str(caught.value)
    assert "\n" not in str(caught.value)
    assert "%automl doctor" in str(caught.value)


def test_models_are_listed(server) -> None:
    server.models = ("a", "b")
    assert [names for names in list_models(Endpoint(server.base_url, "")) if names] == [["a", "b"]]


@pytest.mark.parametrize("content", [None, "no certificate"])
def test_a_file_of_certificates_that_is_none_is_one_line(tmp_path: Path, content: str | None) -> None:
    path = tmp_path / "ca.pem"
    if content:
        path.write_text(content)
    with pytest.raises(LLMError, match=r"AutoML.ca_bundle .*ca.pem.* cannot be read.*; correct the setting"):
        ask(model("https://127.0.0.1:1/v1", ca_bundle=str(path)))


class _OverTLS(BaseHTTPRequestHandler):
    def do_POST(self) -> None:
        self.rfile.read(int(self.headers["content-length"]))
        body = json.dumps({"choices": [{"index": 0, "message": {"content": GOOD}, "finish_reason": "stop"}]}).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_) -> None:
        """Stay quiet."""


@pytest.fixture
def tls(tmp_path: Path) -> Iterator[tuple[str, Path]]:
    """Serve over TLS with a certificate that no system trusts; yield base URL and certificate."""
    if not shutil.which("openssl"):
        pytest.skip("needs the openssl command to make a certificate")
    key, certificate = tmp_path / "key.pem", tmp_path / "cert.pem"
    made = [
        "openssl",
        "req",
        "-x509",
        "-newkey",
        "ec",
        "-pkeyopt",
        "ec_paramgen_curve:prime256v1",
        "-nodes",
        "-days",
        "2",
    ]
    made += ["-subj", "/CN=localhost", "-addext", "subjectAltName=IP:127.0.0.1", "-keyout", str(key)]
    subprocess.run([*made, "-out", str(certificate)], check=True, capture_output=True)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    with HTTPServer(("127.0.0.1", 0), _OverTLS) as running:
        running.handle_error = lambda *_: None  # a client that does not trust it leaves in the handshake
        running.socket = context.wrap_socket(running.socket, server_side=True)
        thread = threading.Thread(target=running.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        yield f"https://127.0.0.1:{running.server_port}/v1", certificate
        running.shutdown()
        thread.join()


def test_a_certificate_of_ones_own_is_trusted_where_it_is_named(tls: tuple[str, Path]) -> None:
    url, certificate = tls
    with pytest.raises(LLMError, match=r"CERTIFICATE_VERIFY_FAILED.*%config AutoML.ca_bundle"):
        ask(model(url))
    assert ask(model(url, ca_bundle=str(certificate)))[0].text == GOOD
