package rule_test

import (
	"encoding/base64"
	"fmt"
	"mime/quotedprintable"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"golang.org/x/text/encoding/japanese"
)

// writeMails makes the mails of mails.txt, and writes their files with -update.
func writeMails(t *testing.T) map[string][]byte {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(corpus, "mails.txt"))
	if err != nil {
		t.Fatal(err)
	}
	out := map[string][]byte{}
	for _, section := range strings.Split(string(text), "\n==== ")[1:] {
		head, body, _ := strings.Cut(section, "\n")
		name, options, _ := strings.Cut(head, " ")
		out[name] = write(t, name, optionsOf(options), body+"\n")
		if *update {
			if err := os.WriteFile(filepath.Join(corpus, name+".eml"), out[name], 0o644); err != nil {
				t.Fatal(err)
			}
		}
	}
	return out
}

func optionsOf(s string) map[string]string {
	out := map[string]string{"charset": "utf-8", "cte": "8bit", "words": "B", "type": "text/plain"}
	for _, o := range strings.Fields(s) {
		key, value, _ := strings.Cut(o, "=")
		out[key] = value
	}
	if out["label"] == "" {
		out["label"] = out["charset"]
	}
	return out
}

// write makes the bytes of one mail.
func write(t *testing.T, name string, o map[string]string, text string) []byte {
	t.Helper()
	if _, raw := o["raw"]; !raw {
		head, body, _ := strings.Cut(text, "\n\n")
		text = headers(t, name, o, head) + "\n" + transferred(t, o["cte"], in(t, o["charset"], body))
	}
	text = inserted.ReplaceAllStringFunc(text, func(s string) string {
		m := inserted.FindStringSubmatch(s)
		return transferred(t, map[string]string{"base64": "base64", "qp": "quoted-printable"}[m[1]], in(t, m[2], m[3]))
	})
	if _, lf := o["lf"]; !lf {
		text = strings.ReplaceAll(text, "\n", "\r\n")
	}
	return []byte(text)
}

var inserted = regexp.MustCompile(`(?s)⟦(base64|qp|bytes) ([a-z0-9_-]+):(.*?)⟧`)

// in writes a text in a charset.
func in(t *testing.T, charset, s string) string {
	t.Helper()
	enc := japanese.ISO2022JP
	switch charset {
	case "utf-8":
		return s
	case "shift_jis":
		enc = japanese.ShiftJIS
	case "euc-jp":
		enc = japanese.EUCJP
	}
	out, err := enc.NewEncoder().String(s)
	if err != nil {
		t.Fatalf("%q in %s: %v", s, charset, err)
	}
	return out
}

func transferred(t *testing.T, cte, s string) string {
	t.Helper()
	var b strings.Builder
	switch cte {
	case "base64":
		code := base64.StdEncoding.EncodeToString([]byte(s))
		for ; len(code) > 76; code = code[76:] {
			b.WriteString(code[:76] + "\n")
		}
		return b.String() + code
	case "quoted-printable":
		w := quotedprintable.NewWriter(&b)
		if _, err := w.Write([]byte(s)); err != nil || w.Close() != nil {
			t.Fatal(err)
		}
		return strings.ReplaceAll(b.String(), "\r\n", "\n")
	}
	return s
}

// headers writes a header's words, and the fields that every mail has.
func headers(t *testing.T, name string, o map[string]string, head string) string {
	t.Helper()
	var b strings.Builder
	for line := range strings.SplitSeq(head, "\n") {
		b.WriteString(words(t, o, line) + "\n")
	}
	fmt.Fprintf(&b, "To: alerts@example.jp\nDate: Wed, 25 Nov 2026 10:23:46 +0900\nMessage-ID: <%s@example.jp>\nMIME-Version: 1.0\n", name)
	if o["label"] == "-" {
		fmt.Fprintf(&b, "Content-Type: %s\n", o["type"])
	} else {
		fmt.Fprintf(&b, "Content-Type: %s; charset=%q\n", o["type"], o["label"])
	}
	fmt.Fprintf(&b, "Content-Transfer-Encoding: %s\n", o["cte"])
	return b.String()
}

var notASCII = regexp.MustCompile(`[^\x00-\x7f]+(?: [^\x00-\x7f]+)*`)

func words(t *testing.T, o map[string]string, line string) string {
	t.Helper()
	if o["words"] == "raw" {
		return in(t, o["charset"], line)
	}
	return notASCII.ReplaceAllStringFunc(line, func(s string) string {
		raw := in(t, o["charset"], s)
		switch o["words"] {
		case "Q":
			var b strings.Builder
			for i := range len(raw) {
				fmt.Fprintf(&b, "=%02X", raw[i])
			}
			return "=?" + o["label"] + "?Q?" + b.String() + "?="
		case "split":
			at := len(raw)/2 | 1 // within a character
			return word(o, raw[:at]) + "\n " + word(o, raw[at:])
		}
		return word(o, raw)
	})
}

func word(o map[string]string, raw string) string {
	label := o["label"]
	if label == "-" {
		label = o["charset"]
	}
	return "=?" + label + "?B?" + base64.StdEncoding.EncodeToString([]byte(raw)) + "?="
}
