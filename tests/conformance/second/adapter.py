"""The office of the second backend for courier-conformance: runs its server, and does what it is told, a line of JSON each."""

import datetime
import json
import os
import secrets
import shutil
import socket
import subprocess
import sys
import tempfile

import office
from store import Store

HERE = os.path.dirname(os.path.abspath(__file__))


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def zone_at_noon():
    """A zone where it is about noon now, so that no day ends while it is looked at."""
    hours = 12 - datetime.datetime.now(datetime.timezone.utc).hour
    return f"Etc/GMT{-hours:+d}" if hours else "Etc/GMT"


class Office:
    def __init__(self, folder):
        self.folder, self.data, self.copy = folder, os.path.join(folder, "data"), os.path.join(folder, "copy")
        self.port, self.tz, self.server = free_port(), zone_at_noon(), None
        self.url = f"http://127.0.0.1:{self.port}"
        self.start()

    def start(self):
        command = [sys.executable, os.path.join(HERE, "server.py"), self.data, str(self.port), self.url]
        self.server = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
        assert self.server.stdout.readline() == "ready\n", "the server does not start"
        self.store = Store(self.data)

    def stop(self):
        self.server.kill()
        self.server.wait()
        self.store.db.close()

    def hello(self):
        return {"url": self.url}

    def day(self, shipments):
        courier = office.add_courier(self.store)
        office.publish(self.store, courier, shipments, self.tz)
        return {"courier": courier, "code": office.enrolment(self.store, courier)}

    def add(self, courier, shipments):
        office.publish(self.store, courier, shipments, self.tz)

    def enrolment(self, courier):
        return {"code": office.enrolment(self.store, courier)}

    def digits(self, recipient):
        return office.digits(self.store, recipient)

    def cancel(self, recipient):
        office.cancel(self.store, recipient)

    def dismiss(self, courier):
        office.dismiss(self.store, courier)

    def advance(self, ms):
        self.store.set("ahead_ms", self.store.get("ahead_ms") + ms)

    def kill(self):
        self.stop()
        self.start()

    def backup(self):
        shutil.rmtree(self.copy, ignore_errors=True)
        os.mkdir(self.copy)
        self.store.run("VACUUM INTO ?", os.path.join(self.copy, "second.db"))
        shutil.copytree(self.store.blobs, os.path.join(self.copy, "blobs"))

    def restore(self):
        self.stop()
        shutil.rmtree(self.data)
        shutil.copytree(self.copy, self.data)
        store = Store(self.data)
        store.set("epoch", secrets.token_hex(8))
        store.db.close()
        self.start()


# They end the connection that a transaction would be of, or cannot run in one.
ALONE = {"hello", "kill", "backup", "restore"}


def do_it(works, verb, arguments):
    if verb in ALONE:
        return getattr(works, verb)(**arguments)
    with works.store.transaction():
        return getattr(works, verb)(**arguments)


def main():
    with tempfile.TemporaryDirectory() as folder:
        works = Office(folder)
        try:
            for line in sys.stdin:
                arguments = json.loads(line)
                verb = arguments.pop("verb")
                if verb.startswith(("_", "st")) or not hasattr(works, verb):
                    said = {"unsupported": "no such verb"}
                else:
                    try:
                        said = {"ok": do_it(works, verb, arguments) or {}}
                    except Exception as error:
                        said = {"error": repr(error)}
                print(json.dumps(said), flush=True)
        finally:
            works.stop()


if __name__ == "__main__":
    main()
