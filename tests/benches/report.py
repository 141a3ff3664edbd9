"""From medians to the rows of the table, and their three forms: text, JSON and a chart."""

import json
import platform
from dataclasses import asdict, dataclass
from xml.sax.saxutils import escape

import building
from ask import geometric_mean
from building import HERE, say


@dataclass
class Row:
    group: str
    label: str
    figure: float
    aim: float | None
    floor: float | None
    # "x": a ratio to the peer; otherwise the unit of the figure.
    unit: str = "x"
    # What was measured, in words: ours and the peer's.
    detail: str = ""

    @property
    def verdict(self):
        if self.aim is None:
            return ""
        if self.figure <= self.aim:
            return "aim met"
        if self.floor is None or self.figure > self.floor:
            return "MISSED"
        return "floor met"


def rows(results):
    made = []
    for group in (execution, collected, calls, wasi, go_rows, size):
        made += group(results)
    return made


def ratio(figures, one="tenon", other="wasmtime"):
    return figures[one] / figures[other]


def nanoseconds(value):
    for unit, factor in (("ns", 1), ("us", 1e3), ("ms", 1e6)):
        if value < 1000 * factor or unit == "ms":
            return f"{value / factor:.3g} {unit}" if value < 100 * factor else f"{value / factor:.0f} {unit}"


def pair(figures, one="tenon", other="wasmtime"):
    return f"{nanoseconds(figures[one])} to {nanoseconds(figures[other])}"


def execution(results):
    programs = results.get("exec")
    if not programs:
        return []
    runs = {name: ratio(f["run"]) for name, f in programs.items()}
    worst = max(runs, key=runs.get)
    compiles = [ratio(f["compile"]) for f in programs.values()]
    loads = [ratio(f["load"]) for f in programs.values()]
    epochs = [ratio(f["run"], "epoch", "tenon") for f in programs.values()]
    natives = {name: ratio(f["run"], "tenon", "native") for name, f in programs.items() if "native" in f["run"]}
    total = {e: sum(f["compile"][e] for f in programs.values()) * 1e6 for e in ("tenon", "wasmtime")}
    made = [
        Row("C", f"execution, mean of {len(runs)} programs, to libwasmtime", geometric_mean(runs.values()), 0.85, 0.97),
        Row("C", "execution, worst program", runs[worst], 1.05, 1.15, detail=worst),
        Row("C", "compile time, to libwasmtime", geometric_mean(compiles), 0.50, 0.80, detail=f"all: {pair(total)}"),
        Row("C", "load a serialised module, to libwasmtime", geometric_mean(loads), 0.2, 0.5),
        Row("C", "epoch interruption on, to off", geometric_mean(epochs), 1.03, 1.08),
    ]
    if natives:
        made.append(Row("C", "execution of C guests, to gcc -O2", geometric_mean(natives.values()), None, None))
    go = [ratio(f["run"], "go", "wazero") for f in programs.values() if "wazero" in f["run"]]
    if go:
        made.append(Row("Go", "execution in Go, mean, to wazero", geometric_mean(go), 0.4, 0.6))
    return made


def collected(results):
    programs = results.get("gc")
    if not programs:
        return []
    ratios = {name: ratio(figures) for name, figures in programs.items()}
    worst = max(ratios, key=ratios.get)
    return [Row("C", "GC allocation-heavy guests, to libwasmtime", geometric_mean(ratios.values()), 0.5, 0.9,
                detail=f"worst: {worst} {ratios[worst]:.2f}")]


def calls(results):
    figures = results.get("calls")
    if not figures:
        return []
    wanted = [
        ("instance", "store + instance + delete", 0.20, 0.40),
        ("call_checked", "checked call", 0.15, 0.35),
        ("call_unchecked", "unchecked call", 0.5, 0.9),
        ("host_checked", "host function, checked", 0.25, 0.5),
        ("host_unchecked", "host function, unchecked", 0.7, 1.0),
        ("trap", "trap, trace not read", 0.05, 0.2),
    ]
    made = [Row("C", f"{label}, to libwasmtime", ratio(figures[name]), aim, floor, detail=pair(figures[name])) for name, label, aim, floor in wanted]
    resident = {engine: value / 1024 for engine, value in results["resident"].items()}
    made.append(Row("C", "idle instance beyond touched pages", resident["tenon"], 4, 16, "KiB", f"libwasmtime: {resident['wasmtime']:.1f} KiB"))
    return made


def wasi(results):
    labels = {
        "read4k": "read, 4 KiB buffer", "read64k": "read, 64 KiB buffer", "write4k": "write, 4 KiB buffer", "write64k": "write, 64 KiB buffer",
        "small": "small file: open, stat, close", "readdir": "readdir, per entry of {:,}", "clock": "clock read",
    }
    made = []
    for what, measured in results.get("wasi", {}).items():
        ns = measured["ns"]
        detail = f"{pair(ns)}; native {nanoseconds(ns['native'])}"
        made.append(Row("WASI", labels[what].format(measured["count"]) + ", to libwasmtime", ratio(ns), 1 / 3, None, detail=detail))
    return made


def go_rows(results):
    go = results.get("go")
    if not go:
        return []

    def beside(name):
        return ", ".join(f"{engine} {nanoseconds(value)}" for engine, value in go[name].items() if engine != "tenon")

    ours = {name: figures["tenon"] for name, figures in go.items()}
    typed = f"{nanoseconds(ours['typed_call'])}, {results['allocations']['typed_call']:.0f} allocations; {beside('typed_call')}"
    # The typed host function is timed with the call of its loop, whose allocations vanish among the turns.
    hosted = f"{results['allocations']['typed_host']:.0f} allocations; {beside('typed_host')}"
    unused = ours["work_cancellable"] / ours["work"]
    return [
        Row("Go", "typed call, to an empty cgo call", ours["typed_call"] / ours["empty_cgo"], 1.6, 1.6, detail=typed),
        Row("Go", "Func.Call", ours["func_call"], 150, 150, "ns", beside("func_call")),
        Row("Go", "typed host call", ours["typed_host"], 75, 75, "ns", hosted),
        Row("Go", "untyped host function", ours["untyped_host"], 200, 200, "ns", beside("untyped_host")),
        Row("Go", "trap", ours["trap"], 1500, 1500, "ns", beside("trap")),
        Row("Go", "store + instance", ours["instance"], 4000, 4000, "ns", beside("instance")),
        Row("Go", "cancel by context stops a loop", ours["cancel"] / 1e6, 5, 5, "ms", beside("cancel")),
        Row("Go", "cancel unused, to no context", unused, 1.05, 1.05),
        Row("Go", "typed call that may take long, to an empty cgo call", ours["typed_long"] / ours["empty_cgo"], None, None,
            detail=nanoseconds(ours["typed_long"])),
        Row("Go", "call, to wazero", ratio(go["typed_call"], "tenon", "wazero"), 1.5, 2.5, detail=pair(go["typed_call"], "tenon", "wazero")),
    ]


def size(results):
    value = results.get("size")
    return [Row("C", "stripped .so", value / 1e6, 6, 10, "MB")] if value else []


def number(value, unit):
    if value is None:
        return "-"
    text = f"{value:.2f}" if unit in ("x", "ms", "MB", "KiB") else f"{value:.0f}"
    return text if unit == "x" else f"{text} {unit}"


def print_programs(results):
    programs = results.get("exec", {})
    if not programs and "gc" not in results:
        return
    columns = ["tenon", "wasmtime", "epoch", "native", "go", "wazero"]
    print(f"\n{'program':22}" + "".join(f"{c + ' ms':>12}" for c in columns) + f"{'/wasmtime':>11}{'/native':>9}{'compile':>9}{'load':>7}")
    for name, f in programs.items():
        run = f["run"]
        cells = "".join(f"{run[c]:12.2f}" if c in run else f"{'-':>12}" for c in columns)
        native = f"{ratio(run, 'tenon', 'native'):9.2f}" if "native" in run else f"{'-':>9}"
        print(f"{name:22}{cells}{ratio(run):11.2f}{native}{ratio(f['compile']):9.2f}{ratio(f['load']):7.2f}")
    for name, run in results.get("gc", {}).items():
        print(f"{name:22}{run['tenon']:12.2f}{run['wasmtime']:12.2f}{'':48}{ratio(run):11.2f}")


def print_table(made):
    width = max((len(row.label) for row in made), default=0)
    print(f"\n{'':5}{'figure':{width}}{'measured':>12}{'aim':>10}{'floor':>10}  {'':10}")
    for row in made:
        print(f"{row.group:5}{row.label:{width}}{number(row.figure, row.unit):>12}{number(row.aim, row.unit):>10}"
              f"{number(row.floor, row.unit):>10}  {row.verdict:10} {row.detail}")


def machine():
    with open("/proc/cpuinfo") as info:
        model = next((line.split(":")[1].strip() for line in info if line.startswith("model name")), platform.processor())
    return f"{model}, {platform.system()} {platform.release()}"


def write(made, results, quick):
    """Rounded, so that a new run changes what has changed."""
    peers = {"libwasmtime": building.WASMTIME, **{path.split("/")[2]: version for path, version in building.GO_PEERS.values()}}
    document = {
        "machine": machine(),
        "quick": quick,
        "peers": peers,
        "rows": [{**asdict(row), "figure": round(row.figure, 3), "verdict": row.verdict} for row in made],
        "milliseconds": {name: {e: round(v, 2) for e, v in f["run"].items()} for name, f in results.get("exec", {}).items()},
    }
    (HERE / "results.json").write_text(json.dumps(document, indent=1) + "\n")
    (HERE / "results.svg").write_text(chart(made, document))
    say("wrote tests/benches/results.json and results.svg")


STYLE = """text { font: 13px system-ui, sans-serif; fill: #24292f }
.bar { fill: #2f6f9f } .missed { fill: #b3541e } .aim { stroke: #24292f; stroke-width: 2 }
.one { stroke: #8c959f; stroke-dasharray: 3 3 } .small { font-size: 11px; fill: #57606a } .paper { fill: #ffffff }"""
LEFT, WIDTH, LINE = 330, 400, 22


def chart(made, document):
    """Bars of the ratios; what is measured in a unit of its own stands as its part of the floor."""
    bars, top = [], 60
    shown = [row for row in made if row.aim is not None]
    for i, row in enumerate(shown):
        limit = 1 if row.unit == "x" else row.floor
        y = top + i * LINE
        length = min(row.figure / limit / 2, 1) * WIDTH
        aim = min(row.aim / limit / 2, 1) * WIDTH + LEFT
        kind = "missed" if row.verdict == "MISSED" else "bar"
        bars.append(
            f'<text x="{LEFT - 8}" y="{y + 14}" text-anchor="end">{escape(row.label)}</text>'
            f'<rect class="{kind}" x="{LEFT}" y="{y + 3}" width="{length:.1f}" height="{LINE - 7}"/>'
            f'<line class="aim" x1="{aim:.1f}" y1="{y + 1}" x2="{aim:.1f}" y2="{y + LINE - 2}"/>'
            f'<text x="{LEFT + WIDTH + 8}" y="{y + 14}">{escape(number(row.figure, row.unit))}</text>')
    bottom = top + len(shown) * LINE
    peers = ", ".join(f"{name} {version}" for name, version in document["peers"].items())
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {LEFT + WIDTH + 90} {bottom + 46}" role="img">\n<style>{STYLE}</style>\n'
        f'<rect class="paper" width="100%" height="100%"/>\n'
        f'<text x="8" y="22">What Tenon costs beside its peers: shorter is better, the black line is the aim</text>\n'
        f'<text class="small" x="{LEFT + WIDTH / 2}" y="50" text-anchor="middle">the same as the peer, or the limit</text>\n'
        f'<line class="one" x1="{LEFT + WIDTH / 2}" y1="54" x2="{LEFT + WIDTH / 2}" y2="{bottom}"/>\n' + "\n".join(bars) +
        f'\n<text class="small" x="8" y="{bottom + 20}">{escape(peers)}</text>'
        f'<text class="small" x="8" y="{bottom + 36}">{escape(document["machine"])}</text>\n</svg>\n')
