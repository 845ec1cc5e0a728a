"""The console: Textual app, commands, theme, screens, forms and widgets."""
