"""The city itself: population, network, terrain, zones and the modelled baseline."""
