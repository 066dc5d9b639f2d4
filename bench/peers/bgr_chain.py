#!/usr/bin/python3
"""The way that most virtual webcams on Linux go, in OpenCV: everything as BGR, and the mask just enlarged and softened.

YUYV → BGR → 256×256 RGB floats → (a network, which is not run here) → mask of 256×256 → softened → full size → blended
with a background → YUYV. Written anew from what such programs describe; it is none of them. ViBa's own figure to compare
with is `rest_ms` of `viba bench`, which has its refinement in it.

Usage: bench/peers/bgr_chain.py CLIP [FRAMES]
Prints JSON: milliseconds of processor time a frame, and of each step.
"""

import json
import subprocess
import sys
import time

import cv2
import numpy as np

WIDTH, HEIGHT, NET = 1280, 720, 256
STEPS = ("YUYV to BGR", "network input", "mask", "blend", "BGR to YUYV")


def frames(clip, count):
    raw = subprocess.run(["ffmpeg", "-v", "error", "-i", clip, "-vf", f"scale={WIDTH}:{HEIGHT}", "-frames:v", str(count),
                          "-pix_fmt", "yuyv422", "-f", "rawvideo", "-"], check=True, capture_output=True).stdout
    return np.frombuffer(raw, np.uint8).reshape(-1, HEIGHT, WIDTH, 2)


def network_mask():
    """What a network might say: somebody in the middle, with a soft edge."""
    y, x = np.mgrid[0:NET, 0:NET] / NET - 0.5
    return np.clip(0.5 + 10 * (0.3 - np.hypot(x, y - 0.2)), 0, 1).astype(np.float32)


def to_yuyv(bgr, out):
    yuv = cv2.cvtColor(bgr, cv2.COLOR_BGR2YUV)
    out[..., 0] = yuv[..., 0]
    out[:, 0::2, 1] = yuv[:, 0::2, 1]
    out[:, 1::2, 1] = yuv[:, 0::2, 2]


def main():
    cv2.setNumThreads(1)
    clip = frames(sys.argv[1], int(sys.argv[2]) if len(sys.argv) > 2 else 90)
    mask, behind = network_mask(), np.full((HEIGHT, WIDTH, 3), (90, 140, 60), np.uint8)
    out = np.empty((HEIGHT, WIDTH, 2), np.uint8)
    times = {step: [] for step in STEPS}
    for yuyv in clip:
        marks = [time.thread_time()]
        bgr = cv2.cvtColor(yuyv, cv2.COLOR_YUV2BGR_YUYV)
        marks.append(time.thread_time())
        small = cv2.cvtColor(cv2.resize(bgr, (NET, NET)), cv2.COLOR_BGR2RGB).astype(np.float32) / 255
        marks.append(time.thread_time())
        alpha = cv2.resize(cv2.blur(mask, (5, 5)), (WIDTH, HEIGHT))
        marks.append(time.thread_time())
        mixed = cv2.blendLinear(bgr, behind, alpha, 1 - alpha)
        marks.append(time.thread_time())
        to_yuyv(mixed, out)
        marks.append(time.thread_time())
        assert small.shape == (NET, NET, 3)
        for step, before, after in zip(STEPS, marks, marks[1:]):
            times[step].append(1e3 * (after - before))
    parts = {step: float(np.median(each)) for step, each in times.items()}
    print(json.dumps({"name": "the usual chain over BGR", "with": f"OpenCV {cv2.__version__}", "frames": len(clip),
                      "cpu_ms_per_frame": sum(parts.values()), "parts": parts}))


if __name__ == "__main__":
    main()
