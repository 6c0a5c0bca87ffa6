"""Identifiers of trucks, people, companies and goods: how each is written and when it is wrong.

Pure: no framework, no settings, no clock. A module per family, named as its entry in
`kinds.KINDS`, with two functions:

- `normalise(text) -> str`: the one form in which the identifier is stored and compared;
- `check(text) -> Checked`: the normal form with every error and warning; never raises.

A code begins with its module's name. An error means that no such identifier exists; a warning
means that one like it may well have been issued, and a person should look.
"""
