"""The demonstration's ports, lanes, devices, policy and log-ins."""

import secrets
from datetime import datetime
from typing import Any

from django.contrib.auth.hashers import make_password
from django.db import transaction

from lanes.rules.policy import Policy as Rules
from lanes.services.policies import approve_policy, draft_policy
from lanes.services.ports import NewLane, open_port
from trustedtruck.accounts.models import Agency, Device, MachineKey, User
from trustedtruck.accounts.roles import Role, Scope
from trustedtruck.accounts.services import issue_key, register_device
from trustedtruck.audit.actors import Actor

WORLD_TRADE, OTAY_MESA = "2304", "2506"
# A FAST truck takes about 27 s at the booth (press report); the standard time is an assumption.
FAST_SECONDS, STANDARD_SECONDS = 27.0, 75.0
DAY = 24 * 3600.0
# code, name, country, time zone, standard lanes open, fast lanes open, booths in all: CBP's
# snapshot of 2022-06-29.
_PORTS = [
    (WORLD_TRADE, "Laredo, World Trade Bridge", "US", "America/Chicago", 10, 4, 15),
    (OTAY_MESA, "Otay Mesa", "US", "America/Los_Angeles", 6, 3, 10),
]
_DEVICES = [
    (WORLD_TRADE, "gate-1", "Approach gate 1"),
    (WORLD_TRADE, "gate-2", "Approach gate 2"),
    (WORLD_TRADE, "exit-1", "Exit gate"),
    (WORLD_TRADE, "scanner-1", "Scan portal 1"),
    (OTAY_MESA, "otay-gate-1", "Approach gate"),
]
_DEVICE_SCOPES = [
    Scope.ARRIVALS_WRITE,
    Scope.PASSAGES_WRITE,
    Scope.LANES_READ,
    Scope.MANIFESTS_WRITE,
    Scope.CREDENTIALS_READ,
    Scope.SCANS_WRITE,
]


@transaction.atomic
def make_ports(*, by: Actor, approver: Actor, at: datetime) -> None:
    for code, name, country, zone, standard, fast, booths in _PORTS:
        port = open_port(
            code=code,
            name=name,
            country=country,
            timezone=zone,
            lanes=[_lane(booth, fast, fast + standard) for booth in range(1, booths + 1)],
            by=by,
        )
        # So that the samples of demo.json come back fast as they stand, for a day: tier 3 is never
        # drawn, manifests filed just now count, and a report that is some hours old is taken.
        rules = Rules(
            1,
            sampling_by_tier={"1": 0.10, "2": 0.05, "3": 0.0},
            late_report_s=DAY,
            fast_filing_minutes=0.0,
        )
        policy = draft_policy(port=port, body=rules.as_json(), by=by, at=at)
        approve_policy(policy=policy, by=approver, at=at)


def _lane(booth: int, fast: int, opened: int) -> NewLane:
    """The first booths are FAST, the last ones closed."""
    return NewLane(
        code=f"{booth:02d}",
        name=f"FAST {booth}" if booth <= fast else f"Standard {booth}",
        route="fast" if booth <= fast else "inspection",
        state="open" if booth <= opened else "closed",
        service_seconds=FAST_SECONDS if booth <= fast else STANDARD_SECONDS,
    )


def make_devices(*, known: dict[str, Any], by: Actor, at: datetime) -> dict[str, Any]:
    """The demonstration's devices with a working key each; keys of an earlier start are kept."""
    found = {}
    for port_code, code, name in _DEVICES:
        device = Device.objects.filter(port_code=port_code, code=code).first()
        if device is None:
            device = register_device(port_code=port_code, code=code, name=name, by=by)
        key = known.get(code, {}).get("key", "")
        if not _works(key, device):
            key = issue_key(scopes=_DEVICE_SCOPES, by=by, at=at, device=device)
        found[code] = {"port": port_code, "name": name, "key": key}
    return found


def _works(key: str, device: Device) -> bool:
    prefix = key.split("_")[1] if key.count("_") >= 2 else ""
    return MachineKey.objects.filter(
        prefix=prefix, device=device, revoked_at=None, scopes__contains=_DEVICE_SCOPES
    ).exists()


@transaction.atomic
def make_logins(*, known: dict[str, Any]) -> dict[str, Any]:
    """One officer for each role, two where two people are needed; passwords made here, once."""
    customs, _new = Agency.objects.get_or_create(
        code="US-CBP", defaults={"name": "Customs and Border Protection", "country": "US"}
    )
    partner, _new = Agency.objects.get_or_create(
        code="MX-ANAM", defaults={"name": "Agencia Nacional de Aduanas", "country": "MX"}
    )
    twice = (
        *(Role.SUPERVISOR, Role.POLICY_OFFICER, Role.ENROLMENT_OFFICER),
        *(Role.INSPECTOR, Role.IMAGE_ANALYST, Role.PARTNER_OFFICER),
    )
    found = {}
    for role in Role:
        for suffix in ("", "_2") if role in twice else ("",):
            name = f"{role.value}{suffix}"
            username = name.replace("_", "-")
            password = password_of(username, known.get(name, {}))
            if not User.objects.filter(username=username).exists():
                administrator = role == Role.SYSTEM_ADMINISTRATOR
                User.objects.create(
                    username=username,
                    password=make_password(password),
                    email=f"{username}@example.org",
                    first_name=str(role.label),
                    last_name="II" if suffix else "",
                    agency=partner if role == Role.PARTNER_OFFICER else customs,
                    roles=[role],
                    ports=[WORLD_TRADE, OTAY_MESA],
                    is_staff=administrator,
                    is_superuser=administrator,
                )
            found[name] = {"username": username, "password": password}
    return found


def password_of(username: str, known: dict[str, Any]) -> str:
    """The password of an earlier start; a new one for a log-in whose demo.json was lost."""
    if password := known.get("password"):
        return str(password)
    password = secrets.token_urlsafe(9)
    User.objects.filter(username=username).update(password=make_password(password))
    return password
