"""Starts a backend and lets schemathesis send it whatever its own document allows, and what it does not.

    check.py PROGRAM SCHEMATHESIS

Nothing may be answered with 500, and every answer has to be one that the document knows, of its media type and schema.
It asks as a program with a key, and as an admin in a session.
"""

import datetime
import json
import os
import re
import subprocess
import sys
import tempfile
import urllib.parse
import urllib.request

KEY = "the office's own key"
CHECKS = [
    "not_a_server_error",
    "status_code_conformance",
    "content_type_conformance",
    "response_headers_conformance",
    "response_schema_conformance",
]
# They would end the session or the key that the others are asked with.
ENDS_ALL = ["log_out", "change_password"]
# Its answer has no end.
ENDLESS = ["board_events"]


class NoRedirect(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *_):
        return None


def ask(url, body=None, headers=None):
    request = urllib.request.Request(url, data=body, headers=headers or {})
    try:
        return urllib.request.build_opener(NoRedirect).open(request)
    except urllib.error.HTTPError as answer:
        return answer


def as_program(url, path, body):
    headers = {"authorization": f"Bearer {KEY}", "content-type": "application/json"}
    answer = ask(url + path, json.dumps(body).encode(), headers)
    assert answer.status == 200, (path, answer.status, answer.read())
    return json.load(answer)


def prepare(url):
    """Something to ask about."""
    day = datetime.date.today() + datetime.timedelta(days=1)
    address = {"street": "Broad Street", "house": "1", "postcode": "1", "city": "X", "country": "DE"}
    shipment = {
        "ref": "r1", "order_ref": "o1", "sender": "Feinwerk", "customer": {"email": "a@b.example", "lang": "en"},
        "recipient": {"name": "Kaya"}, "address": address, "pin": {"lat": 52.5, "lon": 13.4},
        "items": [{"value": 90000, "currency": "EUR"}], "parcels": [{"barcode": "B1"}],
    }
    as_program(url, "/v1/import", {"day": str(day), "tz": "Europe/Berlin", "shipments": [shipment]})
    courier = as_program(url, "/v1/couriers", {"name": "Ada"})["id"]
    as_program(url, "/v1/routes/publish", {"courier": courier, "day": str(day)})


def submit(url, page, cookie, **fields):
    shown = ask(url + page, headers={"cookie": cookie})
    cookie = shown.headers.get("set-cookie", cookie).split(";")[0]
    csrf = re.search('name="csrf" value="([^"]*)"', shown.read().decode()).group(1)
    body = urllib.parse.urlencode({"csrf": csrf, **fields}).encode()
    headers = {"cookie": cookie, "content-type": "application/x-www-form-urlencoded"}
    return ask(url + page, body, headers)


def log_in(url, link):
    """Makes the first admin; answers the headers of their session."""
    fields = {"name": "Grace", "password": "correct horse battery"}
    assert submit(url, link, "", **fields).status == 303
    cookie = submit(url, "/login", "", **fields).headers["set-cookie"].split(";")[0]
    board = ask(url + "/", headers={"cookie": cookie}).read().decode()
    csrf = re.search('name="csrf" value="([^"]*)"', board).group(1)
    return {"cookie": cookie, "x-csrf-token": csrf}


def main(program, schemathesis):
    with tempfile.TemporaryDirectory() as folder:
        environment = {
            **os.environ,
            "COURIER_LISTEN": "127.0.0.1:0",
            "COURIER_DATA_DIR": os.path.join(folder, "data"),
            "COURIER_OPS_KEY": KEY,
        }
        backend = subprocess.Popen([program, "serve"], env=environment, stdout=subprocess.PIPE, text=True)
        try:
            url = backend.stdout.readline().strip().removeprefix("listening on ")
            link = re.search("/welcome/[^ ]*", backend.stdout.readline()).group(0)
            prepare(url)
            failed = False
            for headers in [{"authorization": f"Bearer {KEY}"}, log_in(url, link)]:
                command = [
                    schemathesis, "run", f"{url}/openapi.json", "--checks", ",".join(CHECKS),
                    "--phases", "examples,coverage,fuzzing", "--max-examples", "20",
                    "--generation-deterministic", "--continue-on-failure",
                    "--generation-with-security-parameters", "false", "--no-color", "--warnings", "off",
                ]
                for name in ENDS_ALL + ENDLESS:
                    command += ["--exclude-operation-id", name]
                for name, value in headers.items():
                    command += ["--header", f"{name}:{value}"]
                failed |= subprocess.run(command, cwd=folder, check=False).returncode != 0
            assert ask(url + "/healthz").status == 200, "the backend does not live any more"
            return failed
        finally:
            backend.terminate()
            assert backend.wait(30) == 0, "it does not end in an orderly way"


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
