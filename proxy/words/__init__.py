"""What people read, in English and French: one catalogue of sentences, and numbers and dates as each language writes them."""
