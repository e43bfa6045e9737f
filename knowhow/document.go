package knowhow

import (
	"slices"
	"strconv"
	"strings"
	"time"

	"gopkg.in/yaml.v3"
)

// headings are the sections' names, folded, in both languages.
var headings = map[string]string{
	"todo": "TODO", "to do": "TODO", Fold("やること"): "TODO",
	"procedure": "Procedure", "手順": "Procedure",
	"checks": "Checks", "確認": "Checks",
	"special specifications": "Special specifications", "特記事項": "Special specifications",
}

// parseDoc reads one document; doc is whole only if there are no faults.
func parseDoc(file, name, lang, text string) (*Doc, Faults) {
	var faults Faults
	doc := &Doc{Name: name, Lang: lang, Source: file}
	lines := strings.Split(strings.TrimSuffix(text, "\n"), "\n")
	end := slices.Index(lines[1:], "---") + 1
	if lines[0] != "---" || end == 0 {
		at := position{file, 1, 1}
		return nil, Faults{at.fault("there is no front matter; begin the file with a line ---, then title, owner and reviewed, then a line ---")}
	}
	// A blank line stands for the first ---, so that line numbers are right.
	front := "\n" + strings.Join(lines[1:end], "\n")
	doc.readFront(newReader(file, text, &faults), front)
	(&outline{file: file, faults: &faults, sections: doc.sections()}).read(lines, end+1)
	return doc, faults
}

func (d *Doc) readFront(r *reader, front string) {
	root, ok := r.root(front)
	if !ok {
		return
	}
	r.mapping(root, "the front matter", frontShape, keys{
		"title":    func(n *yaml.Node) { d.Title = r.text(n, "title") },
		"owner":    func(n *yaml.Node) { d.Owner = r.text(n, "owner"); d.ownerAt = r.at(n) },
		"reviewed": func(n *yaml.Node) { d.Reviewed = r.day(n); d.reviewedAt = r.at(n) },

		"review_after": func(n *yaml.Node) { d.ReviewAfter = r.days(n, "review_after") },
	})
}

func (r *reader) day(n *yaml.Node) time.Time {
	day, err := time.Parse(time.DateOnly, n.Value)
	if n.Kind != yaml.ScalarNode || err != nil || day.Year() < 2000 {
		r.fault(n, "reviewed must be a day such as 2026-04-01; correct it")
	}
	return day
}

// days reads a number of days, such as 180d.
func (r *reader) days(n *yaml.Node, what string) time.Duration {
	days, err := strconv.ParseUint(strings.TrimSuffix(n.Value, "d"), 10, 16)
	if n.Kind != yaml.ScalarNode || err != nil || !strings.HasSuffix(n.Value, "d") || days < 1 || days > 3650 {
		r.fault(n, "%s must be a number of days from 1d to 3650d; correct it", what)
	}
	return time.Duration(days) * 24 * time.Hour
}

// sections gives where the text of each section goes.
func (d *Doc) sections() map[string]*string {
	return map[string]*string{
		"TODO": &d.TODO, "Procedure": &d.Procedure,
		"Checks": &d.Checks, "Special specifications": &d.Special,
	}
}
