package check

// margin is how much more than its limit is read of a check's output, on both
// sides of what is left out. It is thrown away when something was: a secret
// of up to this many bytes is seen as a whole or is not shown at all.
const margin = 16 << 10

// A shown is output that may leave the package: text without secrets, and
// within the limit.
type shown struct {
	text   string
	judged string // the same without the note of what was cut
	cut    bool
}

// show cleans what was kept, masks it, and only then cuts it.
func (r *Runner) show(out Output) shown {
	if out.Lost == 0 {
		return r.fit(r.mask.text(clean(out.Text)), "", 0)
	}
	head, tail := clean(out.Text), clean(out.Rest)
	end := min(len(clean(out.Text[:max(len(out.Text)-margin, 0)])), len(head))
	begin := max(len(tail)-len(clean(out.Rest[min(margin, len(out.Rest)):])), 0)
	lost := out.Lost + len(out.Text) + len(out.Rest)
	return r.fit(r.mask.part(head, 0, end), r.mask.part(tail, begin, len(tail)), lost)
}

// fit puts the note between the two parts of an output of which total bytes
// were printed. With total 0 head is the whole, and may be cut itself.
func (r *Runner) fit(head, tail string, total int) shown {
	if total == 0 && len(head) <= r.limits.Output {
		return shown{text: head, judged: head}
	}
	if total == 0 {
		total, tail = len(head), head
	}
	room := max(r.limits.Output-len(cutNote(total)), 0)
	head = first(head, room/2)
	tail = last(tail, room-len(head))
	return shown{text: head + cutNote(total-len(head)-len(tail)) + tail, judged: head + "\n" + tail, cut: true}
}
