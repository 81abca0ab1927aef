enum DNSPlaceholder {}
