"""`POST /api/v1/plant-health-certificates/` and what a certificate means for a trip."""

import base64
import datetime as dt
from typing import Any

import pytest
from django.db import DatabaseError, transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.manifests.conftest import TESTER, Filer, body
from trustedtruck.manifests.ephyto import reader
from trustedtruck.manifests.models import Certificate, CertificateMessage, Trip
from trustedtruck.manifests.queries import Asked, trips_for_arrivals
from trustedtruck.manifests.samples import sample_certificate
from trustedtruck.manifests.services.arrivals import mark_arrived
from trustedtruck.manifests.services.seals import NewSeal, replace_seals

pytestmark = pytest.mark.django_db
URL = "/api/v1/plant-health-certificates/"
AT = dt.datetime(2026, 11, 20, tzinfo=dt.UTC)


def xml(number: str = "MX-2026-1", seal: str = "S0001", **changes: Any) -> bytes:
    return sample_certificate(number=number, seal=seal, issued_at=AT, **changes)


def send(filer: Filer, sent: bytes, media: str = "application/xml") -> Any:
    return filer.post(sent, media, url=URL)


def avocados(filer: Filer) -> None:
    response = filer.post(body(hs_code="08044000", description="FRESH AVOCADOS"))
    assert response.status_code == 201, response.content


def found() -> Any:
    asked = [Asked("a", "2304", trip_number="NRTE0001")]
    return trips_for_arrivals(asked, certificates_for=("08",))["a"].certificates


def test_a_certificate_is_read_and_stored_whole(agency: Filer) -> None:
    response = send(agency, xml())

    assert response.status_code == 201, response.content
    answer = response.json()
    assert answer["number"] == "MX-2026-1"
    assert (answer["state"], answer["type_code"]) == ("issued", "851")
    assert answer["seals"] == [{"number": "S0001", "equipment": "R100"}]
    assert answer["lines"][0]["scientific_name"] == "Persea americana"
    assert float(answer["lines"][0]["net_weight_kg"]) == 8000
    assert answer["issued_at"] == "2026-11-20T00:00:00Z"
    assert answer["not_understood"] == []
    assert bytes(CertificateMessage.objects.get().body) == xml()
    assert agency.get(response["Location"]).json()["number"] == "MX-2026-1"


def test_it_agrees_with_the_shipment_under_its_seal(norte: Filer, agency: Filer) -> None:
    avocados(norte)
    send(agency, xml())

    (certificate,) = found()

    assert certificate.agrees
    assert certificate.control_number == "NRTE0001"
    assert certificate.source == "agency"


@pytest.mark.parametrize(
    ("changes", "mismatches"),
    [
        ({"seal": "OTHER1"}, ("seal",)),
        ({"hs_code": "070200"}, ("commodity",)),
        ({"consignee": "Somebody Else LLC"}, ("consignee",)),
        ({"import_country": "CA"}, ("import_country",)),
        ({"weight_kg": 2000}, ("weight",)),
        ({"consignee": "Somebody Else", "weight_kg": 1}, ("consignee", "weight")),
    ],
)
def test_every_mismatch_is_named(
    norte: Filer, agency: Filer, changes: dict[str, Any], mismatches: tuple[str, ...]
) -> None:
    avocados(norte)
    send(agency, xml(**changes))

    (certificate,) = found()

    assert certificate.mismatches == mismatches
    assert not certificate.agrees


def test_names_and_codes_are_compared_by_what_they_mean(norte: Filer, agency: Filer) -> None:
    avocados(norte)
    send(agency, xml(consignee="LONE STAR COMPONENTS INCORPORATED", hs_code="0804.40"))

    (certificate,) = found()

    assert certificate.agrees


def test_withdrawn_is_withdrawn_for_good(norte: Filer, agency: Filer) -> None:
    avocados(norte)
    send(agency, xml())
    assert send(agency, xml(status="40")).json()["state"] == "withdrawn"

    (certificate,) = found()
    assert not certificate.agrees

    again = send(agency, xml(status="70", weight_kg=8001))
    assert again.status_code == 409
    assert again.json()["code"] == "transition_refused"


def test_a_certificate_replaces_another(agency: Filer) -> None:
    send(agency, xml())
    send(agency, xml("MX-2026-2", replaces="MX-2026-1"))

    states = dict(Certificate.objects.values_list("number", "state"))
    assert states == {"MX-2026-1": "replaced", "MX-2026-2": "issued"}


def test_a_successor_that_came_first_replaces_as_well(agency: Filer) -> None:
    send(agency, xml("MX-2026-2", replaces="MX-2026-1"))
    assert send(agency, xml()).json()["state"] == "replaced"


def test_a_carrier_replaces_nothing_of_others(norte: Filer, agency: Filer) -> None:
    send(norte, xml("MX-2026-2", replaces="MX-2026-1"))
    assert send(agency, xml()).json()["state"] == "issued"


def test_a_certificate_replaces_not_itself(agency: Filer) -> None:
    assert send(agency, xml(replaces="MX-2026-1")).json()["state"] == "issued"


def test_what_a_carrier_sent_by_itself_proves_nothing(norte: Filer, agency: Filer) -> None:
    """Until an agency sends the same; from then on the carrier cannot change it any more."""
    avocados(norte)
    send(norte, xml())
    (certificate,) = found()
    assert (certificate.mismatches, certificate.source) == (("sender",), "carrier")

    assert send(agency, xml()).status_code == 201

    (certificate,) = found()
    assert certificate.agrees
    assert send(norte, xml(weight_kg=8001)).json()["code"] == "not_your_certificate"
    assert send(norte, xml()).json()["repeated"] is True


@pytest.mark.parametrize("replaced", [False, True])
def test_a_seal_that_came_through_carries_no_second_truck(
    norte: Filer, agency: Filer, replaced: bool
) -> None:
    avocados(norte)
    send(agency, xml())
    first = Trip.objects.get()
    if replaced:
        new = [NewSeal("S0001", "CBP1", "H")]
        replace_seals(trip_id=first.pk, seals=new, by=TESTER, at=AT)
    mark_arrived(trip_number="NRTE0001", by=TESTER, at=AT)
    assert found()[0].agrees  # the same truck, once more

    norte.post(body("NRTE0002", hs_code="080440", seals=("S0001",), plate="OTHER1"))

    asked = [Asked(n, "2304", trip_number=f"NRTE000{n}") for n in (1, 2)]
    facts = trips_for_arrivals(asked, certificates_for=("08",))
    assert facts[1].certificates[0].agrees
    assert facts[2].certificates[0].mismatches == ("used",)


def test_the_same_bytes_again_change_nothing(agency: Filer) -> None:
    first, second = send(agency, xml()), send(agency, xml())

    assert (first.status_code, second.status_code) == (201, 200)
    assert second.json()["repeated"] is True
    assert CertificateMessage.objects.count() == 1


def test_a_carrier_cannot_withdraw_what_another_filed(norte: Filer, sur: Filer) -> None:
    send(norte, xml())

    response = send(sur, xml(status="40"))

    assert response.status_code == 409
    assert response.json()["code"] == "not_your_certificate"
    assert Certificate.objects.get().state == "issued"
    assert sur.get(f"{URL}{Certificate.objects.get().public_id}/").status_code == 404


def test_an_envelope_may_hold_it_plain_or_as_base64(agency: Filer) -> None:
    ns = 'xmlns:e="http://ephyto.ippc.int/HUB.Entities"'
    plain = xml("A-1").decode().split("?>", 1)[1].replace("&", "&amp;").replace("<", "&lt;")
    coded = base64.b64encode(xml("A-2")).decode()
    inline = xml("A-3").decode().split("?>", 1)[1]

    for content in (plain, coded, inline):
        sent = f"<e:Envelope {ns}><e:From>MX</e:From><e:Content>{content}</e:Content></e:Envelope>"
        response = send(agency, sent.encode(), "text/xml")
        assert response.status_code == 201, response.content

    assert set(Certificate.objects.values_list("number", flat=True)) == {"A-1", "A-2", "A-3"}


def test_other_prefixes_versions_and_order_are_read(agency: Filer) -> None:
    sent = (
        b'<SPSCertificate xmlns="urn:un:unece:uncefact:data:standard:SPSCertificate:18">'
        b"<SPSConsignment><ImportSPSCountry><ID>us</ID></ImportSPSCountry>"
        b"<ExportSPSCountry><Name>Mexico</Name><ID>MX</ID></ExportSPSCountry>"
        b"<Novelty>?</Novelty></SPSConsignment>"
        b"<SPSExchangedDocument><StatusCode listID='x'>70</StatusCode>"
        b"<IssueDateTime>not a day</IssueDateTime><ID>N-1</ID></SPSExchangedDocument>"
        b"</SPSCertificate>"
    )

    answer = send(agency, sent).json()

    assert (answer["number"], answer["import_country"]) == ("N-1", "US")
    assert len(answer["not_understood"]) == 2


BOMB = (
    b'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;">]>'
    b"<SPSCertificate>&b;</SPSCertificate>"
)
OUTSIDE = (
    b'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY f SYSTEM "file:///etc/passwd">]>'
    b"<SPSCertificate>&f;</SPSCertificate>"
)


@pytest.mark.parametrize(
    ("sent", "code"),
    [
        (b"<", "ephyto_not_xml"),
        (b"{}", "ephyto_not_xml"),
        (b"\xff\xfe\x00", "ephyto_not_xml"),
        (b"<?xml version='1.0' encoding='ebcdic-cp-be'?><a/>", "ephyto_not_xml"),
        (b"<?xml version='1.0' encoding='no-such'?><a/>", "ephyto_not_xml"),
        (xml()[:-30], "ephyto_not_xml"),
        (BOMB, "ephyto_dtd"),
        (OUTSIDE, "ephyto_dtd"),
        (b"<a>" * 5000 + b"</a>" * 5000, "ephyto_too_deep"),
        (b"<Envelope><Content>!!</Content></Envelope>", "ephyto_no_certificate"),
        (b"<html/>", "ephyto_no_certificate"),
        (b"<SPSCertificate xmlns='urn:other'/>", "ephyto_wrong_namespace"),
        (b"<a>" + xml().split(b"?>", 1)[1] * 2 + b"</a>", "ephyto_two_certificates"),
        (b"<SPSCertificate/>", "required"),
        (xml(status="99"), "unknown_status"),
    ],
)
def test_what_is_no_certificate_is_refused_in_words(agency: Filer, sent: bytes, code: str) -> None:
    response = send(agency, sent)

    assert response.status_code == 400, response.content
    assert code in {e["code"] for e in response.json()["errors"]}
    assert not Certificate.objects.exists()


GOOD = xml()


@settings(
    max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(data=st.data())
def test_no_cut_or_splice_makes_the_reader_fall(data: st.DataObject) -> None:
    at = data.draw(st.integers(0, len(GOOD)))
    upto = data.draw(st.integers(at, len(GOOD)))
    filling = data.draw(
        st.binary(max_size=12) | st.sampled_from([b"<ID>", b"&lt;", b"]]>", b"1e9"])
    )
    try:
        reader.read(GOOD[:at] + filling + GOOD[upto:])
    except reader.Unreadable:
        return


def test_more_elements_than_any_certificate_has_are_refused() -> None:
    with pytest.raises(reader.Unreadable, match="more than 1,000,000"):
        reader.read(b"<a>" + b"<b/>" * 1_000_000 + b"</a>")


def test_what_was_received_is_never_changed(agency: Filer) -> None:
    send(agency, xml())
    with pytest.raises(DatabaseError), transaction.atomic():
        CertificateMessage.objects.update(status_code="70")
