"""Scenes for pathtrace.cpp: metres, y up, z away from the camera, linear light."""
import dataclasses
import pathlib
import subprocess
import tempfile

import numpy as np
import scipy.ndimage as nd


@dataclasses.dataclass
class Shape:
    kind: str  # box, ball, tube
    low: tuple
    high: tuple
    colour: tuple
    glow: tuple = (0, 0, 0)
    paint: str = "plain"
    shadow: bool = True


@dataclasses.dataclass
class Light:
    """A rectangle (two edges; it shines along their cross product), or a lamp when it has a radius."""

    corner: tuple
    power: tuple
    edges: tuple = ((0, 0, 0), (0, 0, 0))
    radius: float = 0.0
    shade: float = 0.0


@dataclasses.dataclass
class Scene:
    groups: list  # lists of shapes, each tested behind one bounding box
    lights: list


def _words(*values):
    return " ".join(_words(*v) if isinstance(v, (tuple, list, np.ndarray)) else f"{v:.6g}" for v in values)


def render(scene, size, eye, look, field, samples, focus, aperture, grain):
    """Linear light, height x width x 3. `field`: degrees across; `aperture`: lens radius, metres; `grain`: pixels."""
    lines = ["camera " + _words(*size, samples, eye, look, field, focus, aperture)]
    for group in scene.groups:
        lines.append("group")
        lines += [f"{s.kind} {_words(s.low, s.high, s.colour, s.glow)} {s.paint} {int(s.shadow)}" for s in group]
    lines += [
        "light " + _words(light.corner, light.power, *light.edges, light.radius, light.shade) for light in scene.lights
    ]
    with tempfile.TemporaryDirectory() as folder:
        program = folder + "/pathtrace"
        source = pathlib.Path(__file__).with_name("pathtrace.cpp")
        subprocess.run(
            ["g++", "-std=c++20", "-O3", "-march=native", "-ffast-math", "-pthread", source, "-o", program], check=True
        )
        raw = subprocess.run([program], input="\n".join(lines).encode(), stdout=subprocess.PIPE, check=True).stdout
    light, surface = np.split(np.frombuffer(raw, np.float32).reshape(size[1], size[0], 6), 2, axis=2)
    # The grain of the rendering is in the light alone, which changes slowly over a surface: blurring the
    # light without the surface's colour removes the grain and keeps the picture.
    surface = surface + 0.02
    return nd.gaussian_filter(light / surface, (grain, grain, 0)) * surface


def develop(linear, exposure=1.0):
    """Linear light to sRGB in 0..1, highlights rolled off as a camera does."""
    x = np.maximum(linear * exposure, 0)
    x = np.clip(x * (2.51 * x + 0.03) / (x * (2.43 * x + 0.59) + 0.14), 0, 1)
    return np.where(x <= 0.0031308, 12.92 * x, 1.055 * np.maximum(x, 1e-6) ** (1 / 2.4) - 0.055)
