"""What the carriers' and the officers' pages share: forms, and the one service call of a page."""
