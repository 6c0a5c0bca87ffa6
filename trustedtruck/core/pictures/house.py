"""The house: every package in its row, as the import contract of `pyproject.toml` has them.

What a package is for is the first line of its docstring.
"""

import ast
import re
import tomllib
from pathlib import Path
from textwrap import wrap

from django.conf import settings

from trustedtruck.core.pictures import svg

WIDE, EDGE, GAP, LETTER = 960, 20, 10, 6.4
FILLS = {"lanes": "#e7f2f5", "trustedtruck": "#faf3d1"}


def rows() -> list[list[str]]:
    """The packages of the contract from top to bottom; those of one row do not know one another."""
    written = (Path(settings.BASE_DIR) / "pyproject.toml").read_text(encoding="utf-8")
    contracts = tomllib.loads(written)["tool"]["importlinter"]["contracts"]
    layers = next(found["layers"] for found in contracts if found["type"] == "layers")
    return [re.findall(r"[\w.]+", layer) for layer in layers]


def purpose(package: str) -> str:
    """The first sentence of a package or module; ValueError where it has none."""
    place = Path(settings.BASE_DIR).joinpath(*package.split("."))
    source = place / "__init__.py" if place.is_dir() else place.with_suffix(".py")
    said = ast.get_docstring(ast.parse(source.read_text(encoding="utf-8"))) or ""
    if not said:
        raise ValueError(f"{package} does not say what it is for: {source} has no docstring")
    return " ".join(said.partition("\n\n")[0].split())


def picture() -> str:
    """The whole file."""
    shapes = [svg.text(EDGE, 24, "Imports run downwards only", 15, more='font-weight="bold"')]
    y = 40.0
    for row in rows():
        each = (WIDE - 2 * EDGE - GAP * (len(row) - 1)) / len(row)
        letters = int((each - 24) / LETTER)
        high = 30 + 15 * max(len(wrap(purpose(name), letters)) for name in row)
        for n, name in enumerate(row):
            x = EDGE + n * (each + GAP)
            shapes.append(svg.box(x, y, each, high, FILLS[name.partition(".")[0]]))
            shapes.append(svg.text(x + 12, y + 19, name, 13, more='font-weight="bold"'))
            shapes += svg.paragraph(x + 12, y + 36, purpose(name), letters)
        y += high + GAP
    shapes.append(
        f'<path d="M{WIDE - 8} 40V{y - GAP:g}" stroke="{svg.LINE}" marker-end="url(#tip)"/>'
    )
    return svg.document(WIDE, y + GAP, "The packages of TrustedTruck, from top to bottom", shapes)
