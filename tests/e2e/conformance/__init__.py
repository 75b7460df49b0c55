"""The same calls by three clients against `headroom local`, and against moto."""
