"""What the security tests are made of, beyond what the laboratory has."""
