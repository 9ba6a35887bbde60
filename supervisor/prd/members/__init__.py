"""The members of PRDs and stories: what each of them means, whatever form the document has."""
