"""`logs`: what setups, agents and verify commands have printed."""
