"""The console's pages, one module for each matter. Views write nothing: one service call each."""
