"""What a correct model of AWS networks must say, one numbered statement at a time, on raw AWS responses."""
