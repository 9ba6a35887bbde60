"""The command `report`: what a run took and what came of it, from the journals."""
