"""The load generator counts what it sent and saw, against a server that is known to the last answer."""

import shutil
import socketserver
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from bench.load import compiled, load

pytestmark = pytest.mark.skipif(shutil.which("gcc") is None and shutil.which("cc") is None, reason="needs a C compiler")


class Server(socketserver.ThreadingTCPServer):
    allow_reuse_address = True
    daemon_threads = True
    status = b"200 OK"
    pause = 0.0
    needle_every = 4

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.taken: list[bytes] = []

    @property
    def port(self) -> int:
        port = self.server_address[1]
        assert isinstance(port, int)
        return port


class Handler(socketserver.StreamRequestHandler):
    def handle(self) -> None:
        server = self.server
        assert isinstance(server, Server)
        while self.rfile.readline():
            length = 0
            while (line := self.rfile.readline()) not in (b"\r\n", b""):
                if line.lower().startswith(b"content-length:"):
                    length = int(line.split(b":")[1])
            body = self.rfile.read(length)
            server.taken.append(body)
            if server.pause:
                time.sleep(server.pause)
            answer = b'{"html":""}' if int(body) % server.needle_every == 0 else b"{}"
            self.wfile.write(b"HTTP/1.1 %s\r\nContent-Length: %d\r\n\r\n%s" % (server.status, len(answer), answer))


@pytest.fixture(scope="module")
def program(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return compiled(tmp_path_factory.mktemp("load"))


@pytest.fixture
def server() -> Iterator[Server]:
    with Server() as serving:
        thread = threading.Thread(target=serving.serve_forever, args=(0.01,))
        thread.start()
        yield serving
        serving.shutdown()
        thread.join()


def requests(folder: Path, count: int) -> Path:
    file = folder / "requests"
    parts: list[bytes] = []
    for number in range(count):
        body = str(number).encode()
        request = b"POST / HTTP/1.1\r\nContent-Length: %d\r\n\r\n%s" % (len(body), body)
        parts.append(len(request).to_bytes(4, "little") + request)
    file.write_bytes(b"".join(parts))
    return file


def test_every_request_is_sent_once_and_every_answer_is_counted(program: Path, server: Server, tmp_path: Path) -> None:
    found = load(program, server.port, requests(tmp_path, 200), count=200, connections=4, seconds=20, warmup=0)
    assert sorted(map(int, server.taken)) == list(range(200))
    assert (found.sent, found.measured, found.status_2xx, found.held_needle) == (200, 200, 200, 50)
    assert found.exhausted
    assert 0 < found.p50_ms <= found.p99_ms <= found.max_ms


def test_an_answer_that_is_not_2xx_fails_the_run(program: Path, server: Server, tmp_path: Path) -> None:
    server.status = b"503 Busy"
    with pytest.raises(RuntimeError, match="10 of 10 answers were not 2xx; the first: 503"):
        load(program, server.port, requests(tmp_path, 10), count=10, connections=2, seconds=20, warmup=0)


def test_with_a_rate_a_slow_server_cannot_hide_how_long_people_waited(program: Path, server: Server, tmp_path: Path) -> None:
    server.pause = 0.02
    found = load(program, server.port, requests(tmp_path, 40), count=40, connections=1, seconds=20, warmup=0, rate=400)
    assert found.begun_late > 30
    assert found.max_ms > 400  # the last was due after 0.1 s and answered after 0.8 s


def test_without_an_answerer_the_reason_is_told(program: Path, tmp_path: Path) -> None:
    with Server() as closed:
        port = closed.port
    with pytest.raises(RuntimeError, match="connect: Connection refused"):
        load(program, port, requests(tmp_path, 1), count=1, connections=1, seconds=1, warmup=0)
