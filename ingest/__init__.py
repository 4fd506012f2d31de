"""What a document travels through on its way into a knowledge base."""
