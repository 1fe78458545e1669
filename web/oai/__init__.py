"""The library for harvesters: OAI-PMH 2.0.

Source: https://www.openarchives.org/OAI/openarchivesprotocol.html
"""
