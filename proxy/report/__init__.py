"""The monthly report: one page for each audience, made from the figures of a month and of the month before.

`compose` decides what is said, as data; `html`, `markdown`, `tables` and `pdf` only write it down. Nothing here reads a store
or a socket: who asks for a report brings the figures.
"""
