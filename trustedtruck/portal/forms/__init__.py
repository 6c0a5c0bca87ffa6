"""The portal's forms: they read what was typed; the services judge it."""
