#!/usr/bin/python3
"""Paints backgrounds/dunes.jpg and backgrounds/paper.jpg from sines, blurs and gradients.

Usage: make_backgrounds.py
"""
import pathlib

import numpy as np
import scipy.ndimage as nd
from PIL import Image

WIDTH, HEIGHT = 1920, 1080
X = np.linspace(0, 1, WIDTH)
Y = np.linspace(0, 1, HEIGHT)[:, None]


def curve(random, waves, base, height):
    """A smooth line across the picture, in fractions of its height."""
    line = sum(
        random.uniform(0.4, 1) / k * np.sin(2 * np.pi * (k * X * random.uniform(0.7, 1.2) + random.random()))
        for k in range(1, waves + 1)
    )
    return base + height * line / np.abs(line).max()


def coverage(line):
    """1 below the line, 0 above, with a soft pixel between."""
    return np.clip((Y - line[None, :]) * HEIGHT + 0.5, 0, 1)


def gradient(stops):
    positions = [p for p, _ in stops]
    return np.stack([np.interp(Y[:, 0], positions, [c[i] for _, c in stops]) for i in range(3)], 1)[:, None, :]


def save(picture, path):
    dither = np.random.default_rng(3).normal(0, 0.7 / 255, picture.shape)
    pixels = np.uint8(np.clip((picture + dither) * 255 + 0.5, 0, 255))
    Image.fromarray(pixels).save(path, quality=88, optimize=True, progressive=True)


def dunes():
    random = np.random.default_rng(21)
    sky = gradient(
        [(0, (0.27, 0.39, 0.56)), (0.25, (0.52, 0.60, 0.70)), (0.42, (0.86, 0.77, 0.70)), (0.55, (0.98, 0.83, 0.66))]
    )
    picture = np.broadcast_to(sky, (HEIGHT, WIDTH, 3)).copy()
    sun = np.hypot((X - 0.24) * WIDTH / HEIGHT, Y - 0.40)
    picture += (np.exp(-((sun / 0.055) ** 4)) * 0.30 + np.exp(-((sun / 0.33) ** 2)) * 0.16)[..., None] * np.array(
        [1.0, 0.86, 0.62]
    )
    near, far = np.array([0.24, 0.13, 0.12]), np.array([0.90, 0.72, 0.60])
    count = 7
    for i in range(count):
        depth = i / (count - 1)
        line = curve(random, 3 + i // 3, 0.47 + 0.43 * depth**1.25, 0.028 + 0.055 * depth)
        colour = far * (1 - depth) ** 1.1 + near * (1 - (1 - depth) ** 1.1)
        below = np.clip((Y - line[None, :]) / (0.10 + 0.22 * depth), 0, 1)
        # Slopes that face the sun are lit; the foot of each dune fades into haze.
        slope = nd.gaussian_filter1d(np.gradient(line, X), 60)
        lit = 0.5 + 0.5 * np.tanh(slope[None, :] * 4 + 3 * below * np.sin(X * 9 + i * 2)[None, :] * 0.25)
        ripple = 0.012 * depth * np.sin((Y - line[None, :]) * HEIGHT * 0.22 / (0.3 + below) + X[None, :] * 70)
        shade = 0.90 + 0.20 * lit * (1 - 0.6 * below) + ripple
        haze = (0.34 * (1 - depth) + 0.06) * below
        layer = colour * shade[..., None] * (1 - haze[..., None]) + np.array([0.97, 0.82, 0.68]) * haze[..., None]
        mask = nd.gaussian_filter(coverage(line), 0.6 + 1.4 * abs(depth - 0.45))[..., None]
        picture = picture * (1 - mask) + layer * mask
    return picture


def paper():
    random = np.random.default_rng(4)
    tones = [
        (0.93, 0.91, 0.87),
        (0.86, 0.86, 0.82),
        (0.75, 0.80, 0.78),
        (0.60, 0.70, 0.71),
        (0.44, 0.57, 0.61),
        (0.29, 0.42, 0.48),
    ]
    light = 1.03 - 0.10 * X[None, :] - 0.08 * Y
    fibre = nd.gaussian_filter(random.normal(size=(HEIGHT, WIDTH)), (1.2, 3)) * 0.03
    picture = np.ones((HEIGHT, WIDTH, 3)) * tones[0] * light[..., None]
    for i, tone in enumerate(tones[1:]):
        line = curve(random, 2, 0.20 + 0.165 * i, 0.085) + (X - 0.5) * 0.22 * (-1) ** i
        mask = coverage(line)
        shadow = nd.shift(nd.gaussian_filter(mask, 24), (-10, -8), mode="nearest") * 0.26
        shadow += nd.gaussian_filter(mask, 5) * 0.10
        picture *= 1 - (shadow * (1 - mask))[..., None]
        edge = np.clip(1 - np.abs((Y - line[None, :]) * HEIGHT - 1.5) / 2, 0, 1) * 0.05
        sheet = np.array(tone) * (light + 0.05 * np.exp(-np.clip(Y - line[None, :], 0, 1) / 0.12) + edge)[..., None]
        picture = picture * (1 - mask[..., None]) + sheet * mask[..., None]
    return picture * (1 + fibre[..., None])


def main():
    folder = pathlib.Path(__file__).parent / "backgrounds"
    save(dunes(), folder / "dunes.jpg")
    save(paper(), folder / "paper.jpg")


main()
