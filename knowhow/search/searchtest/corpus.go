// Package searchtest makes know-how, questions about it and alerts from a
// seed, each with the answers that are right, and measures how good given
// answers are.
//
// The data's way: New draws components from subjects (a mail relay, a load
// balancer) and troubles (out of space, certificate expiry), and writes two
// documents of each in Japanese and in English. Queries and Alerts then ask
// for them as people and monitoring systems do. NDCG grades a list of answers.
//
// Halves share no subject, so that what was chosen by looking at one can be
// proven on the other.
package searchtest

import (
	"fmt"
	"io/fs"
	"math/rand/v2"
	"strings"
	"testing/fstest"

	"tebiki/knowhow"
)

// A Corpus is know-how that was made from a seed. It is for one goroutine.
type Corpus struct {
	rnd    *rand.Rand
	half   int
	pieces []piece
}

// A piece is one component: a subject's trouble, at a site in large corpora.
type piece struct {
	subject subject
	trouble trouble
	site    string
	facts   [2]fact // one for each document
}

func (p piece) name() string { return p.subject.slug + "-" + p.trouble.slug + p.suffix() }

func (p piece) suffix() string {
	if p.site == "" {
		return ""
	}
	return "-" + p.site
}

// docs names the two documents: how to look, and how to mend.
func (p piece) docs() [2]string { return [2]string{p.name() + "-look", p.name() + "-mend"} }

// New draws n components from one half of the subjects, 0 or 1. Each has two
// documents, in Japanese and in English.
func New(seed uint64, half, n int) *Corpus {
	c := &Corpus{rnd: rand.New(rand.NewPCG(seed, uint64(half))), half: half}
	for site := 0; len(c.pieces) < n; site++ {
		var all []piece
		for _, s := range subjects[half] {
			for _, t := range troubles {
				all = append(all, piece{subject: s, trouble: t, site: siteName(site), facts: [2]fact{pick(c.rnd, facts), pick(c.rnd, facts)}})
			}
		}
		c.rnd.Shuffle(len(all), func(i, j int) { all[i], all[j] = all[j], all[i] })
		c.pieces = append(c.pieces, all[:min(len(all), n-len(c.pieces))]...)
	}
	return c
}

// siteName is empty for the first: small corpora have one of each.
func siteName(i int) string {
	if i == 0 {
		return ""
	}
	return fmt.Sprintf("%s%d", sites[i%len(sites)], i)
}

func pick[T any](rnd *rand.Rand, of []T) T { return of[rnd.IntN(len(of))] }

// Base loads the know-how.
func (c *Corpus) Base() (*knowhow.Base, error) {
	base, err := knowhow.Load(c.files())
	if err != nil {
		return nil, fmt.Errorf("load the know-how that searchtest made: %w", err)
	}
	return base, nil
}

func (c *Corpus) files() fs.FS {
	files := make(fstest.MapFS)
	var index strings.Builder
	index.WriteString("components:\n")
	plain := make(map[string]bool) // subjects whose bare names are taken
	for _, p := range c.pieces {
		fmt.Fprintf(&index, "  - name: %s\n    request_type: incident\n    title: {ja: %q, en: %q}\n    aliases: %s\n    subtickets:\n",
			p.name(), p.subject.ja+"の"+p.trouble.ja, p.subject.en+": "+p.trouble.en, quoted(p.aliases(plain)))
		for i, doc := range p.docs() {
			ja, en := p.titles(i)
			fmt.Fprintf(&index, "      - {title: {ja: %q, en: %q}, document: %s}\n", ja, en, doc)
			files["docs/"+doc+".ja.md"] = &fstest.MapFile{Data: []byte(c.japanese(p, i))}
			files["docs/"+doc+".en.md"] = &fstest.MapFile{Data: []byte(c.english(p, i))}
		}
	}
	files["knowhow.yaml"] = &fstest.MapFile{Data: []byte(index.String())}
	return files
}

// aliases are other words for the component. The first one of a subject is
// also found by the subject's bare names.
func (p piece) aliases(plain map[string]bool) []string {
	var out []string
	for _, w := range p.subject.jaWords {
		out = append(out, w+p.trouble.jaWord+p.site)
	}
	for _, w := range p.subject.enWords {
		out = append(out, strings.TrimSpace(w+" "+p.trouble.enWord+" "+p.site))
	}
	if !plain[p.subject.slug] {
		plain[p.subject.slug] = true
		out = append(out, p.subject.jaWords[1], p.subject.enWords[1])
	}
	return out
}

func (p piece) titles(doc int) (ja, en string) {
	ja, en = p.subject.ja+"の"+p.trouble.ja, p.trouble.en+" of the "+p.subject.en
	if doc == 0 {
		return ja + "を切り分ける", "Looking into " + en
	}
	return ja + "に対処する", "Dealing with " + en
}

func quoted(words []string) string {
	q := make([]string, len(words))
	for i, w := range words {
		q[i] = fmt.Sprintf("%q", w)
	}
	return "[" + strings.Join(q, ", ") + "]"
}
