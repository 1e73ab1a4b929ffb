"""Section 9 of docs/protocol.md: evidence files in parts."""

import os
import re

from access import Refused
from jose import Bad, decode, sha256

MAX_FILE = 2 << 20
MAX_PART = 256 << 10


def paths(store, name):
    try:
        decode(name, 32)
    except Bad as error:
        raise Refused(404, "not-found") from error
    path = os.path.join(store.blobs, name)
    return path, path + ".part"


def length(path):
    try:
        return os.path.getsize(path)
    except FileNotFoundError:
        return None


def head(store, name):
    whole, part = paths(store, name)
    have = length(whole)
    return (204, length(part) or 0) if have is None else (200, have)


def put(store, name, content_range, data):
    whole, part = paths(store, name)
    match = re.fullmatch(r"bytes (\d{1,9})-(\d{1,9})/(\d{1,9})", content_range or "")
    start, last, size = map(int, match.groups()) if match else (0, -1, 0)
    if len(data) > MAX_PART:
        raise Refused(413, "too-large")
    if not start <= last < size <= MAX_FILE or last + 1 - start != len(data):
        raise Bad("content-range: bytes FROM-LAST/SIZE that fits the body")
    if length(whole) is not None:
        return 201, length(whole)
    have = length(part) or 0
    if start != have:
        return 409, have
    with open(part, "ab") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())
    if last + 1 < size:
        return 202, last + 1
    with open(part, "rb") as file:
        if sha256(file.read()) != name:
            os.remove(part)
            return 422, 0
    os.rename(part, whole)
    folder = os.open(store.blobs, os.O_RDONLY)
    os.fsync(folder)
    os.close(folder)
    return 201, size
