"""Reading and writing documents and networks: bytes in, values out, and back."""
