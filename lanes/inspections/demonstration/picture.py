"""A drawn picture of a truck as a portal shows one: no real scan, and no real cargo."""

import io

import numpy
from PIL import Image, ImageDraw, ImageFilter

WIDTH, HEIGHT = 1600, 520


def scan_picture(seed: int, *, hidden: tuple[int, int, int, int]) -> bytes:
    """PNG, grey: the brighter, the less stands between. `hidden` is where something dense is."""
    chance = numpy.random.default_rng(seed)
    image = Image.new("L", (WIDTH, HEIGHT), 238)
    draw = ImageDraw.Draw(image)
    draw.rectangle((0, 470, WIDTH, 476), fill=120)
    _tractor(draw)
    draw.rectangle((540, 110, 1540, 380), outline=150, width=5, fill=222)
    for place in range(12):
        left = 622 + place * 75
        height = int(chance.integers(120, 220))
        _pallet(draw, left, 372 - height, height, shade=int(chance.integers(120, 185)))
    draw.rectangle((540, 380, 1540, 396), fill=90)
    for wheel in (1290, 1370, 1450):
        _wheel(draw, wheel)
    x, y, width, height = hidden
    draw.rectangle((x, y, x + width, y + height), fill=46)
    soft = numpy.asarray(image.filter(ImageFilter.GaussianBlur(1.4)), dtype=numpy.float32)
    noisy = soft + chance.normal(0.0, 5.0, soft.shape)
    out = io.BytesIO()
    Image.fromarray(numpy.clip(noisy, 0, 255).astype(numpy.uint8)).save(out, "PNG")
    return out.getvalue()


def _tractor(draw: ImageDraw.ImageDraw) -> None:
    draw.polygon([(90, 380), (90, 250), (150, 235), (190, 130), (400, 110), (400, 380)], fill=190)
    draw.rectangle((110, 270, 220, 370), fill=70)
    draw.rectangle((260, 330, 380, 400), fill=105)
    draw.rectangle((90, 380, 620, 396), fill=80)
    for wheel in (190, 400, 490):
        _wheel(draw, wheel)


def _wheel(draw: ImageDraw.ImageDraw, x: int) -> None:
    draw.ellipse((x - 38, 396, x + 38, 472), fill=110)
    draw.ellipse((x - 16, 418, x + 16, 450), fill=60)


def _pallet(draw: ImageDraw.ImageDraw, left: int, top: int, height: int, *, shade: int) -> None:
    draw.rectangle((left, top, left + 66, top + height), fill=shade)
    for row in range(top, top + height, 24):
        draw.line((left, row, left + 66, row), fill=shade - 26, width=2)
    draw.rectangle((left, 372, left + 66, 380), fill=130)
