"""What the tests share: far ends, terminals, people at a keyboard."""
