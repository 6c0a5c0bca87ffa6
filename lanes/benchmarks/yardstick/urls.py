"""Its two addresses."""

from django.urls import path

from lanes.benchmarks.yardstick.views import InsertView, TextbookView

urlpatterns = [
    path("insert/", InsertView.as_view()),
    path("textbook/", TextbookView.as_view()),
]
