"""The second floor: what the agents make of the market, and how often their like was right."""
