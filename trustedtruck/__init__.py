"""The trusted-truck programme: who is trusted."""
