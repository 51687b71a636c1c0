"""A small HTTP server that gives things, as Ditto does."""

import json
import threading
from collections import namedtuple
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, unquote, urlsplit

from config import EVENTS, MESSAGES, target

FIELDS = "?extraFields=attributes/site"

Request = namedtuple("Request", "method thing fields headers body")


def enriched(more=""):
    """A target that wants one field of the thing."""
    return target("t", [EVENTS + FIELDS, MESSAGES + FIELDS], more=more)


def thing(site="B4", revision=1):
    return {"attributes": {"site": site}, "_revision": revision}


def sites(records):
    """That field of each of the records."""
    return [json.loads(r.value)["extra"].get("attributes", {}).get("site")
            for r in records]


class Things:
    """
    things: thing id -> JSON value, or bytes, or a status; anything else is
    404.  requests: all that came; most: so many at once.  While hold() is in
    force answers wait for release().
    """

    def __init__(self):
        self.things = {}
        self.requests = []
        self.lock = threading.Lock()
        self.under_way = self.most = 0
        self.gate = threading.Event()
        self.gate.set()
        owner = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self):
                with owner.lock:
                    owner.under_way += 1
                    owner.most = max(owner.most, owner.under_way)
                try:
                    owner.answer(self)
                finally:
                    with owner.lock:
                        owner.under_way -= 1

            do_POST = do_GET

            def log_message(self, *_):
                pass

        class Server(ThreadingHTTPServer):
            daemon_threads = True
            request_queue_size = 1024

            def handle_error(self, *_):
                """A client that left."""

        self.server = Server(("127.0.0.1", 0), Handler)
        self.port = self.server.server_address[1]
        threading.Thread(target=self.server.serve_forever, args=(0.05,),
                         daemon=True).start()

    def answer(self, handler):
        uri = urlsplit(handler.path)
        thing = unquote(uri.path.removeprefix("/api/2/things/"))
        fields = parse_qs(uri.query, strict_parsing=True)["fields"][0]
        # whatever follows the header, announced or not
        handler.connection.setblocking(False)
        body = handler.rfile.peek()
        handler.connection.setblocking(True)
        self.requests.append(Request(
            handler.command, thing, fields.split(","),
            {k.lower(): v for k, v in handler.headers.items()}, body))
        self.gate.wait(60)
        content = self.things.get(thing, 404)
        status = 200
        if isinstance(content, int):
            status, content = content, {"status": content, "error": "some"}
        if not isinstance(content, bytes):
            content = json.dumps(content).encode()
        handler.send_response(status)
        handler.send_header("Content-Type", "application/json")
        handler.send_header("Content-Length", str(len(content)))
        handler.end_headers()
        handler.wfile.write(content)

    def hold(self):
        self.gate.clear()

    def release(self):
        self.gate.set()

    def location(self, more=""):
        """For nginx.conf: where ditto_things /internal/things gets to."""
        return ("location /internal/things/ { internal; "
                f"proxy_pass http://127.0.0.1:{self.port}/api/2/things/; "
                f"{more} }}\n")

    def stop(self):
        self.release()
        self.server.shutdown()
        self.server.server_close()
