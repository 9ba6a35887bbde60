"""A supervisor as OTP has it: a pure function over its children."""
