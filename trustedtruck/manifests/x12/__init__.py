"""ASC X12 by hand: envelopes and segments for any transaction set, and those of truck manifests.

Pure: no Django, no clock, no settings. Which elements of a truck manifest stand where is described
in `profile`, which is ours where no public source fixes it.
"""
