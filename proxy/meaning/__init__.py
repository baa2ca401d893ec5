"""Values become facts, facts become turns and ratings: presets, markers, phrases, identity. Pure: no I/O, no clock."""
