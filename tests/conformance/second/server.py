"""A second backend, written from docs/protocol.md alone: python server.py FOLDER PORT PUBLIC_URL.

It serves phones. What an office does is in office.py, which works on the same file."""

import gzip
import io
import json
import re
import sys
import threading
import traceback
import urllib.parse
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import access
import blobs
import office
import route
from access import Refused
from facts import Batch, TooLarge
from jose import Bad, members, parse, thumbprint
from store import Store

MAX_BODY = 4 << 20
FACTS_TYPE = "application/vnd.courier.facts+json"
ONE_AT_A_TIME = threading.Lock()
TITLES = {400: "The request could not be read", 401: "A valid access token is needed", 404: "Not found", 410: "Ask without a cursor"}


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    wbufsize = -1  # head and body in one packet
    store, public_url = None, None

    def log_message(self, *_):
        """Nothing: requests hold tokens."""

    def answer(self, method):
        body = self.rfile.read(min(int(self.headers.get("content-length") or 0), 2 * MAX_BODY))
        with ONE_AT_A_TIME:
            try:
                with self.store.transaction():
                    done = self.serve(method, body)
            except Refused as refused:
                done = refused
            except Bad as error:
                done = Refused(400, "bad-request", str(error))
            except (TooLarge, PermissionError) as error:
                done = Refused(413, "too-large") if isinstance(error, TooLarge) else Refused(403, "forbidden")
            except route.Gone:
                done = Refused(410, "cursor-gone")
            except Exception:
                traceback.print_exc()
                done = Refused(500, "internal")
            self.send(done)

    def serve(self, method, body):
        """(status, headers, JSON) of a request; a Refused that is returned, not raised, is committed."""
        path, _, query = self.path.partition("?")
        if self.headers.get("courier-protocol", "1") != "1":
            raise Refused(426, "protocol", "spoken here: 1")
        for pattern, methods in ROUTES:
            match = re.fullmatch(pattern, path)
            if match:
                if method not in methods:
                    raise Refused(405, "method-not-allowed")
                name, needs_full = methods[method]
                phone = None if needs_full is None else access.authenticate(self.store, self.headers.get("authorization"), needs_full)
                arguments = [urllib.parse.unquote(it) for it in match.groups()]
                return getattr(self, name)(phone, body, urllib.parse.parse_qs(query, keep_blank_values=True), *arguments)
        raise Refused(404, "not-found")

    def enrol(self, _, body, __):
        done = access.enrol(self.store, parse(body), self.client_address[0])
        return done if isinstance(done, Refused) else (200, {}, done)

    def token(self, _, body, __):
        return 200, {}, access.token(self.store, parse(body), self.public_url)

    def jwks(self, *_):
        jwk = self.store.signer.jwk
        return 200, {}, {"keys": [jwk | {"kid": thumbprint(jwk), "alg": "ES256", "use": "sig"}]}

    def facts(self, phone, body, _):
        echo = self.headers.get("courier-request", "")
        if not 1 <= len(echo) <= 100:
            raise Bad("courier-request")
        request = parse(self.unpack(body))
        return 200, {"content-type": FACTS_TYPE}, Batch(self.store, phone).accept(request, echo)

    def unpack(self, body):
        encoding = self.headers.get("content-encoding")
        if encoding not in (None, "gzip"):
            raise Refused(415, "unsupported-media")
        if encoding == "gzip":
            try:
                body = gzip.GzipFile(fileobj=io.BytesIO(body)).read(MAX_BODY + 1)
            except (OSError, EOFError) as error:
                raise Bad("not gzip") from error
        if len(body) > MAX_BODY:
            raise TooLarge
        return body

    def changes(self, phone, _, query):
        told, next_day = route.to_tell(self.store, phone["courier"], query.get("route", [None])[0])
        changes = route.changes(self.store, told, query.get("cursor", [None])[0])
        headers = {"courier-next-day": next_day} if next_day else {}
        return (204, headers, None) if changes is None else (200, headers, changes)

    def reissue(self, phone, body, _, attempt):
        (request,) = members(parse(body), ("request_id",))
        if not isinstance(request, str) or not re.fullmatch("[!-~]{1,100}", request):
            raise Bad("request_id: 1 to 100 printable ASCII characters")
        office.reissue(self.store, attempt, phone["courier"], request)
        return 202, {}, None

    def have_file(self, _, __, ___, name):
        return self.file(*blobs.head(self.store, name))

    def put_file(self, _, body, __, name):
        return self.file(*blobs.put(self.store, name, self.headers.get("content-range"), body))

    def file(self, status, have):
        echo = self.headers.get("courier-request", "")[:100]
        return status, {"courier-have": str(have), "courier-request": echo}, None

    def send(self, done):
        if isinstance(done, Refused):
            problem = {"type": f"urn:courier:problem:{done.word}", "title": TITLES.get(done.status, done.word), "status": done.status}
            if done.detail:
                problem["detail"] = done.detail
            headers = {"content-type": "application/problem+json"}
            if done.retry_after:
                headers["retry-after"] = str(done.retry_after)
            done = done.status, headers, problem
        status, headers, body = done
        data = b"" if body is None else json.dumps(body).encode()
        headers = {"courier-server-ms": str(self.store.now()), "courier-epoch": self.store.get("epoch"), **headers}
        if body is not None:
            headers = {"content-type": "application/json", **headers}
        if len(data) > 1000 and "gzip" in self.headers.get("accept-encoding", ""):
            data, headers = gzip.compress(data, 1), headers | {"content-encoding": "gzip"}
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        if status != 204:
            self.send_header("content-length", str(len(data)))
        self.end_headers()
        if self.command != "HEAD" and status != 204:
            self.wfile.write(data)

    def do_GET(self):
        self.answer("GET")

    def do_HEAD(self):
        self.answer("HEAD")

    def do_POST(self):
        self.answer("POST")

    def do_PUT(self):
        self.answer("PUT")


# Path, then by method what answers it, and whether its token has to be a full one (None = no token).
ROUTES = [
    ("/v1/enrol", {"POST": ("enrol", None)}),
    ("/v1/token", {"POST": ("token", None)}),
    ("/v1/facts", {"POST": ("facts", False)}),
    ("/v1/route/changes", {"GET": ("changes", True)}),
    ("/v1/attempts/([^/]+)/reissue", {"POST": ("reissue", True)}),
    ("/v1/blobs/([^/]+)", {"HEAD": ("have_file", False), "PUT": ("put_file", False)}),
    ("/.well-known/jwks.json", {"GET": ("jwks", None)}),
]


def main(folder, port, public_url):
    Handler.store, Handler.public_url = Store(folder), public_url
    server = ThreadingHTTPServer(("127.0.0.1", int(port)), Handler)
    print("ready", flush=True)
    server.serve_forever()


if __name__ == "__main__":
    main(*sys.argv[1:])
