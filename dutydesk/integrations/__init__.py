"""The outside world: monitoring plugins, backup programs, notifications."""
