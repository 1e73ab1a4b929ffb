"""Solves the route instances of a folder with the engines of others, and puts them beside ours.

    compare.py FOLDER OURS --vrp-cli PROGRAM [--ms N] [--only NAME] [--plot FILE]

OURS is what `courier-terminal bench-routes FOLDER --json` printed. N is CPU time for each instance in milliseconds, as far
as an engine can be told: PyVRP is stopped by it, OR-Tools and vrp-core (by its `vrp-cli`, in whole seconds) by a clock,
VROOM stops by itself. Each has one thread. FILE is an SVG with the mean gaps as bars. Every tour is costed here, by
nobody's own word: a tour that is late anywhere counts as one, and has no gap.
"""

import argparse
import json
import math
import resource
import subprocess
import tempfile
import time
from datetime import datetime, timezone
from pathlib import Path

import pyvrp
import pyvrp.stop
import vroom
from ortools.constraint_solver import pywrapcp, routing_enums_pb2

NO_WINDOW = 100_000_000


class Instance:
    def __init__(self, path):
        numbers = iter(map(int, path.read_text().split()))
        self.name, self.n = path.stem, next(numbers)
        self.cost = [[next(numbers) for _ in range(self.n)] for _ in range(self.n)]
        self.stops = [(next(numbers), next(numbers), next(numbers)) for _ in range(self.n)]
        self.horizon = max(stop[1] for stop in self.stops if stop[1] < NO_WINDOW) if self.windows() else NO_WINDOW

    def windows(self):
        return any(early > 0 or late < NO_WINDOW for early, late, _ in self.stops)

    def judge(self, order):
        """Cost of the closed tour through `order` (without stop 0), and how many stops it reaches late."""
        if sorted(order) != list(range(1, self.n)):
            return None, self.n
        now, cost, late, here = self.stops[0][0] + self.stops[0][2], 0, 0, 0
        for stop in [*order, 0]:
            early, latest, service = self.stops[stop]
            cost += self.cost[here][stop]
            now += self.cost[here][stop]
            late += now > latest
            now = max(now, early) + service
            here = stop
        return cost, late


class CpuTime:
    """Stops PyVRP after so much CPU time of this process."""

    def __init__(self, milliseconds):
        self.until = time.process_time() + milliseconds / 1000

    def __call__(self, _best):
        return time.process_time() >= self.until


def with_pyvrp(instance, milliseconds):
    model = pyvrp.Model()
    places = [model.add_location(0, 0) for _ in instance.stops]
    depot = model.add_depot(places[0], tw_early=instance.stops[0][0], tw_late=instance.stops[0][1])
    for place, (early, late, service) in zip(places[1:], instance.stops[1:]):
        model.add_client(place, tw_early=early, tw_late=late, service_duration=service)
    model.add_vehicle_type(1, start_depot=depot, end_depot=depot)
    for a, row in enumerate(instance.cost):
        for b, cost in enumerate(row):
            if a != b:
                model.add_edge(places[a], places[b], distance=cost, duration=cost)
    result = model.solve(CpuTime(milliseconds), seed=1, display=False)
    activities = [activity for route in result.best.routes() for activity in route]
    return [activity.idx + 1 for activity in activities if activity.is_client()]


def with_ortools(instance, milliseconds):
    manager = pywrapcp.RoutingIndexManager(instance.n, 1, 0)
    routing = pywrapcp.RoutingModel(manager)
    node = manager.IndexToNode
    travel = routing.RegisterTransitCallback(lambda a, b: instance.cost[node(a)][node(b)])
    routing.SetArcCostEvaluatorOfAllVehicles(travel)
    if instance.windows():
        spent = routing.RegisterTransitCallback(
            lambda a, b: instance.cost[node(a)][node(b)] + instance.stops[node(a)][2])
        routing.AddDimension(spent, 10**7, 10**8, False, "time")
        times = routing.GetDimensionOrDie("time")
        for stop, (early, late, _) in enumerate(instance.stops[1:], start=1):
            index = manager.NodeToIndex(stop)
            times.CumulVar(index).SetMin(early)
            if late < NO_WINDOW: # soft: with hard windows it finds no first tour of most instances
                times.SetCumulVarSoftUpperBound(index, late, 10_000)
    wish = pywrapcp.DefaultRoutingSearchParameters()
    wish.first_solution_strategy = routing_enums_pb2.FirstSolutionStrategy.PATH_CHEAPEST_ARC
    wish.local_search_metaheuristic = routing_enums_pb2.LocalSearchMetaheuristic.GUIDED_LOCAL_SEARCH
    wish.time_limit.FromMilliseconds(milliseconds)
    found = routing.SolveWithParameters(wish)
    order, index = [], routing.Start(0)
    while found and not routing.IsEnd(index := found.Value(routing.NextVar(index))):
        order.append(node(index))
    return order


def with_vroom(instance, _milliseconds):
    problem = vroom.Input(apply_TSPFix=not instance.windows())
    problem.set_durations_matrix("car", instance.cost)
    shift = vroom.TimeWindow(*instance.stops[0][:2]) if instance.windows() else None
    problem.add_vehicle(vroom.Vehicle(1, start=0, end=0, time_window=shift))
    for stop, (early, late, service) in enumerate(instance.stops[1:], start=1):
        window = [vroom.TimeWindow(early, late)] if instance.windows() else []
        problem.add_job(vroom.Job(stop, location=stop, default_service=service, time_windows=window))
    steps = problem.solve(exploration_level=0, nb_threads=1).routes
    return [int(stop) for stop, kind in zip(steps["id"], steps["type"]) if kind == "job"]


class VrpCli:
    """vrp-core through its own program, which reads and writes files."""

    def __init__(self, program):
        self.program = program

    def __call__(self, instance, milliseconds):
        def moment(second):
            return datetime.fromtimestamp(second, timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")

        def place(stop):
            early, late, service = instance.stops[stop]
            times = {"times": [[moment(early), moment(late)]]} if instance.windows() else {}
            return {"location": {"index": stop}, "duration": service, **times}

        opens, closes = instance.stops[0][0], min(instance.stops[0][1], NO_WINDOW)
        shift = {"start": {"earliest": moment(opens), "location": {"index": 0}},
                 "end": {"latest": moment(closes), "location": {"index": 0}}}
        problem = {
            "plan": {"jobs": [{"id": str(stop), "deliveries": [{"places": [place(stop)], "demand": [1]}]}
                              for stop in range(1, instance.n)]},
            "fleet": {"profiles": [{"name": "car"}], "vehicles": [{
                "typeId": "van", "vehicleIds": ["van"], "profile": {"matrix": "car"}, "shifts": [shift],
                "costs": {"fixed": 0, "distance": 1, "time": 0}, "capacity": [instance.n]}]},
            "objectives": [{"type": "minimize-unassigned"}, {"type": "minimize-cost"}],
        }
        legs = [cost for row in instance.cost for cost in row]
        with tempfile.TemporaryDirectory() as folder:
            folder = Path(folder)
            (folder / "problem.json").write_text(json.dumps(problem))
            (folder / "matrix.json").write_text(json.dumps({"profile": "car", "travelTimes": legs, "distances": legs}))
            command = [self.program, "solve", "pragmatic", "problem.json", "--matrix", "matrix.json",
                       "--max-time", str(math.ceil(milliseconds / 1000)), "--parallelism", "1,1", "--out-result", "tour.json"]
            subprocess.run(command, cwd=folder, check=True, capture_output=True)
            tours = json.loads((folder / "tour.json").read_text())["tours"]
        stops = [stop for tour in tours for stop in tour["stops"]]
        return [int(done["jobId"]) for stop in stops for done in stop["activities"] if done["type"] == "delivery"]


def cpu_seconds():
    """Of this process and of those that it started and that have ended."""
    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(it.ru_utime + it.ru_stime for it in used)


def plot(rows):
    """Mean gaps as bars; `rows` are (kind, engine, mean gap or None, words)."""
    wide, high, longest = 760, 22, max(gap or 0 for _, _, gap, _ in rows) or 1
    lines = [f'<svg xmlns="http://www.w3.org/2000/svg" width="{wide}" height="{high * len(rows) + 40}" '
             'font-family="sans-serif" font-size="12">',
             '<rect width="100%" height="100%" fill="white"/>',
             '<text x="8" y="20" font-weight="bold">Mean gap to the best cost known</text>']
    for n, (kind, engine, gap, words) in enumerate(rows):
        y, long = 34 + n * high, 240 * (gap or 0) / longest
        lines += [f'<text x="8" y="{y + 13}">{kind}, {engine}</text>',
                  f'<rect x="190" y="{y}" width="{max(long, 1):.1f}" height="16" fill="{"#1b6e4f" if engine == "ours" else "#9aa5b1"}"/>',
                  f'<text x="{196 + long:.1f}" y="{y + 13}">{words}</text>']
    return "\n".join([*lines, "</svg>", ""])


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("folder", type=Path)
    parser.add_argument("ours", type=Path)
    parser.add_argument("--ms", type=int, default=1000)
    parser.add_argument("--only", default="")
    parser.add_argument("--vrp-cli", required=True)
    parser.add_argument("--plot", type=Path)
    wish = parser.parse_args()
    best = json.loads((wish.folder / "best_known.json").read_text())
    ours = {line["instance"]: line for line in map(json.loads, wish.ours.read_text().splitlines())}
    engines = {"pyvrp": with_pyvrp, "ortools": with_ortools, "vroom": with_vroom, "vrp-core": VrpCli(wish.vrp_cli)}
    gaps = {}

    def report(engine, instance, cost, late, cpu_ms):
        known = best[instance.name]["best_known"]
        gap = None if late or cost is None else 100 * (cost / known - 1)
        print(json.dumps({"engine": engine, "instance": instance.name, "n": instance.n, "cost": cost, "best": known,
                          "gap_percent": gap, "late": late, "cpu_ms": round(cpu_ms)}), flush=True)
        kind = "with windows" if instance.windows() else "without"
        gaps.setdefault((kind, engine), []).append((gap, cpu_ms))

    for path in sorted(wish.folder.glob("*.inst")):
        if wish.only not in path.stem or path.stem not in ours:
            continue
        instance = Instance(path)
        line = ours[instance.name]
        report("ours", instance, line["cost"], line["late"], line["cpu_ms"])
        for engine, solve in engines.items():
            begin = cpu_seconds()
            order = solve(instance, wish.ms)
            report(engine, instance, *instance.judge(order), 1000 * (cpu_seconds() - begin))

    rows = []
    for (kind, engine), runs in sorted(gaps.items()):
        good = [gap for gap, _ in runs if gap is not None]
        mean = sum(good) / len(good) if good else None
        told = f"{mean:.2f} %, at most {max(good):.2f} %" if good else "-"
        cpu = sum(cpu for _, cpu in runs) / len(runs)
        print(f"{kind:<13} {engine:<8} {len(good)} of {len(runs)} in time, mean gap of these {told}, mean CPU {cpu:.0f} ms")
        rows.append((kind, engine, mean, f"{told}; {len(good)} of {len(runs)} in time; {cpu:.0f} ms"))
    if not rows:
        raise SystemExit("nothing was compared")
    if wish.plot:
        wish.plot.write_text(plot(rows))


if __name__ == "__main__":
    main()
