"""What preconf_log.py consists of. Python's standard library only."""
