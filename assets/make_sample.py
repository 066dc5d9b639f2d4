#!/usr/bin/python3
"""Makes sample/sample.mp4: the person of sample/portrait_rgba.png moving before sample/room.jpg.

Usage: make_sample.py [OUT.mp4] [--alpha OUT.mkv]     (needs ffmpeg)
--alpha writes the true matte of every frame as lossless gray video, to measure mattes with.
"""
import argparse
import math
import pathlib
import subprocess

import numpy as np
import scipy.ndimage as nd
from PIL import Image

WIDTH, HEIGHT, RATE, COUNT = 1280, 720, 30, 150
SCALE = 2.16  # portrait pixel to frame pixels
MARGIN = 24  # added on both sides of the portrait
CENTRE_X, HAIR_TOP = 226 + MARGIN, 15.5
NECK = (220 + MARGIN, 172)


def wave(phase, *terms):
    """A sum of whole periods of the clip, so that the last frame leads to the first."""
    return sum(a * math.sin(2 * math.pi * (k * phase + shift)) for k, a, shift in terms)


def pose(phase):
    return {
        "x": 640 + wave(phase, (1, 17, 0.0), (2, 5, 0.3), (5, 0.8, 0.1)),
        "y": 54 + wave(phase, (2, 4.0, 0.15), (1, 3, 0.6), (7, 0.5, 0.4)),
        "lean": wave(phase, (1, 0.9, 0.05), (3, 0.25, 0.2)),
        "zoom": SCALE * (1 + wave(phase, (1, 0.012, 0.4), (2, 0.005, 0.1))),
        "nod": wave(phase, (2, 2.2, 0.0), (3, 1.0, 0.35)),
        "turn": wave(phase, (1, 2.6, 0.2), (2, 1.2, 0.55)),
        "tilt": wave(phase, (1, 1.9, 0.3), (2, 0.8, 0.8)),
    }


def source_positions(p):
    """Where in the portrait each frame pixel lies: the body leans as one, the head moves on its neck."""
    y, x = np.mgrid[:HEIGHT, :WIDTH].astype(np.float64)
    pivot = np.array([p["x"], HEIGHT + 60.0])
    angle = math.radians(p["lean"])
    dx, dy = x - pivot[0], y - pivot[1]
    u = (math.cos(angle) * dx + math.sin(angle) * dy) / p["zoom"] + CENTRE_X
    v = (-math.sin(angle) * dx + math.cos(angle) * dy + pivot[1] - p["y"]) / p["zoom"] + HAIR_TOP
    # 1 on the head, 0 from the collar ring down; between them the neck bends.
    head = np.clip((183 - v) / 46, 0, 1)
    head = head * head * (3 - 2 * head)
    angle = math.radians(p["tilt"])
    hx, hy = u - NECK[0], v - NECK[1]
    u2 = NECK[0] + math.cos(angle) * hx + math.sin(angle) * hy
    v2 = NECK[1] - math.sin(angle) * hx + math.cos(angle) * hy
    # Turning and nodding shift the middle of the face more than its outline.
    middle = np.exp(-(((u2 - CENTRE_X) / 62) ** 2 + ((v2 - 105) / 70) ** 2))
    u2 -= p["turn"] * (0.45 + 0.55 * middle)
    v2 -= p["nod"] * (0.45 + 0.55 * middle)
    return u + head * (u2 - u), v + head * (v2 - v)


def person(layers, p):
    """Premultiplied colour and alpha of one frame."""
    u, v = source_positions(p)
    at = np.stack([v, u])
    # The clip must not show the lower end of the cut-out.
    assert v[-1].max() < layers[3].shape[0] - 3, v[-1].max()
    warped = [nd.map_coordinates(layer, at, order=3, mode="constant", prefilter=False) for layer in layers]
    alpha = np.clip(warped[3], 0, 1)
    return np.clip(np.stack(warped[:3], 2), 0, alpha[..., None]), alpha


def light_on_person(premultiplied, alpha):
    """Daylight from the left, the room's warm dark to the right, and a rim where hair meets the window."""
    x = np.linspace(-1, 1, WIDTH)[None, :, None]
    tint = np.array([0.95, 0.96, 0.97]) + x * np.array([-0.05, -0.07, -0.10])
    return np.clip(premultiplied * tint * 0.97, 0, alpha[..., None])


def encoder(path, pixel_format, arguments):
    command = [
        "ffmpeg",
        "-v",
        "error",
        "-y",
        "-f",
        "rawvideo",
        "-pix_fmt",
        pixel_format,
        "-s",
        f"{WIDTH}x{HEIGHT}",
        "-r",
        str(RATE),
        "-i",
        "-",
        *arguments,
        str(path),
    ]
    return subprocess.Popen(command, stdin=subprocess.PIPE)


H264 = [
    "-vf",
    "scale=out_color_matrix=bt709:out_range=tv,format=yuv420p",
    "-c:v",
    "libx264",
    "-preset",
    "slower",
    "-crf",
    "20",
    "-g",
    "75",
    "-colorspace",
    "bt709",
    "-color_primaries",
    "bt709",
    "-color_trc",
    "bt709",
    "-color_range",
    "tv",
    "-movflags",
    "+faststart",
    "-fflags",
    "+bitexact",
    "-flags:v",
    "+bitexact",
    "-map_metadata",
    "-1",
]


def main():
    here = pathlib.Path(__file__).parent
    parser = argparse.ArgumentParser()
    parser.add_argument("out", nargs="?", default=here / "sample/sample.mp4")
    parser.add_argument("--alpha")
    parser.add_argument("--frames", type=int, default=COUNT)
    options = parser.parse_args()

    rgba = np.asarray(Image.open(here / "sample/portrait_rgba.png"), np.float64) / 255
    rgba = np.pad(rgba, ((0, 0), (MARGIN, MARGIN), (0, 0)))
    planes = [rgba[..., c] * rgba[..., 3] for c in range(3)] + [rgba[..., 3]]
    layers = [nd.spline_filter(plane, 3) for plane in planes]
    room = np.asarray(Image.open(here / "sample/room.jpg").convert("RGB"), np.float64) / 255
    random = np.random.default_rng(7)
    # Four plates of sensor noise in turn look alive and cost the encoder little.
    noise = [nd.gaussian_filter(random.normal(0, 1, (HEIGHT, WIDTH, 3)), (0.8, 0.8, 0)) * 0.011 for _ in range(4)]

    video = encoder(options.out, "rgb24", H264)
    matte = encoder(options.alpha, "gray", ["-c:v", "ffv1", "-pix_fmt", "gray"]) if options.alpha else None
    for number in range(options.frames):
        colour, alpha = person(layers, pose(number / COUNT))
        frame = light_on_person(colour, alpha) + room * (1 - alpha[..., None])
        frame = nd.gaussian_filter(frame, (0.45, 0.45, 0)) + noise[number % 4]
        video.stdin.write(np.uint8(np.clip(frame * 255 + 0.5, 0, 255)).tobytes())
        if matte:
            matte.stdin.write(np.uint8(np.round(alpha * 255)).tobytes())
    for process in filter(None, (video, matte)):
        process.stdin.close()
        if process.wait() != 0:
            raise SystemExit("ffmpeg failed")


main()
