"""What could be answered on paper, given facts, rules and an instant. No I/O, no clock, no chance."""
