"""How rows are written between headquarters and an edge."""

import base64
from datetime import datetime
from typing import Any

from django.core.serializers.json import DjangoJSONEncoder


class Encoder(DjangoJSONEncoder):
    """JSON with bytes as `{"b64": …}` and instants to the microsecond, where Django's cuts them."""

    def default(self, o: Any) -> Any:
        if isinstance(o, (bytes, memoryview)):
            return {"b64": base64.b64encode(bytes(o)).decode()}
        if isinstance(o, datetime):
            return o.isoformat()
        return super().default(o)
