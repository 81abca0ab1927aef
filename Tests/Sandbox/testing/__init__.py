"""What the tests of the sandbox rest on."""
