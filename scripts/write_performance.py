#!/usr/bin/env python3
"""Writes docs/performance.md and its plots: what `viba bench` and the benchmarks of the kernels measure here.

Usage: scripts/write_performance.py [VIBA] [--bench VIBA_BENCH] [--quick]

VIBA is a release build, VIBA_BENCH its benchmarks (preset `bench`). Nothing else should run meanwhile. Takes some eight
minutes; --quick is for trying the script out. What cannot be measured here is left out, and said.
"""

import argparse
import json
import os
import pathlib
import platform
import re
import shutil
import statistics
import subprocess
import sys
import tempfile
import time

ROOT = pathlib.Path(__file__).resolve().parent.parent
DOCS = ROOT / "docs"
SAMPLE = ROOT / "assets/sample/sample.mp4"
SIZES = ["640x360", "854x480", "1280x720", "1920x1080", "2560x1440", "3840x2160"]
PARTS = ["capture", "network", "segment", "refine", "composite", "sinks"]
NAMES = {"segment": "rest of segment"}
COLORS = ["#8c6bb1", "#4477aa", "#66ccee", "#228833", "#ccbb44", "#ee6677"]

HEAD = """# How fast ViBa is

Written by `scripts/write_performance.py` with {version}; measured {date} on
{machine}. It was a virtual machine that others share: figures of one run can be
compared with each other, hardly with those of another day.

Unless a row says otherwise: one core (`taskset -c 0`), 1280×720, the bundled sample packed as a camera would give it
(YUYV), the model `selfie`, a picture as the background, a mask for every frame, all refinement on (the room is learnt),
and YUYV to a sink in memory. Of five runs of each, in turns, the quickest counts, as whatever else the machine does can
only add to it; a run's figures are medians over its frames. `viba bench` measures the same on your machine.

## What it is to reach

| what | target | measured | met |
| --- | --: | --: | --- |
{targets}

Commands:

{commands}
"""

STAGES = """
## Where the time goes

Milliseconds a frame, 1280×720, one core.

| stage | median | 95% | 99% |
| --- | --: | --: | --: |
{rows}

![Milliseconds a frame by resolution, stacked by stage](pictures/performance-sizes.svg)

![Frames a second from file to file, by cores](pictures/performance-cores.svg)
"""

KERNELS = """
## Kernels

Each in Highway (or libyuv) on the best instruction set here, the same written as plain loops (which the compiler may
turn into vectors), and `memcpy` of as many bytes as it reads. Microseconds, medians; most run over a whole picture or
grid of noise, where a real frame has little that they must look at.

| kernel | size | ViBa | plain | times as fast | `memcpy` |
| --- | --- | --: | --: | --: | --: |
{rows}
"""

PEER = """
## Beside others

In the same minutes, on the same clip and core, in turns: ViBa took {ours:.2f} ms a frame beside its network, with all
its refinement; {name} ({what}) took {theirs:.2f} ms without any,
**{ratio:.1f} times as much**. `bench/peers/bgr_chain.py` says what that chain is: the way that most virtual webcams on
Linux go, written anew, and none of them itself, as none of them is packaged where this was measured.
`bench/peers/mediapipe.mjs` measures MediaPipe's own segmentation in a browser.

| step of that chain | ms |
| --- | --: |
{rows}
"""


def arguments():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("viba", nargs="?", type=pathlib.Path, default=ROOT / "build/release/viba")
    parser.add_argument("--bench", type=pathlib.Path, metavar="VIBA_BENCH")
    parser.add_argument("--quick", action="store_true")
    options = parser.parse_args()
    if not options.viba.is_file():
        sys.exit(f"There is no program {options.viba}: build it, or name it as the first argument.")
    for tool in ("taskset", "ffmpeg"):
        if not shutil.which(tool):
            sys.exit(f"write_performance.py needs {tool}: install it.")
    options.viba = options.viba.resolve()
    return options


def run(*command):
    """The standard output of a command that must succeed."""
    done = subprocess.run([str(part) for part in command], capture_output=True, text=True)
    if done.returncode != 0:
        sys.exit(f"{' '.join(map(str, command))} failed: {done.stderr.strip()}")
    return done.stdout


class Machine:
    """Runs ViBa on so many cores, and remembers with which words."""

    def __init__(self, options):
        self.viba, self.quick = options.viba, options.quick
        self.cores = sorted(os.sched_getaffinity(0))
        self.commands = []

    def bench(self, *words, cores=1, paced=False, frames=300):
        words = [*words, "--frames", str(40 if self.quick else frames)]
        self.commands.append(f"taskset -c {self.mask(cores, shown=True)} viba bench --json " + " ".join(words))
        seconds = [] if paced and not self.quick else ["--seconds", "2" if paced else "0"]
        return json.loads(run("taskset", "-c", self.mask(cores), self.viba, "bench", "--json", *words, *seconds))

    def mask(self, cores, shown=False):
        return ",".join(str(core) for core in (range(cores) if shown else self.cores[:cores]))

    def film(self, clip, out, cores):
        """Frames a second from file to file."""
        start = time.monotonic()
        run("taskset", "-c", self.mask(cores), self.viba, "--real-cam-device", clip, "--fake-cam-device", out)
        return time.monotonic() - start


def seconds_by_cores(machine):
    """For 1 to all cores (4 at most): the shortest time for one clip, in turns."""
    counts = [count for count in (1, 2, 4) if count <= len(machine.cores)]
    rounds = 1 if machine.quick else 5
    memory = pathlib.Path("/dev/shm")  # what is measured is ViBa, not the disk
    with tempfile.TemporaryDirectory(dir=memory if memory.is_dir() else None) as folder:
        clip, out = pathlib.Path(folder) / "clip.mp4", pathlib.Path(folder) / "out.y4m"
        frames = 100 if machine.quick else 600
        run("ffmpeg", "-v", "error", "-stream_loop", frames // 150, "-i", SAMPLE, "-c", "copy", "-frames:v", frames, clip)
        times = {count: [] for count in counts}
        for _ in range(rounds):
            for count in counts:
                times[count].append(machine.film(clip, out, count))
    machine.commands.append("taskset -c 0,1 viba --real-cam-device clip.mp4 --fake-cam-device out.y4m"
                            "  # both in memory, /dev/shm")
    return {count: frames / min(each) for count, each in times.items()}


def idle(machine):
    """Percent of a core, or nothing where there is no PipeWire."""
    done = subprocess.run([ROOT / "bench/idle_cost.sh", machine.viba, "5" if machine.quick else "60"],
                          capture_output=True, text=True)
    machine.commands.append("bench/idle_cost.sh viba 60")
    return float(done.stdout) if done.returncode == 0 else None


def row(what, target, measured, met):
    return f"| {what} | {target} | {measured} | {'yes' if met else '**no**'} |"


def at_most(what, limit, value, unit, digits=2):
    return row(what, f"≤ {limit} {unit}".rstrip(), f"{value:.{digits}f} {unit}".rstrip(), round(value, digits) <= limit)


def targets(machine):
    """The rows of the table, and what the plots and other tables need of it."""
    paced = machine.bench("--format", "yuyv", paced=True)
    # In turns, and the least disturbed one of each: what else the machine does can only add to it.
    ways = {"yuyv": ["--format", "yuyv"], "plain": ["--format", "yuyv", "--learn-room", "off"],
            "mjpeg": ["--format", "mjpeg"], "large": ["--size", "1920x1080"],
            "large_plain": ["--size", "1920x1080", "--learn-room", "off"], "blur": ["--background", "blur"]}
    turns = [{name: machine.bench(*words) for name, words in ways.items()} for _ in range(1 if machine.quick else 5)]
    best = {name: min((turn[name] for turn in turns), key=lambda report: report["frame_ms"]["p50"]) for name in ways}
    yuyv = best["yuyv"]
    throughput = seconds_by_cores(machine)
    rows = [
        at_most("whole pipeline, YUYV → YUYV, median a frame", 7.0, yuyv["frame_ms"]["p50"], "ms"),
        at_most("the same from MJPEG", 10.0, best["mjpeg"]["frame_ms"]["p50"], "ms"),
        at_most("all but inference and MJPEG decoding", 2.0, yuyv["rest_ms"], "ms"),
        at_most("… with the guided and the temporal filter only (`--learn-room off`)", 2.0, best["plain"]["rest_ms"], "ms"),
        at_most("all but inference at 1920×1080", 4.5, best["large"]["rest_ms"], "ms"),
        at_most("… with the guided and the temporal filter only", 4.5, best["large_plain"]["rest_ms"], "ms"),
        at_most("a blurred background instead of a picture, extra", 1.0,
                best["blur"]["frame_ms"]["p50"] - yuyv["frame_ms"]["p50"], "ms"),
        at_most("inference against the bare network", 1.1, yuyv["inference_ratio"], ""),
        at_most("latency, median", 10, paced["paced"]["latency_ms"]["p50"], "ms", 1),
        at_most("latency, 99%", 20, paced["paced"]["latency_ms"]["p99"], "ms", 1),
        at_most("start to the first composited frame", 300, min(turn["yuyv"]["start_ms"] for turn in turns), "ms", 0),
        at_most("resident memory", 120, yuyv["peak_rss_mb"], "MB", 0),
    ]
    if (percent := idle(machine)) is not None:
        rows.append(at_most("idle, nobody watching, of a core (that the camera is closed: `tests/device/live_test.cpp`)",
                            0.2, percent, "%", 3))
    if yuyv.get("allocations_per_frame") is not None:
        rows.append(at_most("allocations a frame, but those within ONNX Runtime", 0, yuyv["allocations_per_frame"], "",
                            2))
    if 2 in throughput:
        gain = throughput[2] / throughput[1]
        rows.append(row("two cores against one, from file to file", "≥ 1.6", f"{gain:.2f}", round(gain, 2) >= 1.6))
    return rows, yuyv, throughput


def times_of(report):
    """Median milliseconds of the parts that a frame's time is made of."""
    parts = {name: report["stages"][name]["p50"] for name in PARTS if name in report["stages"]}
    parts["network"] = report["network_ms"]["p50"]
    parts["segment"] = max(0.0, parts["segment"] - parts["network"])
    return {name: parts[name] for name in PARTS}


def stage_rows(report):
    rows = dict(report["stages"]) | {"network, within segment": report["network_ms"], "frame": report["frame_ms"]}
    return "\n".join(f"| {name} | {ms['p50']:.2f} | {ms['p95']:.2f} | {ms['p99']:.2f} |" for name, ms in rows.items())


class Plot:
    """Bars on one axis, as an SVG that is legible on light and on dark pages."""

    WIDTH, HEIGHT, LEFT, BOTTOM, TOP = 760, 360, 60, 50, 60

    def __init__(self, title, unit, columns, most):
        self.unit, self.columns, self.most = unit, columns, most
        self.parts = [
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {self.WIDTH} {self.HEIGHT}" '
            'font-family="sans-serif" font-size="13">',
            "<style>text{fill:#222}line{stroke:#999}@media (prefers-color-scheme:dark)"
            "{text{fill:#ddd}line{stroke:#777}}</style>",
            f'<text x="{self.LEFT}" y="20" font-size="15">{title}</text>']
        step = next(s for s in (1, 2, 5, 10, 20, 50, 100, 200, 500, 1000) if most / s <= 6)
        for tick in range(0, int(most) + 1, step):
            y = self.y(tick)
            self.parts.append(f'<line x1="{self.LEFT}" x2="{self.WIDTH - 10}" y1="{y:.1f}" y2="{y:.1f}" '
                              'stroke-width="0.5"/>')
            self.parts.append(f'<text x="{self.LEFT - 8}" y="{y + 4:.1f}" text-anchor="end">{tick}</text>')

    def y(self, value):
        return self.HEIGHT - self.BOTTOM - value / self.most * (self.HEIGHT - self.BOTTOM - self.TOP)

    def x(self, index):
        return self.LEFT + (index + 0.5) * (self.WIDTH - self.LEFT - 10) / len(self.columns)

    def bar(self, index, bottom, height, color):
        top, base = self.y(bottom + height), self.y(bottom)
        self.parts.append(f'<rect x="{self.x(index) - 28:.1f}" y="{top:.1f}" width="56" height="{base - top:.1f}" '
                          f'fill="{color}"/>')

    def label(self, index, value):
        self.parts.append(f'<text x="{self.x(index):.1f}" y="{self.y(value) - 6:.1f}" text-anchor="middle">'
                          f'{value:.1f}</text>')

    def legend(self, names):
        x = self.LEFT
        for name, color in names:
            self.parts.append(f'<rect x="{x}" y="34" width="11" height="11" fill="{color}"/>')
            self.parts.append(f'<text x="{x + 16}" y="44">{name}</text>')
            x += 30 + 8 * len(name)

    def save(self, path):
        for index, name in enumerate(self.columns):
            self.parts.append(f'<text x="{self.x(index):.1f}" y="{self.HEIGHT - self.BOTTOM + 20}" '
                              f'text-anchor="middle">{name}</text>')
        self.parts.append(f'<text x="{self.LEFT}" y="{self.HEIGHT - 10}">{self.unit}</text>')
        path.write_text("\n".join(self.parts) + "\n</svg>\n")


def plot_sizes(machine):
    reports = [times_of(machine.bench("--size", size, frames=100)) for size in SIZES]
    plot = Plot("A frame by resolution, one core", "milliseconds, median", SIZES,
                1.1 * max(sum(report.values()) for report in reports))
    for index, report in enumerate(reports):
        bottom = 0
        for part, color in zip(PARTS, COLORS):
            plot.bar(index, bottom, report[part], color)
            bottom += report[part]
        plot.label(index, bottom)
    plot.legend([(NAMES.get(part, part), color) for part, color in zip(PARTS, COLORS)])
    plot.save(DOCS / "pictures/performance-sizes.svg")


def plot_cores(throughput):
    plot = Plot("From file to file by cores (1280×720, H.264 → y4m)", "frames a second",
                [f"{count} core{'s' if count > 1 else ''}" for count in throughput], 1.1 * max(throughput.values()))
    for index, rate in enumerate(throughput.values()):
        plot.bar(index, 0, rate, COLORS[1])
        plot.label(index, rate)
    plot.save(DOCS / "pictures/performance-cores.svg")


def kernels(program, quick):
    """Rows of kernels that have a plain twin: NAME, NAME_scalar and NAME_memcpy of one size."""
    text = run("taskset", "-c", min(os.sched_getaffinity(0)), program, "--benchmark_format=json",
               f"--benchmark_repetitions={1 if quick else 5}", "--benchmark_min_time=0.05")
    times = {}
    for entry in json.loads(text)["benchmarks"]:
        if entry.get("aggregate_name", "median") == "median":
            micro = entry["cpu_time"] * {"ns": 1e-3, "us": 1, "ms": 1e3}[entry["time_unit"]]
            times[re.sub(r"(/real_time)?(_median)?$", "", entry["name"])] = micro
    rows = []
    for name, micro in times.items():
        kernel, _, size = name.partition("/")
        plain = times.get(f"{kernel}_scalar/{size}")
        if plain is None:
            continue
        copied = times.get(f"{kernel}_memcpy/{size}")
        rows.append(f"| {kernel} | {size.replace('/', '×')} | {micro:.1f} | {plain:.1f} | {plain / micro:.1f} | "
                    f"{'' if copied is None else f'{copied:.1f}'} |")
    return "\n".join(rows)


def peer(machine):
    """The section on the chain over BGR, in turns with ViBa; empty where OpenCV is not installed."""
    command = ["taskset", "-c", machine.mask(1), "/usr/bin/python3", ROOT / "bench/peers/bgr_chain.py", SAMPLE]
    if subprocess.run(["/usr/bin/python3", "-c", "import cv2"], capture_output=True).returncode != 0:
        print("OpenCV for Python (python3-opencv) is not installed: the comparison is left out.", file=sys.stderr)
        return ""
    ours, theirs = [], []
    for _ in range(1 if machine.quick else 3):
        ours.append(machine.bench(frames=100)["rest_ms"])
        theirs.append(json.loads(run(*command)))
    theirs.sort(key=lambda each: each["cpu_ms_per_frame"])
    chain = theirs[len(theirs) // 2]
    rows = "\n".join(f"| {step} | {ms:.2f} |" for step, ms in chain["parts"].items())
    ours, cost = statistics.median(ours), chain["cpu_ms_per_frame"]
    return PEER.format(ours=ours, theirs=cost, ratio=cost / ours, name=chain["name"], what=chain["with"], rows=rows)


def main():
    options = arguments()
    machine = Machine(options)
    (DOCS / "pictures").mkdir(exist_ok=True)
    rows, usual, throughput = targets(machine)
    plot_cores(throughput)
    commands = "\n".join(f"- `{command}`" for command in dict.fromkeys(machine.commands))
    plot_sizes(machine)
    described = f"{usual['cpu']} ({len(machine.cores)} cores), Linux {platform.release().split('-')[0]}"
    text = HEAD.format(version=run(options.viba, "--version").splitlines()[0], date=time.strftime("%Y-%m-%d"),
                       machine=described, targets="\n".join(rows), commands=commands)
    text += STAGES.format(rows=stage_rows(usual)) + peer(machine)
    if options.bench:
        text += KERNELS.format(rows=kernels(options.bench, options.quick))
    (DOCS / "performance.md").write_text(text)


if __name__ == "__main__":
    main()
