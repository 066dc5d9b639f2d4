#!/usr/bin/python3
"""Renders the two rooms: sample/room.jpg (behind the sample person) and backgrounds/office.jpg.

Usage: make_rooms.py [sample] [office]     (needs g++; some minutes)
"""
import pathlib
import sys

import numpy as np
import scipy.ndimage as nd
from PIL import Image

import pathtrace
import rooms


def enlarge(picture, size, softness):
    """The lens is out of focus anyway, so a small rendering without its grain carries everything."""
    smooth = nd.gaussian_filter(picture, (softness, softness, 0))
    channels = [np.asarray(Image.fromarray(smooth[..., c]).resize(size, Image.BICUBIC)) for c in range(3)]
    return np.stack(channels, 2)


def vignette(size, strength):
    y, x = np.mgrid[-1 : 1 : size[1] * 1j, -1 : 1 : size[0] * 1j]
    return (1 - strength * (0.6 * x * x + 0.4 * y * y))[..., None]


def save(linear, path, size, softness, exposure, quality):
    picture = enlarge(linear, size, softness) * vignette(size, 0.18)
    shown = pathtrace.develop(picture, exposure) * 255
    # A little dither, or the soft walls show bands.
    shown += np.random.default_rng(3).normal(0, 0.6, shown.shape)
    Image.fromarray(np.uint8(np.clip(shown + 0.5, 0, 255))).save(path, quality=quality, optimize=True, progressive=True)


def main():
    here = pathlib.Path(__file__).parent
    wanted = sys.argv[1:] or ["sample", "office"]
    if "sample" in wanted:
        linear = pathtrace.render(rooms.home_office(), (640, 360), (0, 1.28, 0), (0, 1.22, 3), 66, 56, 0.7, 0.006, 1.6)
        save(linear, here / "sample/room.jpg", (1280, 720), 0.8, 0.80, 90)
    if "office" in wanted:
        linear = pathtrace.render(
            rooms.modern_room(), (768, 432), (0, 1.3, -0.4), (0, 1.22, 3), 62, 56, 1.0, 0.008, 2.0
        )
        save(linear, here / "backgrounds/office.jpg", (1920, 1080), 0.8, 0.66, 90)


main()
