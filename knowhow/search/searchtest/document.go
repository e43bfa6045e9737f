package searchtest

import (
	"fmt"
	"strings"
)

const front = "---\ntitle: %q\nowner: sato\nreviewed: 2026-04-01\n---\n\n"

// japanese writes a document: what belongs to it, among lines that any
// document could have and the passing mention of another component.
func (c *Corpus) japanese(p piece, doc int) string {
	title, _ := p.titles(doc)
	steps := p.trouble.jaSteps
	if doc == 1 {
		steps = p.trouble.jaRemedies
	}
	var b strings.Builder
	fmt.Fprintf(&b, front, title)
	fmt.Fprintf(&b, "## TODO\n\n- [ ] %s\n- [ ] %s\n\n## 手順\n\n### %sの%s\n\n", pick(c.rnd, commonJa), pick(c.rnd, commonJa), p.subject.ja, p.trouble.ja)
	for i, s := range steps {
		fmt.Fprintf(&b, "%d. %s。`%s` を使う。ホスト %s が対象\n", i+1, s, pick(c.rnd, p.subject.tools), c.host())
		fmt.Fprintf(&b, "   %s。%s。\n", pick(c.rnd, commonJa), pick(c.rnd, commonJa))
	}
	other := pick(c.rnd, c.pieces)
	fmt.Fprintf(&b, "\n### 関連\n\n%sの%sは別の文書を読む。%sも同じ作業者が見る。\n", other.subject.ja, other.trouble.ja, pick(c.rnd, c.pieces).subject.jaWords[0])
	fmt.Fprintf(&b, "\n## 確認\n\n- %s\n- 記録 %s に残っていること\n\n## 特記事項\n\n- %s\n- %s\n", pick(c.rnd, commonJa), c.code(), p.facts[doc].ja, pick(c.rnd, commonJa))
	return b.String()
}

func (c *Corpus) english(p piece, doc int) string {
	_, title := p.titles(doc)
	steps := p.trouble.enSteps
	if doc == 1 {
		steps = p.trouble.enRemedy
	}
	var b strings.Builder
	fmt.Fprintf(&b, front, title)
	fmt.Fprintf(&b, "## TODO\n\n- [ ] %s\n- [ ] %s\n\n## Procedure\n\n### %s: %s\n\n", pick(c.rnd, commonEn), pick(c.rnd, commonEn), p.subject.en, p.trouble.en)
	for i, s := range steps {
		fmt.Fprintf(&b, "%d. First %s, with `%s` on %s.\n", i+1, s, pick(c.rnd, p.subject.tools), c.host())
		fmt.Fprintf(&b, "   %s. %s.\n", pick(c.rnd, commonEn), pick(c.rnd, commonEn))
	}
	other := pick(c.rnd, c.pieces)
	fmt.Fprintf(&b, "\n### Related\n\nFor %s of the %s read its own document. The %s is looked after by the same people.\n", other.trouble.en, other.subject.en, pick(c.rnd, c.pieces).subject.en)
	fmt.Fprintf(&b, "\n## Checks\n\n- %s\n- The journal shows %s\n\n## Special specifications\n\n- %s\n- %s\n", pick(c.rnd, commonEn), c.code(), p.facts[doc].en, pick(c.rnd, commonEn))
	return b.String()
}

// host and code are what makes the vocabulary of real know-how large.
func (c *Corpus) host() string {
	return fmt.Sprintf("%s-%s-%02d", pick(c.rnd, subjects[c.half]).slug[:2], pick(c.rnd, sites), c.rnd.IntN(400))
}

func (c *Corpus) code() string {
	return fmt.Sprintf("E%05d-%x", c.rnd.IntN(100_000), c.rnd.IntN(1<<20))
}
