"""The operator's workbench: record traffic, explain what is understood of it, learn a preset, replay it under other rules.

Nothing here runs beside live traffic but the recording, which is handed copies and can be left behind.
"""
