"""The modelled baseline city: what cannot be had offline, from a seed and parameters.

Nothing here is surveyed. Every frame is a function of the anchors given, the parameters and the
seed, so that two runs agree to the last bit.
"""
