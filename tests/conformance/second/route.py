"""Section 7 of docs/protocol.md: snapshot, changes, cursor and digest."""

import datetime
import json
import zoneinfo

from jose import sha256

PAGE = 200
# Behind every type and identifier.
LAST = "~"


class Gone(Exception):
    """The cursor is not one of this route."""


def to_tell(store, courier, named):
    """The route that is told, and the day of the one that waits behind it: the newest one, unless the phone names another."""
    newest = store.one("SELECT * FROM route WHERE courier = ? ORDER BY day DESC LIMIT 1", courier)
    driven = store.one("SELECT * FROM route WHERE id = ? AND courier = ?", named, courier)
    if driven is not None:
        day = datetime.date.fromisoformat(driven["day"])
        if local_day(store.now(), driven["tz"]) <= day + datetime.timedelta(days=7):
            return driven["id"], newest["day"] if newest["id"] != driven["id"] else None
    return newest and newest["id"], None


def local_day(now, tz):
    return datetime.datetime.fromtimestamp(now / 1000, zoneinfo.ZoneInfo(tz)).date()


def whole_day(day, tz):
    """First and last instant of a local day."""
    zone, next_day = zoneinfo.ZoneInfo(tz), day + datetime.timedelta(days=1)
    begin, end = (datetime.datetime.combine(it, datetime.time(), zone).timestamp() for it in (day, next_day))
    return int(begin * 1000), int(end * 1000) - 1


def changes(store, route, cursor):
    """What changed on the route since the cursor; None = nothing."""
    if route is None:
        if cursor is not None:
            raise Gone
        return None
    epoch, place, is_snapshot = store.get("epoch"), (0, "", ""), True
    if cursor is not None:
        try:
            known_epoch, known_route, rev, kind, name, snapshot = cursor.split(" ")
            place, is_snapshot = (int(rev), kind, name), snapshot == "s"
        except ValueError as error:
            raise Gone from error
        if (known_epoch, known_route) != (epoch, route):
            raise Gone
    # Whoever begins has nothing that could be taken away.
    live = "AND why IS NULL" if is_snapshot else ""
    rows = store.all(f"SELECT * FROM object WHERE route = ? AND (rev, type, id) > (?, ?, ?) {live} ORDER BY rev, type, id LIMIT ?",
                     route, *place, PAGE + 1)
    if not rows and cursor is not None and not is_snapshot:
        return None
    more, rows = len(rows) > PAGE, rows[:PAGE]
    if more:
        last = rows[-1]
        following = f"{last['rev']} {last['type']} {last['id']} {'s' if is_snapshot else 'd'}"
    else:
        following = f"{store.get('rev')} {LAST} {LAST} d"
    answer = {"epoch": epoch, "server_ms": store.now(), "cursor": f"{epoch} {route} {following}", "more": more,
              "ops": [op(row) for row in rows]}
    if not more:
        answer["digest"] = digest(store, route)
    return answer


def op(row):
    about = {"type": row["type"], "id": row["id"], "rev": row["rev"]}
    if row["why"] is not None:
        return {"op": "gone", **about, "why": row["why"]}
    return {"op": "put", **about, "data": json.loads(row["data"])}


def digest(store, route):
    rows = store.all("SELECT type, id, rev FROM object WHERE route = ? AND why IS NULL", route)
    return sha256("".join(f"{kind} {name} {rev}\n" for kind, name, rev in sorted(map(tuple, rows))))
