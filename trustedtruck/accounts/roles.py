"""What an officer may be: each role as a sentence, with the permissions that it holds."""

from dataclasses import dataclass

from django.db import models
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _


class Role(models.TextChoices):
    GATE_OPERATOR = "gate_operator", _("Gate operator")
    PRIMARY_OFFICER = "primary_officer", _("Primary officer")
    INSPECTOR = "inspector", _("Inspector")
    IMAGE_ANALYST = "image_analyst", _("Image analyst")
    SUPERVISOR = "supervisor", _("Supervisor")
    POLICY_OFFICER = "policy_officer", _("Policy officer")
    ENROLMENT_OFFICER = "enrolment_officer", _("Enrolment officer")
    PARTNER_OFFICER = "partner_officer", _("Partner officer")
    AUDITOR = "auditor", _("Auditor")
    SYSTEM_ADMINISTRATOR = "system_administrator", _("System administrator")


class Permission(models.TextChoices):
    """What a person may do in the console; “own ports” are those of the officer’s account."""

    BOARD_READ = "board_read", _("see the lanes and arrivals of the own ports")
    ARRIVAL_READ = "arrival_read", _("see all that is known of a truck at the own ports")
    LANE_CHANGE = "lane_change", _("open, close and change lanes of the own ports")
    TRUCK_REFER = "truck_refer", _("send a truck to inspection, with a reason")
    FAST_ASK = "fast_ask", _("ask to let a truck into the fast lane against its decision")
    FAST_APPROVE = "fast_approve", _("approve such a request of another officer")
    TRUCK_HOLD = "truck_hold", _("place and lift holds on a credential")
    ALARM_CLOSE = "alarm_close", _("close alarms of the own ports, with a note")
    INSPECTION_READ = "inspection_read", _("see inspections, scans and exams of the own ports")
    INSPECTION_WRITE = "inspection_write", _("order, examine, hold, release, seize, send back")
    SCAN_JUDGE = "scan_judge", _("read scans and give a verdict")
    EXAM_APPROVE = "exam_approve", _("approve an exam that another officer signed")
    JOINT_READ = "joint_read", _("see the joint inspections of the own agency")
    JOINT_EXAMINE = "joint_examine", _("fill in exams of joint inspections, and sign them")
    JOINT_JUDGE = "joint_judge", _("give the own agency’s verdict in joint inspections")
    STATION_CHANGE = "station_change", _("set up, open and close stations of the own ports")
    FIGURES_READ = "figures_read", _("see the figures of the own ports")
    SHIFT_READ = "shift_read", _("print the hand-over of a shift")
    SEARCH = "search", _("search carriers, trucks, trips and seals")
    PERSON_READ = "person_read", _("see names and birth dates of drivers")
    ENROLMENT_READ = "enrolment_read", _("see applications and the standing of carriers")
    ENROLMENT_WRITE = "enrolment_write", _("review applications, visits, sanctions, appeals")
    POLICY_READ = "policy_read", _("see the policies of the own ports")
    POLICY_DRAFT = "policy_draft", _("draft a policy for the own ports")
    POLICY_APPROVE = "policy_approve", _("approve a policy that somebody else drafted")
    PLAN = "plan", _("simulate days of the own ports, save and share scenarios")
    DEVICE_READ = "device_read", _("see the devices of the own ports and the state of their keys")
    DEVICE_WRITE = "device_write", _("register and revoke devices, issue and revoke keys")
    PORT_WRITE = "port_write", _("take in ports, and add lanes to them")
    OFFICER_READ = "officer_read", _("see who is an officer, and what each may do")
    OFFICER_WRITE = "officer_write", _("add, change and block officers")
    AUDIT_READ = "audit_read", _("read and export the audit")
    SUBJECT_EXPORT = "subject_export", _("export all data on one person, for that person")
    ALERT_READ = "alert_read", _("see alerts and hits as far as their marks allow")
    ALERT_WRITE = "alert_write", _("issue, change and withdraw alerts of the own agency")
    ALERT_ANSWER = "alert_answer", _("confirm or dismiss hits, give feedback, report seizures")
    ALERT_ACCEPT = "alert_accept", _("accept or reject what partners send")
    SHARING_WRITE = "sharing_write", _("register partners, sign and end agreements, recall copies")
    ADMIN_READ = "admin_read", _("look at the tables of the product")


P = Permission


@dataclass(frozen=True)
class Described:
    """`text` says in one sentence what the role is for."""

    text: str | Promise
    permissions: frozenset[Permission]


_PORT = frozenset({P.BOARD_READ, P.ARRIVAL_READ, P.SEARCH})
ROLES: dict[Role, Described] = {
    Role.GATE_OPERATOR: Described(
        _("Watches the lanes of a port and opens and closes them."),
        frozenset({P.BOARD_READ, P.LANE_CHANGE}),
    ),
    Role.PRIMARY_OFFICER: Described(
        _("Meets each truck at the booth, and can send it to inspection with a reason."),
        _PORT
        | {P.PERSON_READ, P.TRUCK_REFER, P.FAST_ASK, P.ALARM_CLOSE}
        | {P.INSPECTION_READ, P.JOINT_READ}
        | {P.ALERT_READ, P.ALERT_ANSWER},
    ),
    Role.INSPECTOR: Described(
        _("Examines trucks that were sent to inspection."),
        _PORT
        | {P.PERSON_READ, P.TRUCK_REFER, P.FAST_ASK, P.TRUCK_HOLD, P.ALARM_CLOSE}
        | {P.INSPECTION_READ, P.INSPECTION_WRITE, P.EXAM_APPROVE, P.FIGURES_READ}
        | {P.JOINT_READ, P.JOINT_EXAMINE, P.JOINT_JUDGE}
        | {P.ALERT_READ, P.ALERT_WRITE, P.ALERT_ANSWER},
    ),
    Role.IMAGE_ANALYST: Described(
        _("Reads scans; sees the truck and its manifest, but not who drives it."),
        _PORT | {P.INSPECTION_READ, P.JOINT_READ, P.SCAN_JUDGE},
    ),
    Role.SUPERVISOR: Described(
        _("Leads a shift: lanes, alarms, holds, the hand-over, and the second look at policies."),
        _PORT
        | {P.PERSON_READ, P.LANE_CHANGE, P.TRUCK_REFER, P.TRUCK_HOLD, P.ALARM_CLOSE, P.SHIFT_READ}
        | {P.FAST_ASK, P.FAST_APPROVE, P.STATION_CHANGE, P.FIGURES_READ, P.SCAN_JUDGE}
        | {P.INSPECTION_READ, P.INSPECTION_WRITE, P.EXAM_APPROVE}
        | {P.JOINT_READ, P.JOINT_EXAMINE, P.JOINT_JUDGE}
        | {P.POLICY_READ, P.POLICY_APPROVE, P.DEVICE_READ, P.ENROLMENT_READ, P.OFFICER_READ}
        | {P.PLAN}
        | {P.ALERT_READ, P.ALERT_WRITE, P.ALERT_ANSWER, P.ALERT_ACCEPT, P.SHARING_WRITE},
    ),
    Role.POLICY_OFFICER: Described(
        _("Drafts a port’s policy, and approves what another officer drafted."),
        frozenset({P.BOARD_READ, P.POLICY_READ, P.POLICY_DRAFT, P.POLICY_APPROVE})
        | {P.FIGURES_READ, P.PLAN},
    ),
    Role.ENROLMENT_OFFICER: Described(
        _("Reviews carriers: applications, site visits, sanctions and appeals."),
        frozenset({P.SEARCH, P.PERSON_READ, P.ENROLMENT_READ, P.ENROLMENT_WRITE, P.SUBJECT_EXPORT}),
    ),
    Role.PARTNER_OFFICER: Described(
        _(
            "Works for another country’s agency: sees the lanes and trucks of the shared ports,"
            " and takes part in joint inspections."
        ),
        frozenset({P.BOARD_READ, P.ARRIVAL_READ, P.JOINT_READ, P.JOINT_EXAMINE, P.JOINT_JUDGE})
        | {P.EXAM_APPROVE, P.FIGURES_READ, P.ALERT_READ, P.ALERT_ANSWER},
    ),
    Role.AUDITOR: Described(
        _("Reads everything that was done and by whom, and changes nothing."),
        _PORT
        | {P.ENROLMENT_READ, P.POLICY_READ, P.DEVICE_READ, P.OFFICER_READ, P.AUDIT_READ}
        | {P.SHIFT_READ, P.ADMIN_READ, P.INSPECTION_READ, P.JOINT_READ, P.FIGURES_READ}
        | {P.ALERT_READ},
    ),
    Role.SYSTEM_ADMINISTRATOR: Described(
        _("Looks after ports, devices, keys and officers; decides about no truck and no carrier."),
        frozenset({P.DEVICE_READ, P.DEVICE_WRITE, P.OFFICER_READ, P.OFFICER_WRITE, P.ADMIN_READ})
        | {P.PORT_WRITE},
    ),
}


def permissions_of(roles: list[str]) -> frozenset[Permission]:
    """All that these roles hold together; an unknown role holds nothing."""
    found: set[Permission] = set()
    for role in roles:
        if role in Role.values:
            found |= ROLES[Role(role)].permissions
    return frozenset(found)


class Scope(models.TextChoices):
    """What a machine's key may do."""

    ARRIVALS_WRITE = "arrivals:write", _("report arrivals and read their lanes")
    PASSAGES_WRITE = "passages:write", _("report passages")
    CROSSINGS_READ = "crossings:read", _("read the crossings of the carrier’s own trucks")
    LANES_READ = "lanes:read", _("read lanes and live events of its port")
    SCANS_WRITE = "scans:write", _("post scans")
    MANIFESTS_WRITE = "manifests:write", _("file manifests and certificates")
    CREDENTIALS_ISSUE = "credentials:issue", _("issue and change credentials")
    CREDENTIALS_READ = "credentials:read", _("fetch the lane bundle")
    EDGE_RUN = "edge:run", _("run the port by itself: fetch its bundle, send its journal")
    ALERTS_READ = "alerts:read", _("read alerts that an agreement releases")
    ALERTS_WRITE = "alerts:write", _("send alerts")
