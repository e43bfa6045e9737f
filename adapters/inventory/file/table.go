package file

import (
	"bytes"
	"encoding/csv"
	"errors"
	"io"
	"slices"
	"strings"
	"unicode"

	"tebiki/adapters/inventory"
)

// columns are what a table may have, in the order in which people are told.
var columns = []string{"host", "aliases", "owners", "group", "team", "service", "env", "note"}

// table reads what a spreadsheet has written: a line of names, then a server
// in each.
func (p *parser) table(data []byte) []inventory.Server {
	text, bad := decode(data)
	if bad > 0 {
		p.fault(bad, "the characters are neither UTF-8 nor Shift_JIS: save it as \"CSV UTF-8\"")
		return nil
	}
	if !bytes.Contains(text, []byte("\n")) { // as old spreadsheets for the Mac end their lines
		text = bytes.ReplaceAll(text, []byte("\r"), []byte("\n"))
	}
	r := &rows{parser: p, csv: csv.NewReader(bytes.NewReader(text))}
	r.csv.Comma, r.csv.FieldsPerRecord = separator(text), -1
	if !r.next() {
		if len(p.faults) == 0 {
			p.fault(1, "the file is empty: its first line names the columns, such as host,aliases,owners,team")
		}
		return nil
	}
	head, ok := r.head()
	if !ok {
		return nil
	}
	return r.servers(head)
}

// separator is the one that makes the most columns of the first line.
func separator(text []byte) rune {
	line, _, _ := bytes.Cut(text, []byte("\n"))
	best, most := ',', 0
	for _, sep := range []rune{',', ';', '\t'} {
		r := csv.NewReader(bytes.NewReader(line))
		r.Comma, r.LazyQuotes = sep, true
		if cells, err := r.Read(); err == nil && len(cells) > most {
			best, most = sep, len(cells)
		}
	}
	return best
}

// rows are those of a table. Each cell knows its line: one in quotes may have
// several.
type rows struct {
	*parser
	csv   *csv.Reader
	cells []value
}

// next reads a row that has anything in it. Quotes that do not fit end the
// table: what follows them means nothing certain.
func (r *rows) next() bool {
	for {
		row, err := r.csv.Read()
		var wrong *csv.ParseError
		switch {
		case errors.Is(err, io.EOF):
			return false
		case errors.As(err, &wrong):
			r.fault(wrong.Line, "this is no table: %v: a cell with quotes, separators or line breaks in it stands in quotes, and a quote within is doubled", wrong.Err)
			return false
		case err != nil:
			r.fault(1, "the table cannot be read: %v", err)
			return false
		}
		r.cells = r.cells[:0]
		for i, text := range row {
			line, _ := r.csv.FieldPos(i)
			r.cells = append(r.cells, value{line, strings.TrimSpace(text)})
		}
		if slices.ContainsFunc(r.cells, func(v value) bool { return v.text != "" }) {
			return true
		}
	}
}

// head gives the columns' names; "" for one that has none.
func (r *rows) head() (names []string, ok bool) {
	if !slices.ContainsFunc(r.cells, func(v value) bool { return slices.Contains(columns, strings.ToLower(v.text)) }) {
		r.fault(r.cells[0].line, "the first line does not name the columns: a table has %s", strings.Join(columns, ", "))
		return nil, false
	}
	before := len(r.faults)
	for _, c := range r.cells {
		name := strings.ToLower(c.text)
		switch {
		case name == "":
		case !slices.Contains(columns, name):
			r.fault(c.line, "unknown column %.40q: a table has %s", c.text, strings.Join(columns, ", "))
		case slices.Contains(names, name):
			r.fault(c.line, "the column %s is there twice", name)
		}
		names = append(names, name)
	}
	if !slices.Contains(names, "host") {
		r.fault(r.cells[0].line, "there is no column host, which names the servers")
	}
	return names, len(r.faults) == before
}

func (r *rows) servers(head []string) (out []inventory.Server) {
	for r.next() {
		if len(out) == maxServers {
			r.fault(r.cells[0].line, "there are more servers than the %d that are read", maxServers)
			return nil
		}
		out = append(out, r.server(head))
	}
	return out
}

func (r *rows) server(head []string) (s inventory.Server) {
	at := map[string]value{}
	for i, c := range r.cells {
		switch {
		case c.text == "":
		case i >= len(head) || head[i] == "":
			r.fault(c.line, "%.40q stands in a column without a name: name it in the first line, or put a cell with separators in it in quotes", c.text)
		case r.short(c, head[i]):
			at[head[i]] = c
		}
	}
	if i := slices.Index(head, "host"); i >= len(r.cells) || r.cells[i].text == "" {
		r.fault(r.cells[0].line, noHost)
	}
	one := func(column string, read func(value, string) string) string {
		if v, ok := at[column]; ok {
			return read(v, column)
		}
		return ""
	}
	several := func(column string, most int, read func(value, string) string) []string {
		return r.list(at[column].line, parts(at[column]), column, most, read)
	}
	s = inventory.Server{
		Host: one("host", r.host), Aliases: several("aliases", maxAliases, r.host), Owners: several("owners", maxOwners, r.id),
		Group: one("group", r.id), Team: one("team", r.id), Service: one("service", r.id), Env: one("env", r.id), Note: one("note", r.text),
	}
	if s.Group != "" && len(s.Owners) > 0 {
		r.fault(at["group"].line, groupAndMore)
	}
	return s
}

// parts are the names in a cell, with spaces or semicolons between them.
func parts(v value) (out []value) {
	for _, part := range strings.FieldsFunc(v.text, func(r rune) bool { return r == ';' || unicode.IsSpace(r) }) {
		out = append(out, value{v.line, part})
	}
	return out
}
