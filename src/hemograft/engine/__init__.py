"""Time: machine code from the declared model, and the loop that advances patients through their orders."""
