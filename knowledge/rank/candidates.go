package rank

// Candidates is what an index hands to the re-ranker.
type Candidates struct{}
