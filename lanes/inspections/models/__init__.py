"""Stations, inspections, scans, exams, joint inspections, proposals."""

from lanes.inspections.models.exams import Exam, Finding, Photo, PointResult, SealChange
from lanes.inspections.models.inspections import Inspection
from lanes.inspections.models.joint import JointInspection, JointVerdict, Word
from lanes.inspections.models.proposals import Proposal
from lanes.inspections.models.scans import Scan, ScanImage, Verdict
from lanes.inspections.models.stations import Facility, JointHours, Station

__all__ = [
    "Exam",
    "Facility",
    "Finding",
    "Inspection",
    "JointHours",
    "JointInspection",
    "JointVerdict",
    "Photo",
    "PointResult",
    "Proposal",
    "Scan",
    "ScanImage",
    "SealChange",
    "Station",
    "Verdict",
    "Word",
]
