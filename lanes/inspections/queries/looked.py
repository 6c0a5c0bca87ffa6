"""What an inspection came to, from what people looked at."""

from lanes.inspections.models import Exam, Inspection, Verdict


def result_of(inspection: Inspection) -> str:
    """`finding`, `compliant`, or empty where nobody looked: an exam outweighs a scan."""
    exams = list(
        Exam.objects.filter(inspection=inspection, state="approved").values_list(
            "passed", flat=True
        )
    )
    if exams:
        good = all(exams)
        return Inspection.Result.COMPLIANT if good else Inspection.Result.FINDING
    words = set(
        Verdict.objects.filter(scan__inspection=inspection, final=True).values_list(
            "word", flat=True
        )
    )
    return Inspection.Result.COMPLIANT if words == {Verdict.Word.CLEAR} else ""
