"""A port with officers and a worker, for planners; the browser's fixtures."""

from tests.browser import (  # noqa: F401
    accessibility_faults,
    allow_async,
    base_url,
    browser_type_launch_args,
    complaints,
)
from tests.console.conftest import Staff, staff
from tests.lanes.conftest import worker

__all__ = ["Staff", "staff", "worker"]
