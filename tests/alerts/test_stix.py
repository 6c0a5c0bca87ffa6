"""STIX 2.1 out and in, held against the schemas of OASIS; TAXII 2.1 with a stock client."""

import json
from copy import deepcopy
from typing import Any

import pytest
import requests
import stix2validator
from pytest_django.live_server_helper import LiveServer
from taxii2client.v21 import Server

from tests.alerts.sharing import MEXICO, Mexico, feedback, make_partner, seizure, warning
from tests.alerts.writing import issue
from trustedtruck.alerts.models import Alert, Inbound, Release
from trustedtruck.alerts.stix import writer
from trustedtruck.alerts.stix.vocabulary import EXTENSION, TLP_IDS, stix_id
from trustedtruck.audit.models import Event
from trustedtruck.core.ids import uuid7

STIX = "application/stix+json;version=2.1"


def released(copy: dict[str, Any], seq: int = 1) -> Release:
    """A partner's own release of one of its messages, as its system would make it."""
    from django.utils import timezone

    return Release(
        seq=seq,
        kind=copy["kind"],
        subject_id=uuid7(),
        version=copy["version"],
        payload={"valid_until": None} | copy if copy["kind"] == "warning" else copy,
        released_at=timezone.now(),
    )


def their_bundle(*copies: dict[str, Any]) -> dict[str, Any]:
    made = writer.bundle([released(copy, n) for n, copy in enumerate(copies, 1)])
    plain: dict[str, Any] = json.loads(json.dumps(made))
    return plain


def send(mexico: Mexico, bundle: Any) -> Any:
    return mexico.send(bundle, "stix/", STIX)


def faults(bundle: dict[str, Any]) -> list[str]:
    """What OASIS's schemas say against it."""
    options = stix2validator.ValidationOptions(version="2.1", strict=False)
    results = stix2validator.validate_instance(bundle, options)
    return [str(error) for error in results.errors]


def test_our_bundles_are_valid_by_the_schemas_of_oasis(mexico: Mexico) -> None:
    mexico.agree(fields=["vehicle", "cargo", "person", "parties", "reason", "instruction"])
    issue(
        [("plate", "TX NPL81"), ("driver_name", "O'Neill \\ Rosa")],
        ("shipper", "Frutas del Río"),
    )
    answer = mexico.get("/api/v1/alerts/stix/")
    assert answer["Content-Type"] == STIX
    bundle = answer.json()
    assert faults(bundle) == []
    kinds = {found["type"] for found in bundle["objects"]}
    assert kinds == {"identity", "extension-definition", "marking-definition", "indicator"}
    indicator = next(o for o in bundle["objects"] if o["type"] == "indicator")
    assert indicator["object_marking_refs"] == [TLP_IDS["amber"]]
    assert indicator["extensions"][EXTENSION]["crossings"][0]["vehicle"] == {"plate": ["TX NPL81"]}


@pytest.mark.parametrize(
    "pattern",
    [
        "[" + "(" * 3000 + "a:b = '1'" + ")" * 3000 + "]",
        "[" + " OR ".join(f"a:b = '{n}'" for n in range(3000)) + "]",
    ],
)
def test_a_pattern_too_deep_to_read_is_refused(mexico: Mexico, pattern: str) -> None:
    bundle = their_bundle(warning())
    place = next(n for n, o in enumerate(bundle["objects"]) if o["type"] == "indicator")
    bundle["objects"][place]["pattern"] = pattern
    answer = send(mexico, bundle)
    assert answer.status_code == 400
    assert [e["field"] for e in answer.json()["errors"]] == [f"objects.{place}.pattern"]


def test_one_object_is_read_and_only_that_is_on_record(mexico: Mexico) -> None:
    mexico.agree()
    for n in range(3):
        issue(("plate", f"TX F{n}"))
    meant = Release.objects.order_by("seq")[1]
    (own,) = mexico.get("/taxii2/alerts/collections/").json()["collections"]
    place = f"/taxii2/alerts/collections/{own['id']}/objects/"
    name = stix_id("indicator", str(meant.subject_id))
    (found,) = mexico.get(f"{place}{name}/").json()["objects"]
    assert found["id"] == name
    event = Event.objects.get(action="release.read")
    assert [event.data[part] for part in ("first", "last", "count")] == [meant.seq, meant.seq, 1]
    mark = mexico.get(f"{place}{TLP_IDS['amber']}/").json()["objects"]
    assert [o["type"] for o in mark] == ["marking-definition"]
    assert mexico.get(f"{place}indicator--0/").status_code == 404
    assert Event.objects.filter(action="release.read").count() == 1


def test_the_schemas_do_find_faults() -> None:
    broken = their_bundle(warning())
    del next(o for o in broken["objects"] if o["type"] == "indicator")["pattern"]
    assert faults(broken)


def test_every_kind_of_message_is_valid_and_comes_back(mexico: Mexico) -> None:
    mexico.agree(accepts=["narcotics"])
    recall = {"kind": "recall", "id": "anam-0", "version": 1, "owner": MEXICO, "mark": "clear"}
    bundle = their_bundle(warning(), feedback(), seizure())
    assert faults(bundle) == []
    assert faults(their_bundle(recall)) == []
    received = send(mexico, bundle).json()["received"]
    assert [(one["kind"], one["state"]) for one in received] == [
        ("warning", "accepted"),
        ("feedback", "accepted"),
        ("seizure", "accepted"),
    ]
    alert = Alert.objects.get()
    assert alert.criteria.get().value == "TX NPL81"
    assert alert.feedback.get().seizures.get().unit == "kg"


def test_the_same_bundle_again_changes_nothing(mexico: Mexico) -> None:
    mexico.agree(accepts=["narcotics"])
    bundle = their_bundle(warning())
    send(mexico, bundle)
    again = send(mexico, bundle).json()["received"]
    assert again[0]["repeated"]
    assert Alert.objects.count() == 1


def _without_mark(bundle: dict[str, Any]) -> None:
    del _indicator(bundle)["object_marking_refs"]


def _two_marks(bundle: dict[str, Any]) -> None:
    _indicator(bundle)["object_marking_refs"] = [TLP_IDS["green"], TLP_IDS["amber"]]


def _strange_mark(bundle: dict[str, Any]) -> None:
    tlp_1 = "marking-definition--34098fce-860f-48ae-8e50-ebd3cc5e41da"
    _indicator(bundle)["object_marking_refs"] = [tlp_1]


def _other_mark(bundle: dict[str, Any]) -> None:
    _indicator(bundle)["object_marking_refs"] = [TLP_IDS["clear"]]


def _no_extension(bundle: dict[str, Any]) -> None:
    del _indicator(bundle)["extensions"]


def _no_crossings(bundle: dict[str, Any]) -> None:
    del _indicator(bundle)["extensions"][EXTENSION]["crossings"]


def _strange_crossing(bundle: dict[str, Any]) -> None:
    _indicator(bundle)["extensions"][EXTENSION]["crossings"] = [{"vehicle": {"hs": ["0805"]}}]


def _other_kind(bundle: dict[str, Any]) -> None:
    _indicator(bundle)["extensions"][EXTENSION]["message"]["kind"] = "feedback"


def _no_pattern(bundle: dict[str, Any]) -> None:
    del _indicator(bundle)["pattern"]


def _bad_pattern(bundle: dict[str, Any]) -> None:
    _indicator(bundle)["pattern"] = "[oops"


def _bad_id(bundle: dict[str, Any]) -> None:
    _indicator(bundle)["id"] = "indicator--1"


def _malware(bundle: dict[str, Any]) -> None:
    bundle["objects"].append({"type": "malware", "id": "malware--x", "is_family": False})


def _twice(bundle: dict[str, Any]) -> None:
    bundle["objects"].append(deepcopy(_indicator(bundle)))


def _cycle(bundle: dict[str, Any]) -> None:
    report = next(o for o in bundle["objects"] if o["type"] == "report")
    sighting = next(o for o in bundle["objects"] if o["type"] == "sighting")
    report["object_refs"] = [sighting["id"]]
    sighting["observed_data_refs"] = ["observed-data--" + report["id"].partition("--")[2]]
    report["object_refs"].append(report["id"])


def _not_objects(bundle: dict[str, Any]) -> None:
    bundle["objects"] = [7, "x", None]


def _no_objects(bundle: dict[str, Any]) -> None:
    bundle["objects"] = []


def _no_bundle(bundle: dict[str, Any]) -> None:
    bundle["type"] = "parcel"


def _indicator(bundle: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = next(o for o in bundle["objects"] if o["type"] == "indicator")
    return found


BROKEN = {
    _without_mark: "mark_missing",
    _two_marks: "mark_missing",
    _strange_mark: "mark_unknown",
    _other_mark: "mark_contradicts",
    _no_extension: "extension_missing",
    _no_crossings: "extension_missing",
    _strange_crossing: "extension_missing",
    _other_kind: "message_mismatch",
    _no_pattern: "stix_invalid",
    _bad_pattern: "stix_invalid",
    _bad_id: "stix_invalid",
    _malware: "unsupported_type",
    _twice: "twice",
    _cycle: "reference_cycle",
    _not_objects: "stix_invalid",
    _no_objects: "stix_invalid",
    _no_bundle: "stix_invalid",
}


@pytest.mark.parametrize("spoil", BROKEN, ids=lambda spoil: spoil.__name__)
def test_a_bundle_with_one_fault_is_refused_whole(mexico: Mexico, spoil: Any) -> None:
    mexico.agree(accepts=["narcotics"])
    bundle = their_bundle(warning(), feedback(), seizure())
    spoil(bundle)
    answer = send(mexico, bundle)
    assert answer.status_code == 400
    assert BROKEN[spoil] in {error["code"] for error in answer.json()["errors"]}
    assert not Inbound.objects.exists()
    assert not Alert.objects.exists()


def test_a_bundle_of_too_many_objects_is_refused(mexico: Mexico) -> None:
    bundle = their_bundle(warning())
    bundle["objects"] *= 300
    answer = send(mexico, bundle)
    assert (answer.status_code, answer.json()["code"]) == (413, "too_many_objects")


@pytest.fixture
def server(live_server: LiveServer, settings: Any) -> str:
    settings.BASE_URL = live_server.url
    return str(live_server.url)


def collection_of(mexico: Mexico, server: str) -> Any:
    client = Server(f"{server}/taxii2/", user="anybody", password=mexico.key)
    (found,) = client.api_roots[0].collections
    return found


def test_a_stock_taxii_client_reads_ours(mexico: Mexico, server: str) -> None:
    mexico.agree()
    for n in range(3):
        issue(("plate", f"TX T{n}"))
    issue(("plate", "TX SECRET"), mark="amber+strict")
    client = Server(f"{server}/taxii2/", user="anybody", password=mexico.key)
    (root,) = client.api_roots
    (collection,) = root.collections
    assert collection.can_read
    assert not collection.can_write
    objects = collection.get_objects()["objects"]
    indicators = [found for found in objects if found["type"] == "indicator"]
    assert len(indicators) == 3
    assert "SECRET" not in json.dumps(objects)
    assert faults({"type": "bundle", "id": f"bundle--{EXTENSION[-36:]}", "objects": objects}) == []
    manifest = collection.get_manifest()["objects"]
    assert {entry["id"] for entry in manifest} == {found["id"] for found in indicators}
    one = collection.get_object(indicators[0]["id"])["objects"]
    assert [found["id"] for found in one] == [indicators[0]["id"]]
    first = collection.get_objects(limit=2)
    assert first["more"]
    rest = collection.get_objects(limit=2, next=first["next"])
    assert not rest["more"]
    added = manifest[-1]["date_added"]
    later = collection.get_manifest(added_after=added).get("objects", [])
    assert all(entry["date_added"] >= added for entry in later)


def test_taxii_shows_a_stranger_nothing(mexico: Mexico, server: str) -> None:
    mexico.agree()
    answer = requests.get(f"{server}/taxii2/", timeout=10)
    assert answer.status_code == 401
    assert answer.headers["WWW-Authenticate"].startswith("Basic")
    wrong = requests.get(f"{server}/taxii2/", auth=("x", "tt_no"), timeout=10)
    assert wrong.status_code == 401
    canada = make_partner("CA-CBSA", "CA")
    collection = collection_of(mexico, server)
    other = requests.get(f"{collection.url}objects/", auth=("x", canada.key), timeout=10)
    assert (other.status_code, other.json()["code"]) == (404, "no_such_collection")


@pytest.mark.parametrize("query", ["limit=x", "next=-1", "added_after=yesterday"])
def test_a_wrong_taxii_filter_is_named(mexico: Mexico, server: str, query: str) -> None:
    mexico.agree()
    collection = collection_of(mexico, server)
    answer = requests.get(f"{collection.url}objects/?{query}", auth=("x", mexico.key), timeout=10)
    assert answer.status_code == 400
    assert answer.json()["errors"][0]["field"] == query.partition("=")[0]


def test_the_schema_of_the_extension_is_public(server: str) -> None:
    assert requests.get(f"{server}/taxii2/extension.json", timeout=10).json()["type"] == "object"
