"""What the laboratory is built from: servers, names, certificates, and what breaks between them."""
