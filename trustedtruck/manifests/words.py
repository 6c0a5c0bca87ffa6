"""What people read where a manifest's message has a code."""

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

WORDS: dict[str, str | Promise] = {
    # who is aboard
    "driver": _("driver"),
    "crew": _("crew"),
    "passenger": _("passenger"),
    # parties of a shipment
    "shipper": _("shipper"),
    "consignee": _("consignee"),
    "manufacturer": _("manufacturer"),
    "importer": _("importer"),
    "broker": _("customs broker"),
    # equipment
    "trailer": _("trailer"),
    "container": _("container"),
    "chassis": _("chassis"),
    # what a message does
    "complete": _("complete"),
    "preliminary": _("preliminary"),
    "amendment": _("amendment"),
    "delete": _("cancellation"),
    # how it came
    "json": "JSON",
    "x12": "X12",
    "csv": "CSV",
}
