"""Who may read the console: roles, the readers that have them, the tokens that prove it, and who looked at what users wrote.

Pure data and one file. The command writes tokens, the console reads them; neither needs the other to run.
"""
