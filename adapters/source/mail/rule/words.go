package rule

import (
	"cmp"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// What a mail can say of its alert. Package comment, Status.
const (
	problem  = "problem"
	recovery = "recovery"
	flapping = "flapping"
	note     = "note"
)

var statuses = []string{problem, recovery, flapping, note}

// words give what a sender's words mean, by the folded word.
type words map[string]string

// commonStatus are words of status that mean the same wherever they stand. A
// rule's own words come before them.
var commonStatus = index(map[string][]string{
	problem: {"problem", "firing", "alert", "alarm", "alerting", "down", "critical", "crit", "warning", "warn", "unknown", "unreachable", "error", "err", "fail", "failed", "failure",
		"ng", "triggered", "open", "emergency", "fatal", "high", "障害", "障害発生", "異常", "異常検知", "発生", "検知", "警告", "警報", "エラー", "停止", "失敗", "危険", "致命的"},
	recovery: {"recovery", "recovered", "resolved", "ok", "up", "normal", "restored", "cleared", "clear", "closed", "success", "succeeded",
		"復旧", "障害復旧", "回復", "障害回復", "正常", "正常復帰", "復帰", "解消", "障害解消", "解決", "成功"},
	flapping: {"flapping", "flappingstart", "フラッピング", "頻発"},
	note:     {"note", "acknowledgement", "acknowledged", "ack", "downtimestart", "downtimeend", "downtimeremoved", "downtimecancelled", "custom", "test", "information", "info", "確認", "情報", "通知", "テスト"},
})

// index turns the words around: each to what it means.
func index(meanings map[string][]string) words {
	out := words{}
	for meaning, all := range meanings {
		for _, word := range all {
			out[fold(word)] = meaning
		}
	}
	return out
}

// statusOf gives the meaning of a word of status. What nobody knows is a
// problem: too much is told rather than too little.
func (r *rule) statusOf(word string) (status string, known bool) {
	if word == "" {
		return problem, true
	}
	for _, key := range []string{fold(word), bare(word)} {
		if s, ok := r.words[statusPart][key]; ok {
			return s, true
		}
		if s, ok := commonStatus[key]; ok {
			return s, true
		}
	}
	return problem, false
}

// bare is a word of status without what stands around it: "[✓ Resolved]" is
// "resolved", and "復旧通知" is "復旧".
func bare(word string) string {
	word = strings.TrimFunc(fold(word), func(r rune) bool { return !unicode.IsLetter(r) })
	for _, end := range []string{"のお知らせ", "通知", "メール", "しました", "済み", "notification"} {
		if rest, ok := strings.CutSuffix(word, end); ok && rest != "" {
			return rest
		}
	}
	return word
}

// topicWords are those that topicOf takes away, the longest first.
var topicWords = func() []string {
	out := make([]string, 0, len(commonStatus)+8)
	for w := range commonStatus {
		out = append(out, w)
	}
	out = append(out, "のお知らせ", "しました", "再", "検出")
	slices.SortFunc(out, func(a, b string) int { return cmp.Or(cmp.Compare(len(b), len(a)), cmp.Compare(a, b)) })
	return out
}()

// topicOf is a subject without what tells a problem from its recovery, so that
// both have one topic: "【障害】web01 ディスク容量" and "【復旧】web01
// ディスク容量" have "web01 ディスク容量".
func topicOf(subject string) string {
	s := " " + strings.ToLower(norm.NFKC.String(withoutPrefixes(subject))) + " "
	for _, w := range topicWords {
		if w[0] < utf8.RuneSelf {
			s = withoutWord(s, w)
		} else {
			s = strings.ReplaceAll(s, w, " ")
		}
	}
	for _, empty := range []string{"【 】", "【】", "[ ]", "[]", "( )", "()", "** ", " **", "『 』", "「 」", "《 》", "< >"} {
		s = strings.ReplaceAll(s, empty, " ")
	}
	s = strings.Join(strings.Fields(s), " ")
	return strings.Trim(s, " :;!.。、-")
}

// withoutWord takes a Latin word away where it stands alone.
func withoutWord(s, w string) string {
	for from := 0; ; {
		i := strings.Index(s[from:], w)
		if i < 0 {
			return s
		}
		i += from
		before, _ := utf8.DecodeLastRuneInString(s[:i])
		after, _ := utf8.DecodeRuneInString(s[i+len(w):])
		if inWord(before) || inWord(after) {
			from = i + len(w)
			continue
		}
		s = s[:i] + " " + s[i+len(w):]
		from = i + 1
	}
}

func inWord(r rune) bool {
	return r < utf8.RuneSelf && (unicode.IsLetter(r) || unicode.IsDigit(r) || r == '_' || r == '-' || r == '.')
}
