"""The demonstration desk: a throw-away desk with a plausible past, written as the services write.

`make.fill` does it. What happens is in the scenario modules (`duty`, `walks`, `troubles`, `talk`, `scene`, `office`,
`absences`), how it is written down in `by_services` and, many times faster and with the same rows, in `by_journal`.
"""

PIN = "2580"
"""The PIN of everybody at the demonstration desk."""
LOGIN = "eng-a"
"""Who is on duty there, and whom the console opens for."""
