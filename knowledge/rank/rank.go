package rank

// A Term is one addend of a score, with its name.
type Term struct {
	Name  string  `json:"name"`
	Value float64 `json:"value"`
}
