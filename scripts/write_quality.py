#!/usr/bin/env python3
"""Writes docs/quality.md and its pictures: how good the mattes are, beside those of other programs.

Usage: scripts/write_quality.py [VIBA [SHARED]] [--bench FOLDER]     (some four minutes)
VIBA is the program, build/release/viba by default; SHARED the folder with data/ and tools/, by default the one beside
the checkout; FOLDER holds results of Google Benchmark as JSON, if the time for a frame is to be stated as well.
"""
import argparse
import importlib.util
import json
import pathlib
import shutil
import subprocess
import sys
import tempfile

MISSING = [name for name in ("numpy", "scipy", "PIL") if not importlib.util.find_spec(name)]
if MISSING:
    sys.exit(f"write_quality.py needs {', '.join(MISSING)}: install python3-numpy, python3-scipy and python3-pil.")

import numpy as np
from PIL import Image

ROOT = pathlib.Path(__file__).resolve().parent.parent
DOCS = ROOT / "docs"
PICTURES = DOCS / "pictures"
SAMPLE = ROOT / "assets/sample/sample.mp4"
STILL = ["BandMAD", "IoU", "BF"]
MOVING = STILL + ["dtSSD", "Flicker"]
DIGITS = {"BandMAD": 1, "IoU": 3, "BF": 3, "dtSSD": 2, "Flicker": 2}
COLOR = (0x2F, 0x7D, 0x5B)
GAP, HEIGHT, WIDTH = 6, 400, 330  # of the pictures' panels; the smaller of height and width counts

WAYS = {
    "ViBa": [],
    "ViBa, `--learn-room off`": ["--learn-room", "off"],
    "ViBa, `--learn-room off --roi off`": ["--learn-room", "off", "--roi", "off"],
}
PEERS = {
    "a": "**MediaPipe's mask upsampled** (what most programs do)",
    "b2-mp0.9": "with a box blur and MediaPipe's smoothing over time",
    "c": "MediaPipe's landscape model (256x144) upsampled",
    "d": "BodyPix, threshold, dilation and blur (the original ViBa)",
    "f": "with a joint bilateral filter",
    "x-e-rgb-1e-4-r4-curve": "with an RGB guided filter and a curve",
    "x-motion0.8-e-rgb-1e-4-r4-curve": "with that, and smoothing where nothing moves",
}
USUAL = PEERS["a"]
# File name, clip (the sample or one of data/video/gestures), number of the frame, box, what it shows.
SHOTS = [
    ("hair", None, 60, (490, 30, 850, 330), "Hair, after two seconds of the bundled sample."),
    ("hands", "want", 17, (130, 150, 430, 330), "Open hands."),
    ("elbow", "want", 0, (80, 140, 300, 400), "An elbow, in the very first frame: nothing is known of the room yet."),
    ("fast", "want", 8, (90, 240, 420, 400), "Not perfect: fast hands are blurred, and carry some of the room along."),
]

HEAD = """# How good the mattes are

This page and its pictures are made by `scripts/write_quality.py`, with {version}.

**In short: on a moving person the error at the edges is {video:.0%} of what the most common way leaves, on photographs
{stills:.0%}.** The most common way is to stretch the mask of MediaPipe's selfie model over the frame. ViBa runs the
same small network; what it does besides is described in [architecture.md](architecture.md).

## What is measured

Mattes of `viba matte`, which are those that the pipeline composites with, are compared with true ones:

| measure | what it says | better |
| --- | --- | --- |
| BandMAD | mean difference in alpha near the true outline (2% of the diagonal), in thousandths | lower |
| IoU | how far both persons, cut at one half, are the same: intersection over union | higher |
| BF | how much of both outlines runs where the other one runs (within 0.75% of the diagonal) | higher |
| dtSSD | how differently both change from frame to frame, in hundredths | lower |
| Flicker | how much alpha changes where the true one stands still, in thousandths | lower |

The rows of other programs' ways were made with the same data and measures, from those programs' descriptions; they are
ways of making a matte, not the programs themselves.
"""

VIDEO = """
## A moving person

`dancer_a`: 120 frames of 640x360, a dancing person before a photograph of a room, with the true alpha.

{dancer}

The same with sensor noise and wobbling brightness, and with the room moved by 6 pixels in the middle, as when somebody
nudges the camera:

{harder}

Read with care: the clip is a composite, without shadows, reflections or a camera that adjusts itself, and was
composited with the very equation that matting against a known room inverts. In frames 90 to 93 the truth itself lies
as a faint haze over the whole picture, with which no matte can agree.

The bundled sample, 150 frames of 1280x720: a person who talks and hardly moves away from the spot. It is a composite as
well; the row of the usual way is made here, with `viba models run`.

{sample}
"""

STILLS = """
## Photographs

{alpha_count} photographs with alpha mattes:

{alpha}

{portrait_count} portraits with masks of black and white:

{portraits}

The portraits' masks are drawn by hand, with rims of background, without loose hair, and of two people one is left out
now and then. They tell whether the person is found, but a finer edge does not show in them as a gain.
"""

SHOWN = """
## Side by side

From left to right: the camera, the usual way (the same network's mask upsampled), ViBa. Both are laid over one colour.
ViBa also takes the old room's colour out of the edge; the usual way does not.
"""

CREDIT = """The webcam clip (`{clip}`) is under [CC BY 4.0](https://creativecommons.org/licenses/by/4.0/);
cut out, enlarged, background replaced."""

FAILS = """
## What still fails

Seen in the clips at hand:

- **Things near people.** The network takes laptops, the table, chairs or bags for a part of the person now and then,
  above all with two people at a table. Knowing the room helps only if the thing was seen without anybody near it.
- **A person who hardly moves** uncovers little of the room. Where it was not seen, the matte is that of
  `--learn-room off`; on the bundled sample learning the room gains next to nothing. `--learn-now` or `--clean-plate`
  help.
- **Fine hair.** The matte is made on a grid of about 320 cells and brought to the frame's size along its colours.
  Single hairs are finer than that, and become a soft rim or are lost.
- **Fast hands** that the camera blurs are kept half-transparent. That is what they are, but some of the room can be
  left between the fingers.
- **Like before like.** A white helmet before a white sky loses a part of its top, as the network is in doubt and the
  colours do not help; a corner of a picture frame beside brown hair stays.
- **A camera that is held in the hand.** What was learnt of the room lies beside where it is now until that is noticed,
  and edges of the room show for some frames. `--learn-room off` is better there.

To be expected from how it works, though no clip at hand measures it:

- **Dark before dark**: dark clothes or hair before a dark room, and the thin frames of glasses, give too little
  difference in colour to decide by; the network's coarse outline stays.
- **Things put down near the person** are not what was learnt, and so are shown for a while, until they are relearnt.
"""

SPEED = """
## Time

{table}
"""


def arguments():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("viba", nargs="?", type=pathlib.Path, default=ROOT / "build/release/viba")
    parser.add_argument("shared", nargs="?", type=pathlib.Path, default=ROOT.parent / "shared")
    parser.add_argument("--bench", type=pathlib.Path, metavar="FOLDER")
    options = parser.parse_args()
    if not shutil.which("ffmpeg"):
        sys.exit("write_quality.py needs ffmpeg: install it.")
    if not options.viba.is_file():
        sys.exit(f"There is no program {options.viba}: build it, or name it as the first argument.")
    for part in ("data", "tools/matte_metrics.py", "tools/baselines_dev.md"):
        if not (options.shared / part).exists():
            sys.exit(f"There is no {part} in {options.shared}: name the folder of shared data as the second argument.")
    return options


def run(*command):
    """The standard output of a command that must succeed."""
    done = subprocess.run([str(part) for part in command], capture_output=True, text=True)
    if done.returncode != 0:
        sys.exit(f"{command[0]} failed: {done.stderr.strip()}")
    return done.stdout


class Bench:
    """Runs ViBa and the measures; what they write goes into one folder."""

    def __init__(self, viba, shared, folder):
        self.viba, self.shared, self.folder = viba.resolve(), shared, pathlib.Path(folder)

    def matte(self, source, options):
        out = self.folder / ("mattes" if source.is_dir() else "matte.mkv")
        if out.is_dir():
            shutil.rmtree(out)
        run(self.viba, "matte", source, out, *options)
        return out

    def compare(self, truth, mattes):
        """How many images or frames, and the mean of each measure."""
        result = self.folder / "result.json"
        run(sys.executable, self.shared / "tools/matte_metrics.py", truth, f"m={mattes}", "--json", result)
        row = json.loads(result.read_text())["results"][0]
        return row["count"], row["mean"]

    def ways(self, source, truth, names=WAYS):
        return {name: self.compare(truth, self.matte(source, WAYS[name]))[1] for name in names}

    def usual(self, frame):
        """The network's own mask of a frame, upsampled: 0..1."""
        picture, answer = self.folder / "frame.png", self.folder / "answer.npy"
        Image.fromarray(frame).save(picture)
        run(self.viba, "models", "run", "selfie", picture, answer)
        mask = Image.fromarray(np.load(answer).squeeze().astype(np.float32))
        return np.asarray(mask.resize(frame.shape[1::-1], Image.Resampling.BILINEAR))

    def usual_of_clip(self, clip):
        out = self.folder / "usual"
        out.mkdir()
        for number, frame in enumerate(frames(clip)):
            Image.fromarray(np.uint8(np.round(self.usual(frame) * 255))).save(out / f"{number:05d}.png")
        video = self.folder / "usual.mkv"
        run("ffmpeg", "-v", "error", "-i", out / "%05d.png", "-pix_fmt", "gray", "-c:v", "ffv1", video)
        return video

    def composite(self, clip):
        out = self.folder / f"{clip.stem}.y4m"
        if not out.exists():
            run(self.viba, "--real-cam-device", clip, "--fake-cam-device", out, "--mask-mode", "every-frame",
                "--background", "color:#%02x%02x%02x" % COLOR)
        return out


def frames(clip, only=None):
    """The frames of a video as RGB, or a single one."""
    size = run("ffprobe", "-v", "error", "-select_streams", "v:0", "-show_entries", "stream=width,height", "-of",
               "csv=p=0", clip)
    width, height = (int(number) for number in size.strip().split(",")[:2])
    choice = [] if only is None else ["-vf", f"select=eq(n\\,{only})", "-frames:v", "1"]
    command = ["ffmpeg", "-v", "error", "-i", str(clip), *choice, "-f", "rawvideo", "-pix_fmt", "rgb24", "-"]
    raw = subprocess.run(command, check=True, capture_output=True).stdout
    return np.frombuffer(raw, np.uint8).reshape(-1, height, width, 3)


def peers(text, section):
    """The rows of PEERS in the table under the heading that begins so."""
    lines = text[text.index(f"### {section}"):].splitlines()[1:]
    end = next((i for i, line in enumerate(lines) if line.startswith("#")), len(lines))
    table = [[cell.strip() for cell in line.strip("|").split("|")] for line in lines[:end] if line.startswith("|")]
    rows = {cells[0]: dict(zip(table[0][1:], map(float, cells[1:]))) for cells in table[2:]}
    return {PEERS[name]: rows[name] for name in PEERS if name in rows}


def table(rows, measures):
    lines = ["| way | " + " | ".join(measures) + " |", "| --- |" + " --: |" * len(measures)]
    for name, row in rows.items():
        lines.append(f"| {name} | " + " | ".join(f"{row[key]:.{DIGITS[key]}f}" for key in measures) + " |")
    return "\n".join(lines)


def side_by_side(bench, clip, number, box):
    frame = frames(clip, number)[0]
    alpha = bench.usual(frame)[..., None]
    usual = np.uint8(np.round(frame * alpha + np.array(COLOR) * (1 - alpha)))
    zoom = min(WIDTH / (box[2] - box[0]), HEIGHT / (box[3] - box[1]))
    size = round((box[2] - box[0]) * zoom), round((box[3] - box[1]) * zoom)
    picture = Image.new("RGB", (3 * size[0] + 2 * GAP, size[1]), "white")
    for place, shown in enumerate((frame, usual, frames(bench.composite(clip), number)[0])):
        panel = Image.fromarray(shown).crop(box).resize(size, Image.Resampling.BICUBIC)
        picture.paste(panel, (place * (size[0] + GAP), 0))
    return picture


def pictures(bench):
    PICTURES.mkdir(exist_ok=True)
    text = SHOWN
    for name, clip, number, box, caption in SHOTS:
        source = bench.shared / "data/video/gestures" / f"{clip}.mkv" if clip else SAMPLE
        picture = side_by_side(bench, source, number, box)
        picture.save(PICTURES / f"{name}.jpg", quality=88)
        credit = "\n" + CREDIT.format(clip=clip) if clip else ""
        text += f"\n![{caption}](pictures/{name}.jpg)\n\n{caption}{credit}\n"
    return text


def video(bench, baselines):
    truth = bench.shared / "data/video/truth"
    dancer = peers(baselines, "Video dancer_a") | bench.ways(truth / "dancer_a.mp4", truth / "dancer_a.alpha.mkv")
    harder = {}
    for title, name in (("noise", "dancer_a_noisy"), ("nudge", "dancer_a_nudged")):
        rows = bench.ways(truth / f"{name}.mp4", truth / "dancer_a.alpha.mkv", list(WAYS)[:2])
        harder |= {f"{title}: {way}": row for way, row in rows.items()}
    alpha = bench.folder / "sample_alpha.mkv"
    run(sys.executable, ROOT / "assets/make_sample.py", bench.folder / "sample.mp4", "--alpha", alpha)
    sample = {USUAL: bench.compare(alpha, bench.usual_of_clip(SAMPLE))[1]} | bench.ways(SAMPLE, alpha)
    text = VIDEO.format(dancer=table(dancer, MOVING), harder=table(harder, MOVING), sample=table(sample, MOVING))
    return text, dancer["ViBa"]["BandMAD"] / dancer[USUAL]["BandMAD"]


def stills(bench, baselines):
    people = bench.shared / "data/people"
    tables, counts = [], []
    for section, name, truth in (("Alpha", "alpha", "alpha"), ("Portraits", "portraits", "mask")):
        count, mean = bench.compare(people / name / truth, bench.matte(people / name / "image", []))
        tables.append(peers(baselines, section) | {"ViBa": mean})
        counts.append(count)
    text = STILLS.format(alpha_count=counts[0], alpha=table(tables[0], STILL), portrait_count=counts[1],
                         portraits=table(tables[1], STILL))
    return text, tables[0]["ViBa"]["BandMAD"] / tables[0][USUAL]["BandMAD"]


def speed(folder):
    lines = ["| what | time |", "| --- | --: |"]
    for path in sorted(folder.glob("*.json")):
        for entry in json.loads(path.read_text())["benchmarks"]:
            lines.append(f"| {entry['name']} | {entry['real_time']:.3g} {entry['time_unit']} |")
    return SPEED.format(table="\n".join(lines))


def main():
    options = arguments()
    baselines = (options.shared / "tools/baselines_dev.md").read_text()
    with tempfile.TemporaryDirectory() as folder:
        bench = Bench(options.viba, options.shared, folder)
        moving, video_ratio = video(bench, baselines)
        still, still_ratio = stills(bench, baselines)
        shown = pictures(bench)
    version = run(options.viba, "--version").splitlines()[0]
    text = HEAD.format(version=version, video=video_ratio, stills=still_ratio) + moving + still + shown + FAILS
    text += speed(options.bench) if options.bench else ""
    (DOCS / "quality.md").write_text(text)


if __name__ == "__main__":
    main()
