"""Entering a manifest by hand: one truck of the fleet, one trailer, one shipment; more by file."""

import datetime as dt
from collections.abc import Mapping
from typing import Any, cast

from django import forms
from django.utils.translation import gettext_lazy as _

from trustedtruck.carriers.models import Carrier, Driver, Trailer, Truck
from trustedtruck.core.errors import FieldError

# Where the services name a field, and which field of this form that is.
_FIELDS = {
    "trip_number": "trip_number",
    "port": "port",
    "estimated_arrival_at": "estimated_arrival_at",
    "gross_weight_kg": "gross_weight_kg",
    "crew": "driver",
    "conveyance": "truck",
    "equipment.0.seals": "seals",
    "equipment": "trailer",
    "shipments.0.control_number": "control_number",
    "shipments.0.parties.0": "shipper",
    "shipments.0.parties.1": "consignee",
    "shipments.0.parties.2": "manufacturer_number",
    "shipments.0.parties.3": "importer_number",
    "shipments.0.commodities.0.description": "description",
    "shipments.0.commodities.0.quantity": "quantity",
    "shipments.0.commodities.0.weight_kg": "weight_kg",
    "shipments.0.commodities.0.hs_code": "hs_code",
    "shipments.0.commodities.0.origin_country": "origin_country",
    "shipments.0.commodities.0.value_usd": "value_usd",
    "shipments": "control_number",
}


class ManifestForm(forms.Form):
    """What a dispatcher fills in. `body()` is the JSON of the same manifest."""

    trip_number = forms.CharField(
        label=_("Trip number"),
        max_length=40,
        help_text=_("Your SCAC and 4 to 21 letters and digits, never used before."),
    )
    # The service judges it beside all the rest; here it is only chosen.
    port = forms.CharField(label=_("Port"), widget=forms.Select)
    estimated_arrival_at = forms.DateTimeField(
        label=_("Expected arrival (UTC)"),
        widget=forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M"),
        help_text=_("File at least 60 minutes before it, 30 for the FAST lane."),
    )
    truck = forms.ModelChoiceField(label=_("Truck"), queryset=Truck.objects.none(), empty_label="—")
    trailer = forms.ModelChoiceField(
        label=_("Trailer"), queryset=Trailer.objects.none(), required=False, empty_label="—"
    )
    driver = forms.ModelChoiceField(
        label=_("Driver"), queryset=Driver.objects.none(), empty_label="—"
    )
    seals = forms.CharField(
        label=_("Seal numbers"),
        required=False,
        max_length=200,
        help_text=_("High-security seals (ISO 17712 “H”), with commas between them."),
    )
    gross_weight_kg = forms.IntegerField(
        label=_("Weight of the whole truck (kg)"), required=False, min_value=1
    )
    loaded = forms.BooleanField(label=_("The trailer is loaded"), required=False, initial=True)
    control_number = forms.CharField(
        label=_("Shipment control number"),
        required=False,
        max_length=40,
        help_text=_("Your SCAC and 4 to 12 letters and digits, not used in three years."),
    )
    shipper = forms.CharField(label=_("Shipper"), required=False, max_length=200)
    consignee = forms.CharField(label=_("Consignee"), required=False, max_length=200)
    manufacturer_number = forms.CharField(
        label=_("Manufacturer's programme number"), required=False, max_length=40
    )
    importer_number = forms.CharField(
        label=_("Importer's programme number"), required=False, max_length=40
    )
    description = forms.CharField(label=_("Description of goods"), required=False, max_length=600)
    quantity = forms.IntegerField(
        label=_("Quantity"),
        required=False,
        help_text=_("In the lowest packaging unit: 200 cartons, not 10 pallets."),
    )
    weight_kg = forms.DecimalField(label=_("Weight of the goods (kg)"), required=False)
    hs_code = forms.CharField(label=_("Commodity code (HS)"), required=False, max_length=20)
    origin_country = forms.CharField(
        label=_("Country of origin"),
        required=False,
        max_length=8,
        help_text=_("Two letters, like MX or US."),
    )
    value_usd = forms.IntegerField(label=_("Value (US dollars)"), required=False)

    def __init__(
        self, *args: Any, carrier: Carrier, ports: Mapping[str, str], **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        choices = [("", "—"), *((code, f"{name} ({code})") for code, name in ports.items())]
        cast("forms.Select", self.fields["port"].widget).choices = choices
        for name, model in (("truck", Truck), ("trailer", Trailer), ("driver", Driver)):
            field = cast("forms.ModelChoiceField[Any]", self.fields[name])
            field.queryset = model._default_manager.filter(carrier=carrier, retired_at__isnull=True)

    def body(self) -> dict[str, Any]:
        """The manifest as `POST /api/v1/manifests/` takes it."""
        given = self.cleaned_data
        arrival: dt.datetime = given["estimated_arrival_at"]
        truck, driver = given["truck"], given["driver"]
        body: dict[str, Any] = {
            "purpose": "complete",
            "trip_number": given["trip_number"],
            "port": given["port"],
            "estimated_arrival_at": arrival.isoformat(),
            "conveyance": {
                "number": truck.number,
                "vin": truck.vin,
                "plate": _plate(truck),
                "tag_epc": truck.tag_epc or "",
            },
            "equipment": [],
            "crew": [
                {
                    "role": "driver",
                    "given_names": driver.given_names,
                    "family_names": driver.family_names,
                    "birth_date": driver.birth_date.isoformat(),
                    "citizenship": driver.citizenship,
                    "fast_card": driver.fast_card or "",
                }
            ],
            "shipments": self._shipments(),
        }
        if given["gross_weight_kg"]:
            body["gross_weight_kg"] = given["gross_weight_kg"]
        if given["trailer"] is not None:
            body["equipment"].append(
                {
                    "kind": "trailer",
                    "number": given["trailer"].number,
                    "plate": _plate(given["trailer"]),
                    "loaded": given["loaded"],
                    "seals": [
                        {"number": number.strip(), "grade": "H"}
                        for number in given["seals"].split(",")
                        if number.strip()
                    ],
                }
            )
        return body

    def _shipments(self) -> list[dict[str, Any]]:
        given = self.cleaned_data
        if not any(given[name] for name in ("control_number", "shipper", "description")):
            return []
        weight = given["weight_kg"]
        commodity: dict[str, Any] = {
            "description": given["description"],
            "quantity": given["quantity"] or 0,
            "weight_kg": float(weight) if weight is not None else 0,
            "hs_code": given["hs_code"],
            "origin_country": given["origin_country"],
        }
        if given["value_usd"] is not None:
            commodity["value_usd"] = given["value_usd"]
        parties = [
            {"role": "shipper", "name": given["shipper"]},
            {"role": "consignee", "name": given["consignee"]},
        ]
        for role, name in (("manufacturer", "shipper"), ("importer", "consignee")):
            if number := given[f"{role}_number"]:
                parties.append({"role": role, "name": given[name], "programme_number": number})
        return [
            {
                "control_number": given["control_number"],
                "equipment": given["trailer"].number if given["trailer"] else "",
                "parties": parties,
                "commodities": [commodity],
            }
        ]

    def add_refusals(self, errors: tuple[FieldError, ...]) -> None:
        """Show each refusal of the services beside the field that it speaks of."""
        for error in errors:
            parts = error.field.split(".")
            paths = [".".join(parts[:n]) for n in range(len(parts), 0, -1)]
            name = next((_FIELDS[path] for path in paths if path in _FIELDS), None)
            self.add_error(name, str(error.text))


def _plate(vehicle: Truck | Trailer) -> dict[str, str]:
    return {"number": vehicle.plate_number, "jurisdiction": vehicle.plate_jurisdiction}


class UploadForm(forms.Form):
    """A manifest from a file: JSON, X12 309 or 358, or a CSV table of shipments."""

    file = forms.FileField(
        label=_("File"), help_text=_("JSON, X12 (309, 358) or CSV, up to 16 MB.")
    )
    trip_number = forms.CharField(
        label=_("Trip number"),
        required=False,
        max_length=40,
        help_text=_("For a CSV table: the trip that its shipments are for."),
    )
