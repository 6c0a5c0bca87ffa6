"""A validated insert, and the same with a decision."""

from typing import Any

from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from lanes.benchmarks.yardstick.models import Report
from lanes.benchmarks.yardstick.tasks import decide

PATIENCE_SECONDS = 10.0


class ReportSerializer(serializers.ModelSerializer[Report]):
    class Meta:
        model = Report
        exclude = ["route", "reasons"]


class InsertView(APIView):
    """What REST framework itself costs: one validated row."""

    def post(self, request: Request) -> Response:
        serializer = ReportSerializer(data=request.data)
        serializer.is_valid(raise_exception=True)
        serializer.save()
        return Response(serializer.data, status=201)


class TextbookView(APIView):
    """The row, a task, and its result."""

    def post(self, request: Request) -> Response:
        serializer = ReportSerializer(data=request.data)
        serializer.is_valid(raise_exception=True)
        report = serializer.save()
        decision: dict[str, Any] = decide.delay(report.pk).get(timeout=PATIENCE_SECONDS)
        return Response(serializer.data | decision, status=201)
