"""Who may read the console: roles, the readers that have them, and the tokens that prove it.

Pure data and one file. The command writes tokens, the console reads them; neither needs the other to run.
"""
