"""Act: one decision a session, routed, guarded and written down before anything is sent."""
