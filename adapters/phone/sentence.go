package phone

// A Sentence is something that is said on a call.
type Sentence struct {
	Text string // in the language of the call
	// Fixed says as much of it as recorded words can, for when nothing else
	// speaks: names of sounds, "number:12" (read as a number) and
	// "digits:0312" (read one by one), between spaces. "" when they can say
	// nothing of it.
	Fixed string
}

// Texts are sentences of which recorded words can say nothing.
func Texts(texts ...string) []Sentence {
	out := make([]Sentence, len(texts))
	for i, t := range texts {
		out[i].Text = t
	}
	return out
}
