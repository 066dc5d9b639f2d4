#!/usr/bin/env python3
"""Makes the notices that placeholders carry: binary PGM, the upper half luma, the lower half alpha.

Needs python3-pil and fonts-dejavu-core (the DejaVu licence allows rendered text to be used freely).
Luma is in BT.601 limited range, ready to be laid onto a frame.
"""
import pathlib

from PIL import Image, ImageDraw, ImageFont

HERE = pathlib.Path(__file__).parent / "notices"
FONT = "/usr/share/fonts/truetype/dejavu/DejaVuSans.ttf"
NOTICES = {
    "starting": "Starting…",
    "hidden": "Picture hidden until you are found",
    "no-camera": "No picture from the camera",
    "step-out": "Step out of the picture: the room is being learnt",
}
OVERSAMPLE = 4
HEIGHT, PADDING, TEXT = 56, 30, 25
PILL_LUMA, TEXT_LUMA, PILL_ALPHA = 30, 230, 175


def draw(text):
    font = ImageFont.truetype(FONT, TEXT * OVERSAMPLE)
    width = int(font.getlength(text)) // OVERSAMPLE + 2 * PADDING
    width += width % 2
    big = (width * OVERSAMPLE, HEIGHT * OVERSAMPLE)
    pill = Image.new("L", big, 0)
    ImageDraw.Draw(pill).rounded_rectangle((0, 0, big[0] - 1, big[1] - 1), big[1] // 2, fill=PILL_ALPHA)
    words = Image.new("L", big, 0)
    ImageDraw.Draw(words).text((big[0] // 2, big[1] // 2), text, font=font, fill=255, anchor="mm")
    small = lambda image: image.resize((width, HEIGHT), Image.LANCZOS)
    words = small(words)
    luma = words.point(lambda w: PILL_LUMA + (TEXT_LUMA - PILL_LUMA) * w // 255)
    alpha = Image.composite(Image.new("L", words.size, 255), small(pill), words)
    return luma, alpha


def main():
    HERE.mkdir(exist_ok=True)
    for name, text in NOTICES.items():
        luma, alpha = draw(text)
        both = Image.new("L", (luma.width, 2 * luma.height))
        both.paste(luma, (0, 0))
        both.paste(alpha, (0, luma.height))
        both.save(HERE / f"{name}.pgm")


main()
