package searchtest

import (
	"fmt"
	"strings"
	"unicode/utf8"
)

// A Query is words that somebody looks for, and what is right.
type Query struct {
	Kind   string
	Text   string
	Lang   string
	Grades map[string]int // of "component/document": 3 is meant, 2 lies beside it, 1 is of the same subject
}

// A kind makes the words of one sort of query for the document doc of p, and
// tells their language. It gives "" for what p has no such words for.
type kind struct {
	name  string
	whole bool // any document of the component is right
	words func(c *Corpus, p piece, doc int) (text, lang string)
}

var kinds = []kind{
	{"component", true, func(_ *Corpus, p piece, _ int) (string, string) { return p.name(), "en" }},
	{"alias", true, (*Corpus).alias},
	{"typo", true, func(c *Corpus, p piece, _ int) (string, string) {
		return c.slip(pick(c.rnd, p.subject.enWords)) + " " + c.slip(p.trouble.enWord), "en"
	}},
	{"kana typo", true, func(c *Corpus, p piece, _ int) (string, string) {
		return kana(p, c.slip(p.subject.ja)+"の"+p.trouble.ja)
	}},
	{"half-width", true, func(_ *Corpus, p piece, _ int) (string, string) {
		return kana(p, halfWidth(p.subject.ja)+" "+p.trouble.ja)
	}},
	{"full-width", true, func(_ *Corpus, p piece, _ int) (string, string) {
		return fullWidth(p.subject.enWords[0]) + " " + p.trouble.jaWord, "ja"
	}},
	{"hiragana", true, func(_ *Corpus, p piece, _ int) (string, string) {
		return kana(p, hiragana(p.subject.ja)+" "+p.trouble.ja)
	}},
	{"long vowel", true, func(c *Corpus, p piece, _ int) (string, string) {
		return kana(p, c.longVowel(p.subject.ja)+"の"+p.trouble.ja)
	}},
	{"phrase", false, func(c *Corpus, p piece, doc int) (string, string) {
		ja, en := p.titles(doc)
		return c.either(ja, en)
	}},
	{"two words", true, func(c *Corpus, p piece, _ int) (string, string) {
		return c.either(pick(c.rnd, p.subject.jaWords)+" "+p.trouble.ja, p.trouble.en+" "+pick(c.rnd, p.subject.enWords))
	}},
	{"sentence", true, func(c *Corpus, p piece, _ int) (string, string) {
		return c.either(fmt.Sprintf(p.trouble.askJa, pick(c.rnd, append(p.subject.jaWords, p.subject.ja))), fmt.Sprintf(p.trouble.askEn, p.subject.en))
	}},
	{"mixed", true, func(c *Corpus, p piece, _ int) (string, string) {
		return pick(c.rnd, p.subject.enWords) + "の" + p.trouble.ja, "ja"
	}},
	{"step", false, func(c *Corpus, p piece, doc int) (string, string) {
		ja, en := p.trouble.jaSteps, p.trouble.enSteps
		if doc == 1 {
			ja, en = p.trouble.jaRemedies, p.trouble.enRemedy
		}
		return c.either(p.subject.ja+" "+pick(c.rnd, ja), p.subject.en+" "+pick(c.rnd, en))
	}},
	{"body", false, func(c *Corpus, p piece, doc int) (string, string) {
		return c.either(p.facts[doc].jaWords+" "+p.subject.ja, p.facts[doc].enWords+" "+p.subject.en)
	}},
}

// Queries asks n times in each of the ways that people ask.
func (c *Corpus) Queries(n int) []Query {
	var out []Query
	for _, k := range kinds {
		for made, tries := 0, 0; made < n && tries < 50*n; tries++ {
			p, doc := pick(c.rnd, c.pieces), c.rnd.IntN(2)
			text, lang := k.words(c, p, doc)
			if text == "" {
				continue
			}
			if k.whole {
				doc = -1
			}
			out = append(out, Query{k.name, text, lang, c.grades(p, doc)})
			made++
		}
	}
	return out
}

// grades says how right each document is for a question about p, or about
// its document doc alone.
func (c *Corpus) grades(p piece, doc int) map[string]int {
	grades := make(map[string]int)
	for _, q := range c.pieces {
		if q.subject.slug != p.subject.slug {
			continue
		}
		for i, name := range q.docs() {
			grade := 1
			switch {
			case q.name() == p.name() && (doc < 0 || doc == i):
				grade = 3
			case q.name() == p.name():
				grade = 2
			}
			grades[q.name()+"/"+name] = grade
		}
	}
	return grades
}

func (c *Corpus) alias(p piece, _ int) (string, string) {
	return c.either(pick(c.rnd, p.subject.jaWords)+p.trouble.jaWord+p.site, strings.TrimSpace(pick(c.rnd, p.subject.enWords)+" "+p.trouble.enWord+" "+p.site))
}

// either gives one of two and its language.
func (c *Corpus) either(ja, en string) (text, lang string) {
	if c.rnd.IntN(2) == 0 {
		return ja, "ja"
	}
	return en, "en"
}

// kana keeps a query about a subject that has a long name in katakana.
func kana(p piece, query string) (text, lang string) {
	if utf8.RuneCountInString(p.subject.ja) < 5 || strings.ContainsFunc(p.subject.ja, func(r rune) bool { return r < 'ァ' || r > 'ー' }) {
		return "", ""
	}
	return query, "ja"
}
