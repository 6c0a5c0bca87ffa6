"""Whatever a broken or hostile file makes its readers raise: found by mutating honest ones."""

import struct
import zipfile
import zlib

from openpyxl.utils.exceptions import InvalidFileException
from pypdf.errors import PyPdfError

DAMAGED = (
    ArithmeticError,
    AssertionError,
    AttributeError,
    EOFError,
    InvalidFileException,
    LookupError,
    OSError,
    PyPdfError,
    RuntimeError,
    SyntaxError,
    TypeError,
    ValueError,
    struct.error,
    zipfile.BadZipFile,
    zlib.error,
)
