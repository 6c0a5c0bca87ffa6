"""The portal's views, one file per matter. They write nothing: each POST is one service call."""
