// The race detector makes the dictionary load for ten seconds.

//go:build !race

package search

import (
	"runtime"
	"slices"
	"testing"
	"time"
	"unicode"

	"github.com/ikawaha/kagome-dict/ipa"
	"github.com/ikawaha/kagome/v2/tokenizer"
	"golang.org/x/text/unicode/norm"
)

// inDictionary is what a word of the dictionary counts in a query: of what was
// tried, the best for it.
const inDictionary = 0.4

// withKagome gives scanners that cut Japanese into the words of a dictionary,
// in their base forms, without particles and endings. It looks at text whose
// katakana is still katakana, as the dictionary has it.
func withKagome(t testing.TB) func() *scanner {
	t.Helper()
	k, err := tokenizer.New(ipa.Dict(), tokenizer.OmitBosEos())
	if err != nil {
		t.Fatal(err)
	}
	return func() *scanner {
		var term []rune
		return &scanner{segmentation: segmentation{
			fold: func(out []rune, text string) []rune {
				for _, r := range norm.NFKC.String(text) {
					out = append(out, unicode.ToLower(r))
				}
				return out
			},
			cut: func(run []rune, emit func([]rune)) {
				for _, token := range k.Analyze(string(run), tokenizer.Search) {
					if word, ok := content(token); ok {
						term = skeleton(term[:0], word)
						emit(term[:min(len(term), longestTerm)])
					}
				}
			},
			worth: func(term []rune) float64 {
				if len(term) == 1 {
					return inDictionary / 2
				}
				return inDictionary
			},
		}}
	}
}

// content gives the base form of a word that means something.
func content(token tokenizer.Token) (string, bool) {
	features := token.Features()
	if len(features) > 0 && slices.Contains([]string{"助詞", "助動詞", "記号", "接続詞", "フィラー"}, features[0]) || len(skeleton(nil, token.Surface)) == 0 {
		return "", false
	}
	if base, ok := token.BaseForm(); ok && base != "*" {
		return base, len(skeleton(nil, base)) > 0
	}
	return token.Surface, true
}

// TestSegmentations compares a dictionary's words with pairs of characters.
// Everything else is the same for both.
func TestSegmentations(t *testing.T) {
	if testing.Short() {
		t.Skip("the dictionary takes seconds to load")
	}
	before := heap()
	began := time.Now()
	kagome := withKagome(t)
	t.Logf("the dictionary takes %.0f MB and %v to load", (heap()-before)/(1<<20), time.Since(began).Round(time.Millisecond))
	for _, tt := range []struct {
		name string
		corpus
	}{{"tried", tried}, {"held", held}} {
		made, base := tt.make(t)
		queries := made.Queries(eachKind)
		measure := func(name string, scanner func() *scanner) float64 {
			before, began := heap(), time.Now()
			x := build(base, scanner)
			took := time.Since(began)
			mean, kinds := grade(x, queries)
			t.Logf("%s, %s: nDCG@5 %.3f, built in %v, %.2f MB kept, %d terms%s",
				tt.name, name, mean, took.Round(time.Millisecond), (heap()-before)/(1<<20), len(x.posts.terms), table(kinds))
			runtime.KeepAlive(x)
			return mean
		}
		pairs, words := measure("pairs", newScanner), measure("kagome", kagome)
		if pairs < words-0.01 {
			t.Errorf("%s: pairs have nDCG@5 %.3f and a dictionary's words %.3f: the choice was the other way round", tt.name, pairs, words)
		}
	}
}
