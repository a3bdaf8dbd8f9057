"""Blind reading: a protocol, a round of slides under blind codes, a queue for each reader, and the consensus."""
