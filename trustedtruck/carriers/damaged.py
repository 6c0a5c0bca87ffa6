"""Whatever a broken or hostile file makes its readers raise: found by mutating honest ones.

Beside these a reader's own errors, which are named where it is used.
"""

import struct
import zipfile
import zlib

DAMAGED = (
    ArithmeticError,
    AssertionError,
    AttributeError,
    EOFError,
    LookupError,
    OSError,
    RuntimeError,
    SyntaxError,
    TypeError,
    ValueError,
    struct.error,
    zipfile.BadZipFile,
    zlib.error,
)
