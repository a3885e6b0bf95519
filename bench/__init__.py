"""How fast the house is, on this machine, told as shares of a server that only parses and answers."""
