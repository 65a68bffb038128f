"""A real web server on 127.0.0.1 that can send from the middle, break off, refuse, or wait."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


@dataclass
class Site:
    """What the server gives, and what it was asked."""

    content: bytes
    ranges: bool = True
    """Whether it heeds `Range`."""
    break_after: list[int] = field(default_factory=list)
    """Bytes after which an answer breaks off, one for each of the first answers."""
    status: int = 0
    """With which it refuses everything."""
    gate: threading.Event | None = None
    """Half of an answer is sent, then the server waits for this."""
    asked: list[str] = field(default_factory=list)
    """`Range` of every request, empty where there was none."""
    half_sent: threading.Event = field(default_factory=threading.Event)
    url: str = ""


@contextmanager
def serving(site: Site) -> Iterator[Site]:
    """Inside the block the site can be reached at `site.url`."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            wanted = self.headers.get("Range", "")
            site.asked.append(wanted)
            if site.status:
                self.send_error(site.status)
                return
            first = int(wanted.removeprefix("bytes=").rstrip("-")) if wanted and site.ranges else 0
            if wanted and first >= len(site.content):
                self.send_error(416)
                return
            self.send_response(206 if first else 200)
            self.send_header("Content-Length", str(len(site.content) - first))
            self.end_headers()
            self._send(site.content[first:])

        def _send(self, content: bytes) -> None:
            if site.break_after:
                self.wfile.write(content[: site.break_after.pop(0)])
                return
            half = len(content) // 2 if site.gate else 0
            try:
                self.wfile.write(content[:half])
                self.wfile.flush()
                if site.gate:
                    site.half_sent.set()
                    site.gate.wait(20)
                self.wfile.write(content[half:])
            except OSError:
                pass  # whoever asked has left

        def log_message(self, *_: object) -> None:
            """Nothing on stderr."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    site.url = f"http://127.0.0.1:{server.server_port}/file"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield site
    finally:
        if site.gate:
            site.gate.set()
        server.shutdown()
        server.server_close()
        thread.join()
