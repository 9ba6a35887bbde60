"""What every process of ours is made of: the way in, the loop, the pipe, and its descendants."""
