"""What a run is and keeps: its record, its snapshots to be looked at, its checkpoint to go on from."""
