package adapters

import "fmt"

// A Finding is something that is wrong with how an adapter is set up, and
// what to do about it.
type Finding struct {
	About string // "the bot token", "the project OPS", "Sato"
	Fault string
	Do    string
}

// A Report is what a doctor has found.
type Report struct {
	Facts []string // how the other side is, and what Tebiki makes of it
	Found []Finding
}

// Fact adds what is worth knowing.
func (r *Report) Fact(format string, args ...any) {
	r.Facts = append(r.Facts, fmt.Sprintf(format, args...))
}

// Fault adds what is wrong.
func (r *Report) Fault(about, fault, do string) {
	r.Found = append(r.Found, Finding{About: about, Fault: fault, Do: do})
}
