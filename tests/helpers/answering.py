"""A small server in this process, for what a test needs to answer in the place of another program."""

import threading
from contextlib import contextmanager
from functools import partial
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


@contextmanager
def answering(handler, **options):
    """Let this handler answer, silently, on a port of its own until the block ends; its address is .url, and .port."""

    class Silent(handler):
        def log_message(self, *arguments):
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), partial(Silent, **options)) as server:
        threading.Thread(target=server.serve_forever, args=[0.02], daemon=True).start()
        server.port, server.url = server.server_port, f"http://127.0.0.1:{server.server_port}"
        try:
            yield server
        finally:
            server.shutdown()


def always_answering(said: bytes):
    """answering, with 200 and these bytes to each question: another program on a port of ours."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self):
            self.send_response(200)
            self.send_header("Content-Length", str(len(said)))
            self.end_headers()
            self.wfile.write(said)

        do_POST = do_GET

    return answering(Handler)
