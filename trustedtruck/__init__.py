"""The trusted-truck programme: who is trusted."""

import gc

# Reading the code makes hundreds of thousands of objects that stay; to look for garbage among them
# after every 700 new ones took a quarter of each process's start.
gc.set_threshold(20_000)
