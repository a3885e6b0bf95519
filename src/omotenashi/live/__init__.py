"""What was recorded, as it is read: which things a replay needs, and how they are kept."""
