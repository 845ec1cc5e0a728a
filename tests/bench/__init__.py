"""How fast and how small the console is, against the budgets of DESIGN 7."""
