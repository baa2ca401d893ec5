"""Charts as SVG strings, for the page and the report alike: pure functions, no script, no style attribute.

Colours come from the style sheet of the reader through classes, so that one chart serves light, dark and print, and a strict
content security policy. Every chart has a title for screen readers and a table beside it; a sparkline repeats what its tile
says in words and is hidden from them.
"""
