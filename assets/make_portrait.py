#!/usr/bin/python3
"""Cuts the sample person out of NASA's portrait of Eileen Collins (public domain).

Usage: make_portrait.py ASTRONAUT.PNG     (512x512, as python3-skimage ships it)
Writes sample/portrait_rgba.png: head and shoulders, straight alpha, colours freed of the backdrop.
"""
import pathlib
import sys

import numpy as np
import scipy.ndimage as nd
import scipy.sparse as sp
import scipy.sparse.linalg as spl
from PIL import Image, ImageDraw

# Below this row a helmet covers the suit; the sample clip never shows it.
ROWS = 352

# The outline, drawn by hand to about a pixel, counter-clockwise from the neck's right side. Only the
# part that belongs to hair leaves a wide margin to the matting.
HAIR = [
    (275, 136),
    (280, 130),
    (280, 127),
    (284, 122),
    (290, 116),
    (296, 108),
    (299, 100),
    (301.5, 90),
    (301, 77),
    (299, 65),
    (296, 55),
    (292, 47),
    (287, 40),
    (280, 33),
    (272, 28),
    (262, 23),
    (252, 19),
    (245, 17),
    (235, 15.5),
    (226, 16),
    (217, 18),
    (208, 21),
    (200, 24),
    (194, 28),
    (190, 32),
    (187, 36),
    (178, 40),
    (170, 46),
    (163, 51),
    (157, 58),
    (153.5, 68),
    (153.5, 78),
    (154, 90),
    (156, 100),
    (160, 108),
    (166, 114),
    (170, 118),
    (174, 121),
    (178, 127),
    (182, 131),
]
BODY = [
    (182.5, 133),
    (184, 149),
    (175, 148),
    (165, 148),
    (155, 149.5),
    (145, 152.5),
    (136, 158),
    (129, 166),
    (125, 173),
    (124, 178),
    (122, 183),
    (120, 186.5),
    (116, 185.5),
    (112.5, 187.5),
    (114, 191),
    (115, 195),
    (113.5, 198),
    (113.5, 203),
    (111, 206),
    (108, 209),
    (105, 213),
    (100, 217),
    (96, 221),
    (90, 227),
    (85, 230),
    (79, 234),
    (74, 238),
    (69, 243),
    (65, 247),
    (60.5, 254),
    (56.5, 261),
    (52.5, 268),
    (49.5, 274),
    (44, 284),
    (41, 292),
    (40, 300),
    (38, 306),
    (34, 318),
    (31, 326),
    (29.5, 331),
    (28, 338),
    (25.5, 345),
    (25, 352),
    (25, 380),
    (365, 380),
    (365, 348),
    (362, 345),
    (360, 338),
    (360, 333),
    (363, 332),
    (359.5, 324),
    (358, 315),
    (357, 305),
    (355, 295),
    (353, 288),
    (350, 283),
    (348, 280),
    (345, 270),
    (341, 263),
    (336, 257),
    (329, 251),
    (322, 247),
    (317, 242),
    (310, 237.5),
    (304, 234),
    (302, 228),
    (297, 217),
    (290, 206),
    (280, 194),
    (270, 184),
    (262, 177.5),
    (255.5, 173),
    (257, 166),
    (260, 157),
    (266, 143),
    (270, 137.5),
]


def filled(points, size, scale=8):
    picture = Image.new("L", (size[0] * scale, size[1] * scale))
    ImageDraw.Draw(picture).polygon([(x * scale, y * scale) for x, y in points], fill=255)
    return np.asarray(picture.resize(size, Image.BOX), np.float32) / 255


def trimap(size):
    """1 person, 0 backdrop, NaN where the matting decides."""
    inside = filled(HAIR + BODY, size)
    distance = nd.distance_transform_edt(inside > 0.5) - nd.distance_transform_edt(inside <= 0.5)
    hair = Image.new("L", size)
    ImageDraw.Draw(hair).line(HAIR, fill=255, width=3)
    near_hair = np.clip(1 - nd.distance_transform_edt(np.asarray(hair) == 0) / 8, 0, 1)
    known = np.full(inside.shape, np.nan)
    known[distance > 1.6 + 6 * near_hair] = 1
    known[distance < -1.6 - 4.5 * near_hair] = 0
    return known, inside


def matting_laplacian(image, wanted, epsilon=1e-6):
    """Closed-form matting (Levin et al.): alpha is a linear function of colour in every 3x3 window."""
    height, width, _ = image.shape
    index = np.arange(height * width).reshape(height, width)
    windows = np.lib.stride_tricks.sliding_window_view(index, (3, 3)).reshape(-1, 9)
    windows = windows[nd.binary_dilation(wanted, np.ones((3, 3)))[1:-1, 1:-1].ravel()]
    colours = image.reshape(-1, 3)[windows]
    centred = colours - colours.mean(1, keepdims=True)
    covariance = np.einsum("nij,nik->njk", centred, centred) / 9 + epsilon / 9 * np.eye(3)
    affinity = (1 + np.einsum("nij,njk,nlk->nil", centred, np.linalg.inv(covariance), centred)) / 9
    values = np.eye(9) - affinity
    rows = np.repeat(windows, 9, 1).ravel()
    columns = np.tile(windows, 9).ravel()
    return sp.csr_matrix((values.ravel(), (rows, columns)), (index.size, index.size))


def solve_alpha(image, known):
    unknown = np.isnan(known)
    laplacian = matting_laplacian(image, unknown)
    held = sp.diags(100.0 * ~unknown.ravel())
    right = 100.0 * np.where(unknown, 0, known).ravel()
    # Pixels that no window touches only have their own constraint, so the system stays regular.
    alpha = spl.spsolve((laplacian + held + 1e-9 * sp.eye(known.size)).tocsc(), right)
    return np.clip(alpha.reshape(known.shape), 0, 1)


def solve_foreground(image, alpha):
    """The person's own colour under a mixed pixel: I = aF + (1-a)B with F and B smooth where a changes."""
    height, width = alpha.shape
    count = height * width
    index = np.arange(count).reshape(height, width)
    edges = np.concatenate(
        [
            np.stack([index[:, :-1].ravel(), index[:, 1:].ravel()], 1),
            np.stack([index[:-1].ravel(), index[1:].ravel()], 1),
        ]
    )
    a = alpha.ravel()
    weight = np.sqrt(np.abs(a[edges[:, 0]] - a[edges[:, 1]]) + 0.003) * 0.1
    row = np.repeat(np.arange(len(edges)), 2)
    gradient = sp.csr_matrix((np.stack([weight, -weight], 1).ravel(), (row, edges.ravel())), (len(edges), count))
    smooth = (gradient.T @ gradient).tocsr()
    mix = sp.hstack([sp.diags(a), sp.diags(1 - a)]).tocsr()
    system = (mix.T @ mix + sp.block_diag([smooth, smooth]) + 1e-8 * sp.eye(2 * count)).tocsr()
    start = np.repeat(image.reshape(-1, 3), 2, 0).reshape(count, 2, 3).transpose(1, 0, 2).reshape(2 * count, 3)
    found = [
        spl.cg(system, mix.T @ image[..., c].ravel(), start[:, c], maxiter=600, tol=1e-6)[0][:count] for c in range(3)
    ]
    return np.clip(np.stack(found, 1).reshape(height, width, 3), 0, 1)


def main():
    here = pathlib.Path(__file__).parent
    image = np.asarray(Image.open(sys.argv[1]).convert("RGB"), np.float64)[: ROWS + 16] / 255
    known, inside = trimap((image.shape[1], image.shape[0]))
    alpha = solve_alpha(image, known)
    # Suit and flag share their reds, so along the body the drawn outline has a say.
    hair_rows = np.arange(alpha.shape[0])[:, None] < 140
    alpha = np.where(hair_rows, alpha, 0.5 * alpha + 0.5 * inside)
    alpha = np.clip((alpha - 0.04) / 0.92, 0, 1)
    colour = solve_foreground(image, alpha)
    colour[alpha == 0] = 0
    rgba = np.dstack([colour, alpha])[:ROWS, :384]
    Image.fromarray(np.uint8(np.round(rgba * 255)), "RGBA").save(here / "sample/portrait_rgba.png", optimize=True)


main()
