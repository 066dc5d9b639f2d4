"""The two rooms that the pictures show: a home office (sample clip) and a light modern room (background)."""
import numpy as np

from pathtrace import Light, Scene, Shape

OAK = (0.36, 0.22, 0.12)
WHITE = (0.78, 0.76, 0.72)


def box(low, size, colour, **more):
    return Shape("box", low, tuple(np.add(low, size)), colour, **more)


def ball(centre, radii, colour, **more):
    return Shape("ball", tuple(np.subtract(centre, radii)), tuple(np.add(centre, radii)), colour, **more)


def tube(foot, radius, height, colour, **more):
    x, y, z = foot
    return Shape("tube", (x - radius, y, z - radius), (x + radius, y + height, z + radius), colour, **more)


def bookshelf(x, z, width, height, shelves, random, wood):
    depth, board = 0.28, 0.025
    frame = [
        box((x, 0, z), (board, height, depth), wood, paint="grain"),
        box((x + width - board, 0, z), (board, height, depth), wood, paint="grain"),
        box((x, 0, z + depth - 0.012), (width, height, 0.012), tuple(0.75 * c for c in wood), paint="grain"),
    ]
    pitch = (height - board) / shelves
    frame += [box((x, i * pitch, z), (width, board, depth), wood, paint="grain") for i in range(shelves + 1)]
    palette = [
        (0.42, 0.10, 0.07),
        (0.10, 0.17, 0.27),
        (0.62, 0.55, 0.42),
        (0.12, 0.22, 0.16),
        (0.70, 0.66, 0.58),
        (0.50, 0.30, 0.10),
        (0.07, 0.08, 0.10),
        (0.30, 0.36, 0.40),
        (0.66, 0.42, 0.18),
        (0.26, 0.12, 0.18),
    ]
    groups = []
    for shelf in range(shelves):
        y, at, end = shelf * pitch + board, x + board + 0.01, x + width - board - 0.01
        books = []
        stop = end - random.uniform(0.0, 0.30)
        while at < stop - 0.05:
            thick = random.uniform(0.018, 0.048)
            tall = min(random.uniform(0.62, 0.92) * pitch, 0.30)
            colour = np.array(palette[random.integers(len(palette))]) * random.uniform(0.7, 1.25)
            deep = random.uniform(0.15, 0.21)
            books.append(box((at, y, z + depth - 0.015 - deep), (thick - 0.002, tall, deep), tuple(colour)))
            at += thick
            if random.random() < 0.06:
                at += random.uniform(0.04, 0.12)
        if end - at > 0.14:
            centre = (at + end) / 2
            if shelf % 2:
                books += [
                    tube((centre, y, z + 0.13), 0.045, 0.12, (0.62, 0.60, 0.55)),
                    *foliage((centre, y + 0.17, z + 0.13), 0.09, 30, random),
                ]
            else:
                books.append(ball((centre, y + 0.06, z + 0.13), (0.055, 0.06, 0.055), (0.16, 0.30, 0.34)))
        groups.append(books)
    return frame, groups


def foliage(centre, spread, count, random):
    leaves = []
    for _ in range(count):
        offset = np.clip(random.normal(size=3), -1.5, 1.5) * spread * np.array([0.6, 0.55, 0.5])
        radii = spread * random.uniform(0.08, 0.22, 3)
        tone = random.uniform(0.6, 1.3)
        leaves.append(ball(tuple(np.add(centre, offset)), tuple(radii), (0.08 * tone, 0.20 * tone, 0.06 * tone)))
    return leaves


def window(x, y, z, width, height, brightness):
    bar, frame = 0.035, (0.74, 0.73, 0.70)
    parts = [
        box(
            (x, y, z + 0.05),
            (width, height, 0.01),
            (0.1, 0.1, 0.1),
            glow=(brightness,) * 3,
            paint="garden",
            shadow=False,
        ),
        box((x - 0.09, y - 0.05, z - 0.10), (width + 0.18, 0.04, 0.16), frame),
    ]
    for bx in (x - bar, x + width / 2 - bar / 2, x + width):
        parts.append(box((bx, y - bar, z - 0.01), (bar, height + 2 * bar, 0.05), frame))
    for by in (y - bar, y + height * 0.62, y + height):
        parts.append(box((x - bar, by, z - 0.01), (width + 2 * bar, bar, 0.05), frame))
    return parts


def shell(left, right, back, height, wall, floor, front=-1.6):
    return [
        box((left - 1, -0.1, front), (right - left + 2, 0.1, back - front + 1), floor, paint="planks"),
        box((left - 1, height, front), (right - left + 2, 0.1, back - front + 1), (0.80, 0.79, 0.77)),
        box((left - 0.1, 0, front), (0.1, height, back - front), wall),
        box((right, 0, front), (0.1, height, back - front), wall),
        box((left, 0, front - 0.1), (right - left, height, 0.1), wall),
        box((left, 0, back - 0.015), (right - left, 0.10, 0.02), (0.72, 0.71, 0.68)),
    ]


def wall_around(x, y, width, height, left, right, back, top, colour):
    """The back wall with a hole for the window."""
    return [
        box((left, 0, back), (x - left, top, 0.1), colour),
        box((x + width, 0, back), (right - x - width, top, 0.1), colour),
        box((x, 0, back), (width, y, 0.1), colour),
        box((x, y + height, back), (width, top - y - height, 0.1), colour),
    ]


def lamp(x, y, z, size, warm):
    shade = tube(
        (x, y + 0.62 * size, z),
        0.34 * size,
        0.46 * size,
        (0.75, 0.66, 0.50),
        glow=tuple(1.15 * c for c in warm),
        paint="shade",
        shadow=False,
    )
    parts = [
        shade,
        tube((x, y, z), 0.035 * size, 0.66 * size, (0.30, 0.24, 0.16)),
        ball((x, y + 0.17 * size, z), (0.15 * size, 0.17 * size, 0.15 * size), (0.20, 0.34, 0.36)),
    ]
    light = Light((x, y + 0.85 * size, z), tuple(0.55 * c for c in warm), radius=0.06, shade=0.38 * size)
    return parts, light


def home_office():
    random = np.random.default_rng(11)
    left, right, back, top = -1.95, 2.15, 3.1, 2.55
    wall = (0.50, 0.53, 0.50)
    wx, wy, ww, wh = -1.72, 1.02, 0.98, 1.15
    shapes = shell(left, right, back, top, wall, (0.40, 0.26, 0.15))
    shapes += wall_around(wx, wy, ww, wh, left, right, back, top, wall) + window(wx, wy, back, ww, wh, 1.7)
    for x in (wx - 0.22, wx + ww - 0.06):
        shapes.append(box((x, 0.25, back - 0.13), (0.28, 2.1, 0.05), (0.66, 0.60, 0.50), paint="folds"))
    frame, groups = bookshelf(0.72, back - 0.30, 1.30, 2.12, 6, random, OAK)
    shapes += frame
    # A sideboard under the window with a lamp, a plant and some folders.
    shapes += [
        box((-1.75, 0.12, 2.62), (1.55, 0.62, 0.42), (0.42, 0.27, 0.16), paint="grain"),
        box((-1.77, 0.74, 2.60), (1.59, 0.03, 0.46), OAK, paint="grain"),
        box((-0.235, 0.12, 2.615), (0.006, 0.6, 0.43), (0.1, 0.07, 0.05)),
    ]
    parts, warm = lamp(-0.52, 0.77, 2.82, 0.62, (1.0, 0.62, 0.30))
    plant = [
        tube((-1.52, 0.77, 2.80), 0.085, 0.15, (0.60, 0.34, 0.22)),
        *foliage((-1.52, 1.09, 2.80), 0.22, 150, random),
    ]
    folders = [
        box((-1.20 + 0.045 * i, 0.77, 2.72), (0.04, 0.23 + 0.02 * (i % 3), 0.22), c)
        for i, c in enumerate(
            [(0.55, 0.52, 0.46), (0.15, 0.22, 0.30), (0.52, 0.16, 0.10), (0.70, 0.67, 0.60), (0.12, 0.12, 0.13)]
        )
    ]
    groups += [plant, folders]
    # Two framed prints between window and shelf.
    for px, py, w, h, tone in (
        (-0.52, 1.62, 0.42, 0.54, (0.22, 0.34, 0.40)),
        (0.06, 1.78, 0.36, 0.36, (0.50, 0.32, 0.20)),
    ):
        shapes += [
            box((px, py, back - 0.025), (w, h, 0.025), (0.09, 0.08, 0.07)),
            box((px + 0.02, py + 0.02, back - 0.028), (w - 0.04, h - 0.04, 0.01), (0.76, 0.74, 0.69)),
            box((px + 0.08, py + 0.08, back - 0.031), (w - 0.16, h - 0.16, 0.01), tone),
        ]
    shapes += parts
    daylight = Light((wx, wy, back - 0.14), (3.0, 3.4, 3.9), ((0, wh, 0), (ww, 0, 0)))
    key = Light((-1.93, 0.9, -0.9), (9.0, 9.3, 9.6), ((0, 1.2, 0), (0, 0, 1.5)))
    fill = Light((1.6, 2.5, 0.2), (2.6, 2.3, 1.9), ((0, 0, 1.2), (-1.2, 0, 0)))
    return Scene([[shape] for shape in shapes] + groups, [daylight, key, fill, warm])


def modern_room():
    random = np.random.default_rng(5)
    left, right, back, top = -2.7, 2.7, 3.8, 2.75
    wall, walnut, black = (0.68, 0.66, 0.62), (0.27, 0.16, 0.09), (0.05, 0.05, 0.05)
    wx, wy, ww, wh = 0.75, 0.45, 1.75, 1.95
    shapes = shell(left, right, back, top, wall, (0.46, 0.32, 0.20))
    shapes += wall_around(wx, wy, ww, wh, left, right, back, top, wall)
    shapes.append(
        box((wx, wy, back + 0.05), (ww, wh, 0.01), (0.1, 0.1, 0.1), glow=(1.5,) * 3, paint="garden", shadow=False)
    )
    for x in (wx - 0.02, wx + ww / 3, wx + 2 * ww / 3, wx + ww - 0.02):
        shapes.append(box((x, wy, back - 0.01), (0.04, wh, 0.05), black))
    for y in (wy - 0.02, wy + wh - 0.02):
        shapes.append(box((wx, y, back - 0.01), (ww, 0.04, 0.05), black))
    for x in (wx - 0.42, wx + ww - 0.02):
        shapes.append(box((x, 0.02, back - 0.16), (0.36, 2.6, 0.05), (0.74, 0.71, 0.66), paint="folds"))
    slats = [box((-2.55 + 0.075 * i, 0.55, back - 0.04), (0.045, 2.05, 0.04), OAK, paint="grain") for i in range(27)]
    slats.append(box((-2.6, 0.5, back - 0.012), (2.1, 2.15, 0.01), (0.06, 0.045, 0.035)))
    # A long console before the slats: lamp, vase, books, a bowl; shelves with things above it.
    console = [
        box((-2.5, 0.22, 3.22), (1.95, 0.46, 0.44), (0.62, 0.60, 0.56)),
        box((-2.52, 0.68, 3.20), (1.99, 0.03, 0.48), walnut, paint="grain"),
    ]
    console += [box((-2.5 + 0.65 * i - 0.004, 0.22, 3.215), (0.008, 0.46, 0.01), black) for i in (1, 2)]
    parts, warm = lamp(-2.05, 0.71, 3.45, 0.66, (1.0, 0.66, 0.36))
    things = [
        tube((-1.00, 0.71, 3.42), 0.07, 0.22, (0.55, 0.53, 0.50)),
        *foliage((-1.00, 1.16, 3.42), 0.22, 150, random),
    ]
    things += [
        box((-1.62, 0.71 + 0.035 * i, 3.34), (0.30 - 0.03 * i, 0.033, 0.2), c)
        for i, c in enumerate([(0.16, 0.22, 0.28), (0.66, 0.62, 0.54), (0.50, 0.22, 0.13)])
    ]
    shelf = [box((-1.75, 1.62, back - 0.27), (1.10, 0.03, 0.23), walnut, paint="grain")]
    at = -1.70
    for _ in range(11):
        thick = random.uniform(0.02, 0.045)
        tone = [(0.64, 0.60, 0.52), (0.20, 0.26, 0.30), (0.48, 0.26, 0.15), (0.70, 0.68, 0.64), (0.12, 0.13, 0.14)][
            random.integers(5)
        ]
        shelf.append(box((at, 1.65, back - 0.24), (thick - 0.003, random.uniform(0.19, 0.27), 0.18), tone))
        at += thick
    shelf += [
        ball((-0.95, 1.72, back - 0.15), (0.075, 0.075, 0.075), (0.60, 0.42, 0.30)),
        tube((-0.78, 1.65, back - 0.15), 0.04, 0.20, (0.70, 0.69, 0.66)),
    ]
    # A grey sofa under the window, a tall plant in the corner.
    grey = (0.30, 0.31, 0.32)
    sofa = [
        box((0.55, 0.12, 2.85), (1.75, 0.30, 0.80), grey),
        box((0.55, 0.42, 3.42), (1.75, 0.42, 0.22), grey),
        box((0.40, 0.12, 2.85), (0.18, 0.48, 0.80), grey),
        box((2.28, 0.12, 2.85), (0.18, 0.48, 0.80), grey),
        ball((0.92, 0.60, 3.32), (0.24, 0.20, 0.10), (0.62, 0.36, 0.20)),
        ball((1.95, 0.60, 3.32), (0.24, 0.20, 0.10), (0.66, 0.63, 0.57)),
    ]
    tall = [
        tube((2.42, 0, 3.1), 0.16, 0.34, (0.60, 0.58, 0.55)),
        tube((2.42, 0.3, 3.1), 0.02, 0.8, (0.2, 0.13, 0.07)),
        *foliage((2.40, 1.32, 3.1), 0.36, 260, random),
    ]
    daylight = Light((wx, wy, back - 0.17), (5.0, 5.4, 5.9), ((0, wh, 0), (ww, 0, 0)))
    side = Light((2.68, 0.7, 0.2), (9.0, 9.2, 9.4), ((0, 0, 1.8), (0, 1.5, 0)))
    ceiling = Light((-1.2, 2.74, 0.6), (2.6, 2.4, 2.1), ((2.4, 0, 0), (0, 0, 1.6)))
    groups = [[s] for s in shapes] + [slats, console, parts, things, shelf, sofa, tall]
    return Scene(groups, [daylight, side, ceiling, warm])
