"""What the laboratory is built from: servers, names, certificates, and broken things between them."""
